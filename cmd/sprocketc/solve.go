package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) solve() *cobra.Command {
	cmd := &cobra.Command{Use: "solve FILE", Args: cobra.ExactArgs(1),
		Short: "the plan, its costs, and which clause asked for what; with -v it is checked, and how it came about is told"}
	var beside compile.Beside
	var picture string
	var limits search
	cmd.Flags().IntVar(&beside.Alternatives, "alternatives", 0, "show so many of the next best plans too, and how their prices differ")
	cmd.Flags().BoolVar(&beside.Prices, "prices", false, "show what each clause of the program costs: how much less the plan would cost without it")
	cmd.Flags().StringVar(&picture, "svg", "", "write the prices as a picture into this file")
	limits.flags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		beside.Prices = beside.Prices || picture != ""
		switch {
		case beside.Alternatives < 0 || beside.Alternatives > mostAlternatives:
			return &compile.Usage{Message: fmt.Sprintf("--alternatives is 0 to %d, not %d", mostAlternatives, beside.Alternatives)}
		case c.verbose && beside.Alternatives == 0 && !beside.Prices:
			return c.telling(cmd, args[0], limits)
		}
		return c.compared(cmd, args[0], &beside, picture)
	}
	return cmd
}

// mostAlternatives are shown at a time; there are hardly more.
const mostAlternatives = 100

// compared shows a plan and what it is compared with; picture is a file for the prices, "" for none.
func (c *command) compared(cmd *cobra.Command, name string, beside *compile.Beside, picture string) error {
	_, r, err := c.until(cmd, name, "plan")
	if err != nil {
		return err
	}
	if err := beside.Compare(r); err != nil {
		return err
	}
	if picture != "" {
		if _, err := compile.WriteFile(picture, []byte(beside.SVG())); err != nil {
			return err
		}
	}
	if c.inJSON() {
		err = c.print(beside.JSON())
	} else {
		err = beside.Print(c.stdout, colours(c.stdout))
		if err == nil && picture != "" {
			_, err = fmt.Fprintf(c.stdout, "\nwritten      %s\n", picture)
		}
	}
	if err != nil {
		return err
	}
	return compile.Accepted(r)
}
