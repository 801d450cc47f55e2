package main

import (
	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) explain() *cobra.Command {
	var why, property string
	var all, runs bool
	cmd := &cobra.Command{
		Use: "explain FILE", Short: "why each feature is in the plan: what breaks without it", Args: cobra.ExactArgs(1),
		Long: `Explain takes a feature out of the plan, as force { FEATURE off } does, and shows the run that then breaks, or the figure
that is missed. With --why it also makes each parameter of the feature a step less, as far as that has a figure. What nothing
was found for is said to be so: that nothing breaks, or the limit of the search.

With --property it tells instead what a property says of this program, what may happen that could break it, and which
features of the plan keep it.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if asked := count(why != "", property != "", all); asked != 1 {
				return &compile.Usage{Message: "say what is to be explained: --why FEATURE, --all, or --property NAME"}
			}
			r, err := c.pipeline(cmd.Context(), args[0], compile.Compose, compile.Options{})
			if err != nil {
				return c.refused(r, err)
			}
			progress := &progress{w: c.stderr, on: terminal(c.stderr)}
			if property != "" {
				m, err := compile.Means(cmd.Context(), r, property, progress.telling())
				progress.clear()
				switch {
				case err != nil:
					return err
				case c.inJSON():
					return c.print(m.JSON())
				}
				return m.Print(c.stdout, style(c.stdout), runs)
			}
			x, err := compile.Explain(cmd.Context(), r, why, progress.telling())
			progress.clear()
			switch {
			case err != nil:
				return err
			case c.inJSON():
				return c.print(x.JSON())
			case all && !runs:
				return x.Print(c.stdout, colours(c.stdout))
			}
			return x.PrintRuns(c.stdout, style(c.stdout))
		},
	}
	cmd.Flags().StringVar(&why, "why", "", "the feature, by the name that solve prints")
	cmd.Flags().StringVar(&property, "property", "", "what this property means here, by the name that verify prints")
	cmd.Flags().BoolVar(&all, "all", false, "every feature of the plan, in a table")
	cmd.Flags().BoolVar(&runs, "run", false, "with --all and --property: the run of each too")
	return cmd
}

// count is how many hold.
func count(of ...bool) int {
	n := 0
	for _, yes := range of {
		if yes {
			n++
		}
	}
	return n
}
