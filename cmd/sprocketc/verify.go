package main

import (
	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) verify() *cobra.Command {
	var limits search
	cmd := &cobra.Command{
		Use: "verify FILE", Short: "explore everything that losses and crashes can do; a line a property, and the run where one breaks", Args: cobra.ExactArgs(1),
		Long: "Verify explores the machines of a program, or of a text of machines (FILE.fsm).",
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := limits.options()
			if err != nil {
				return err
			}
			r, verdict := c.pipeline(cmd.Context(), args[0], compile.Verify, o)
			if r == nil || r.Report == nil {
				return c.refused(r, verdict)
			}
			if c.inJSON() {
				err = c.print(compile.VerdictJSON(r))
			} else {
				err = compile.PrintVerdict(c.stdout, r, style(c.stdout))
			}
			if err != nil {
				return err
			}
			return verdict
		},
	}
	limits.flags(cmd)
	cmd.Flags().StringVar(&limits.channels, "channels", "", "fifo:C: tell every datagram apart, in channels of capacity C")
	cmd.Flags().BoolVar(&limits.unreduced, "no-reduction", false, "take every transition, redundant ones as well")
	return cmd
}
