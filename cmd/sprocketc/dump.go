package main

import (
	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) dump() *cobra.Command {
	var phase string
	cmd := &cobra.Command{
		Use: "dump FILE", Short: "show what a phase gave: ast, ir, plan, fsm or wire", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.showing(cmd, args[0], phase) },
	}
	cmd.Flags().StringVar(&phase, "phase", "fsm", "ast, ir, plan, fsm or wire")
	return cmd
}

// until goes on with a file until there is what a phase shows.
func (c *command) until(cmd *cobra.Command, name, phase string) (compile.Dump, *compile.Result, error) {
	d, err := compile.FindDump(phase)
	if err != nil {
		return compile.Dump{}, nil, err
	}
	r, err := c.pipeline(cmd.Context(), name, d.Last, compile.Options{})
	if err == nil {
		err = compile.Shows(r, d)
	}
	if err != nil {
		return d, nil, c.refused(r, err)
	}
	return d, r, nil
}

func (c *command) showing(cmd *cobra.Command, name, phase string) error {
	d, r, err := c.until(cmd, name, phase)
	if err != nil {
		return err
	}
	if c.inJSON() {
		err = c.print(compile.DumpJSON(r, d))
	} else {
		err = compile.PrintDump(c.stdout, r, d, colours(c.stdout))
	}
	if err != nil {
		return err
	}
	return compile.Accepted(r)
}
