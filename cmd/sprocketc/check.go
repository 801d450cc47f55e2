package main

import (
	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) check() *cobra.Command {
	return &cobra.Command{
		Use: "check FILE...", Short: "names, types, units, and whether a plan exists; no exploration", Args: cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			answer := compile.NewCheck()
			var worst error
			for _, name := range args {
				r, err := c.pipeline(cmd.Context(), name, compile.Solve, compile.Options{})
				worst = compile.Worse(worst, c.tell(err))
				answer.Add(name, r, err)
			}
			if c.asFindings() {
				if err := c.findings(cmd.Name(), answer.Findings()); err != nil {
					return err
				}
				return worst
			}
			if c.inJSON() {
				if err := c.print(answer.JSON()); err != nil {
					return err
				}
				return worst
			}
			if err := answer.Print(c.stdout, colours(c.stdout)); err != nil {
				return err
			}
			return worst
		},
	}
}
