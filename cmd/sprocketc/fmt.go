package main

import (
	"github.com/spf13/cobra"

	"sprocketc/compile"
	"sprocketc/diag"
)

func (c *command) fmt() *cobra.Command {
	var diff, write bool
	cmd := &cobra.Command{
		Use: "fmt [FILE...]", Short: "canonical layout; the standard input where no file is named",
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				args = []string{"-"}
			}
			answer := compile.NewFormat(diff, write)
			var worst error
			for _, name := range args {
				file, err := compile.ReadFile(name, c.stdin)
				if err == nil {
					var found []diag.Diagnostic
					if found, err = answer.Add(file); !c.inJSON() {
						c.report(found)
					}
				}
				worst = compile.Worse(worst, c.tell(err))
			}
			if c.inJSON() {
				if err := c.print(answer.JSON()); err != nil {
					return err
				}
				return worst
			}
			if err := answer.Print(c.stdout); err != nil {
				return err
			}
			return worst
		},
	}
	cmd.Flags().BoolVarP(&diff, "diff", "d", false, "show what would change instead")
	cmd.Flags().BoolVarP(&write, "write", "w", false, "write the files instead of showing them")
	return cmd
}
