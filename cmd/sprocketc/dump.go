package main

import "github.com/spf13/cobra"

func (c *command) dump() *cobra.Command {
	var phase string
	cmd := &cobra.Command{
		Use: "dump FILE", Short: "show what a phase gave: ast, ir, plan, fsm or wire", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.showing(cmd, args[0], phase) },
	}
	cmd.Flags().StringVar(&phase, "phase", "fsm", "ast, ir, plan, fsm or wire")
	return cmd
}
