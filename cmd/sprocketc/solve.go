package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) solve() *cobra.Command {
	cmd := c.shows("solve FILE", "the plan, its costs, and which clause asked for what; with -v it is checked, and how it came about is told", "plan")
	more := cmd.Flags().Int("alternatives", 0, "show so many of the next best plans too, and how their prices differ")
	var limits search
	limits.flags(cmd)
	shows := cmd.RunE
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		switch {
		case *more < 0 || *more > mostAlternatives:
			return &compile.Usage{Message: fmt.Sprintf("--alternatives is 0 to %d, not %d", mostAlternatives, *more)}
		case *more == 0 && c.verbose:
			return c.telling(cmd, args[0], limits)
		case *more == 0:
			return shows(cmd, args)
		}
		return c.alternatives(cmd, args[0], *more)
	}
	return cmd
}

// mostAlternatives are shown at a time; there are hardly more.
const mostAlternatives = 100

func (c *command) alternatives(cmd *cobra.Command, name string, n int) error {
	d, err := compile.FindDump("plan")
	if err != nil {
		return err
	}
	r, err := c.pipeline(cmd.Context(), name, d.Last, compile.Options{})
	if err == nil {
		err = compile.Shows(r, d)
	}
	if err != nil {
		return c.refused(r, err)
	}
	found, err := compile.Alternatives(r, n)
	if err != nil {
		return err
	}
	if c.inJSON() {
		err = c.print(compile.AlternativesJSON(r, found))
	} else {
		err = compile.PrintDump(c.stdout, r, d, colours(c.stdout))
		if err == nil {
			err = compile.PrintAlternatives(c.stdout, r, found, colours(c.stdout))
		}
	}
	if err != nil {
		return err
	}
	return compile.Accepted(r)
}

// shows is a subcommand that shows one value of the pipeline.
func (c *command) shows(use, short, phase string) *cobra.Command {
	return &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error { return c.showing(cmd, args[0], phase) },
	}
}

func (c *command) showing(cmd *cobra.Command, name, phase string) error {
	d, err := compile.FindDump(phase)
	if err != nil {
		return err
	}
	r, err := c.pipeline(cmd.Context(), name, d.Last, compile.Options{})
	if err == nil {
		err = compile.Shows(r, d)
	}
	if err != nil {
		return c.refused(r, err)
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
