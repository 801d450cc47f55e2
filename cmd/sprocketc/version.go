package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) version() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "the compiler's version", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			if c.inJSON() {
				return c.print(map[string]any{"version": 1, "protocol": "", "compiler": compile.Version})
			}
			_, err := fmt.Fprintln(c.stdout, "sprocketc", compile.Version)
			return err
		},
	}
}
