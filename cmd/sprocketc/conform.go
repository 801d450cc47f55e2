package main

import (
	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) conform() *cobra.Command {
	var dir string
	var emit []string
	cmd := &cobra.Command{
		Use: "conform FILE", Short: "hold the emitted code against the machines, event by event", Args: cobra.ExactArgs(1),
		Long: "Conform replays every local state and event through the emitted Go and C, or, with -o, writes the vectors and the harness to DIR.\nWhere that would be more than 128 MiB of vectors, every so many-th event is taken, and the answer says which.",
		RunE: func(cmd *cobra.Command, args []string) error {
			if c.asFindings() && dir != "" {
				return &compile.Usage{Message: "--format " + c.format + ": with -o nothing is replayed, and there is no verdict"}
			}
			r, err := c.pipeline(cmd.Context(), args[0], compile.Compose, compile.Options{})
			if err != nil {
				return c.refused(r, err)
			}
			answer, err := compile.Conform(cmd.Context(), r, dir, emit)
			if answer == nil {
				return err
			}
			if c.asFindings() {
				if e := c.findings(cmd.Name(), answer.Findings()); e != nil {
					return e
				}
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
	cmd.Flags().StringVarP(&dir, "output", "o", "", "write the vectors and the harness below this directory, and replay nothing")
	cmd.Flags().StringSliceVar(&emit, "emit", nil, "go, c or both (default: both)")
	return cmd
}
