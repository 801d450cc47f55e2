package main

import (
	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) simulate() *cobra.Command {
	var ask compile.Simulation
	cmd := &cobra.Command{
		Use: "run FILE", Short: "the machines against each other under faults, in virtual time", Args: cobra.ExactArgs(1),
		Long: `Run lets both peers talk over a link with the faults that the program declares, or with those of --fault:
loss=0.2 repeat=0.1 reorder=4 corrupt=0.01 delay=10ms..400ms crash=0.01
What a program declares without a figure gets one, and the answer says so. Nothing else happens.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := c.pipeline(cmd.Context(), args[0], compile.Compose, compile.Options{})
			if err != nil {
				return c.refused(r, err)
			}
			answer, err := compile.Simulate(r, ask)
			if answer == nil {
				return err
			}
			if c.inJSON() {
				if e := c.print(answer.JSON()); e != nil {
					return e
				}
				return err
			}
			if e := answer.Print(c.stdout); e != nil {
				return e
			}
			return err
		},
	}
	cmd.Flags().Uint64Var(&ask.Seed, "seed", 1, "decides everything that is left to chance")
	cmd.Flags().IntVar(&ask.Calls, "calls", 1000, "how many calls are made")
	cmd.Flags().StringArrayVar(&ask.Faults, "fault", nil, "a fault and its probability or extent, as in loss=0.2; may be repeated")
	cmd.Flags().IntVar(&ask.Chart, "chart", 0, "draw this call, counted from 1, with its datagrams")
	cmd.Flags().BoolVar(&ask.Steps, "steps", false, "tell every step of every call, in order")
	return cmd
}
