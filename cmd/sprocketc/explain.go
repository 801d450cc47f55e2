package main

import (
	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) explain() *cobra.Command {
	var why string
	var all, runs bool
	cmd := &cobra.Command{
		Use: "explain FILE", Short: "why each feature is in the plan: what breaks without it", Args: cobra.ExactArgs(1),
		Long: `Explain takes a feature out of the plan, as force { FEATURE off } does, and shows the run that then breaks, or the figure
that is missed. What nothing was found for is said to be so: that nothing breaks, or the limit of the search.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if (why != "") == all {
				return &compile.Usage{Message: "say what is to be explained: --why FEATURE, or --all"}
			}
			r, err := c.pipeline(cmd.Context(), args[0], compile.Compose, compile.Options{})
			if err != nil {
				return c.refused(r, err)
			}
			x, err := compile.Explain(cmd.Context(), r, why)
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
	cmd.Flags().BoolVar(&all, "all", false, "every feature of the plan, in a table")
	cmd.Flags().BoolVar(&runs, "run", false, "with --all: the run of each too")
	return cmd
}
