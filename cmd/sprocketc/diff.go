package main

import (
	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) diff() *cobra.Command {
	var limits search
	var runs bool
	cmd := &cobra.Command{
		Use: "diff OLD NEW", Short: "what a change breaks for a peer that is already deployed: wire, sizes, limits, promises", Args: cobra.ExactArgs(2),
		Long: `Diff compares two versions of a program, for each function and in each direction: an old caller with a new callee, and a
new caller with an old callee. The wire is compared message by message; then the caller of one version and the callee of the
other are explored as one system, under the channel and the crashes that NEW declares.

  compatible   it does what either version promised
  but          it does, and what is lost is said: values that are dropped, a function that the old peer does not have yet
  breaks       it is not understood, is taken for something else, or a property does not hold
  undecided    a limit was reached before that was known

Exit status: 0 where everything that is deployed goes on working, 3 where a function breaks in either direction, or what a
peer keeps in stable memory is lost by its upgrade; 4 where that is undecided. A call that is marked keep is named then.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := limits.options()
			if err != nil {
				return err
			}
			var version [2]*compile.Result
			for i, name := range args {
				if version[i], err = c.pipeline(cmd.Context(), name, compile.Compose, o); err != nil {
					return c.refused(version[i], err)
				}
			}
			progress := &progress{w: c.stderr, on: terminal(c.stderr)}
			o.Search.Progress = progress.show
			d, err := compile.Diff(cmd.Context(), version[0], version[1], o)
			progress.clear()
			if err != nil {
				return err
			}
			switch {
			case c.inJSON():
				err = c.print(d.JSON())
			case c.asFindings():
				err = c.findings(cmd.Name(), d.Findings())
			default:
				err = d.Print(c.stdout, style(c.stdout), runs)
			}
			if err != nil {
				return err
			}
			return d.Verdict()
		},
	}
	limits.flags(cmd)
	cmd.Flags().BoolVar(&runs, "run", false, "show the run of each function that breaks by what the machines do")
	return cmd
}
