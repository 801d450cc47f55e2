package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) verify() *cobra.Command {
	var limits search
	var formats []string
	var dir string
	var values bool
	var tests string
	var chances int
	cmd := &cobra.Command{
		Use: "verify FILE", Short: "explore everything that losses and crashes can do; a line a property, and the run where one breaks", Args: cobra.ExactArgs(1),
		Long: "Verify explores the machines of a program, or of a text of machines (FILE.fsm).",
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := limits.options()
			if err == nil {
				err = compile.CheckRunFormats(formats)
			}
			if err != nil {
				return err
			}
			r, verdict := c.pipeline(cmd.Context(), args[0], compile.Verify, o)
			if r == nil || r.Report == nil {
				return c.refused(r, verdict)
			}
			if r.Plan != nil && !errors.Is(verdict, compile.ErrViolated) {
				if err := compile.Chances(cmd.Context(), r, chances); err != nil {
					return err
				}
			}
			switch {
			case c.inJSON():
				err = c.print(compile.VerdictJSON(r))
			case c.asFindings():
				err = c.findings(cmd.Name(), compile.Verified(r))
			default:
				s := style(c.stdout)
				s.Values = values
				err = compile.PrintVerdict(c.stdout, r, s)
			}
			if err == nil && formats != nil {
				err = c.runs(dir, r, formats, values)
			}
			if err == nil && tests != "" {
				err = c.tests(tests, r)
			}
			if err != nil {
				return err
			}
			return verdict
		},
	}
	limits.flags(cmd)
	cmd.Flags().StringSliceVar(&formats, "run", nil, "write the run of each violated property to a file, as "+strings.Join(compile.RunFormats(), ", "))
	cmd.Flags().StringVarP(&dir, "output", "o", ".", "the directory of these files")
	cmd.Flags().StringVar(&tests, "emit-test", "", "write the emitted Go and C below this directory, with a test of it for the run of each violated property")
	cmd.Flags().IntVar(&chances, "chance-states", 0, "states for the figures of each call: more of them, closer bounds (default 80,000)")
	cmd.Flags().BoolVar(&values, "values", false, "show in charts which values each step changed")
	cmd.Flags().StringVar(&limits.channels, "channels", "", "fifo:C: tell every datagram apart, in channels of capacity C")
	cmd.Flags().StringVar(&limits.engine, "engine", "auto", "auto: the engine that fits; exact words whatever the channels: explicit, symbolic (sets of states), both (held against each other)")
	cmd.Flags().IntVar(&limits.workers, "workers", 0, "how many share the table of an exact search (default 1)")
	cmd.Flags().StringVar(&limits.checkpoint, "checkpoint", "", "save an exact search to this file where a limit or an interrupt ends it")
	cmd.Flags().StringVar(&limits.resume, "resume", "", "go on with the search that was saved to this file")
	cmd.Flags().BoolVar(&limits.unreduced, "no-reduction", false, "take every transition, redundant ones as well")
	return cmd
}

// runs writes the runs of a report to files, and says so where a person reads it.
func (c *command) runs(dir string, r *compile.Result, formats []string, values bool) error {
	w, err := compile.WriteRuns(dir, r, formats, values)
	if err != nil || c.inJSON() {
		return err
	}
	for _, name := range append(w.Written, w.Unchanged...) {
		if _, err := fmt.Fprintf(c.stdout, "written      %s\n", filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	return nil
}

// tests writes the runs of a report as tests of the emitted code, and says so where a person reads it.
func (c *command) tests(dir string, r *compile.Result) error {
	known := len(r.Diagnostics)
	w, err := compile.EmitTests(dir, r)
	if err != nil || c.inJSON() {
		c.report(r.Diagnostics[known:]) // names that are one in emitted code
		return err
	}
	return w.Print(c.stdout, dir)
}
