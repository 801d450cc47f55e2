package main

import (
	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) init() *cobra.Command {
	return &cobra.Command{
		Use: "init [DIR]", Short: "a first program, with a Makefile and a README that build and run", Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			answer, err := compile.Init(dir)
			if err != nil {
				return err
			}
			if c.inJSON() {
				return c.print(answer)
			}
			return answer.Print(c.stdout)
		},
	}
}
