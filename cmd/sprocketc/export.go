package main

import (
	"strings"

	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) export() *cobra.Command {
	var to, dir, channels string
	targets := strings.Join(compile.ExportTargets(), " or ")
	cmd := &cobra.Command{
		Use: "export FILE --to " + strings.Join(compile.ExportTargets(), "|"), Short: "the same machines for another model checker", Args: cobra.ExactArgs(1),
		Long: `Export writes the machines of a program, or of a text of machines (FILE.fsm), for another model checker, with what
starts it on one computer and on many: an outside opinion on what verify says with --channels and --no-reduction.`,
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := c.pipeline(cmd.Context(), args[0], compile.Compose, compile.Options{})
			if err != nil {
				return c.refused(r, err)
			}
			answer, err := compile.Export(r, to, channels, dir)
			if err != nil {
				return err
			}
			if c.inJSON() {
				return c.print(answer.JSON())
			}
			return answer.Print(c.stdout)
		},
	}
	cmd.Flags().StringVar(&to, "to", "", targets)
	cmd.Flags().StringVarP(&dir, "output", "o", ".", "write into this directory")
	cmd.Flags().StringVar(&channels, "channels", "fifo:2", "fifo:C: the capacity of channels whose text states none")
	return cmd
}
