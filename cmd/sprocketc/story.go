package main

import (
	"github.com/spf13/cobra"

	"sprocketc/compile"
)

// telling shows a plan that was checked, the plans before it that broke, and what was learnt from them.
func (c *command) telling(cmd *cobra.Command, name string, limits search) error {
	o, err := limits.options()
	if err != nil {
		return err
	}
	d, err := compile.FindDump("plan")
	if err != nil {
		return err
	}
	r, verdict := c.pipeline(cmd.Context(), name, compile.Verify, o)
	if r != nil && compile.Machine(r.File) {
		err = compile.Shows(r, d) // it says that machines have no plan
	}
	if err != nil || r == nil || r.Plan == nil || r.Report == nil {
		return c.refused(r, compile.Worse(verdict, err))
	}
	if c.inJSON() {
		err = c.print(compile.PlanStory(r))
	} else {
		err = compile.PrintDump(c.stdout, r, d, colours(c.stdout))
		if err == nil {
			err = compile.PrintStory(c.stdout, r, style(c.stdout))
		}
	}
	if err != nil {
		return err
	}
	return verdict
}
