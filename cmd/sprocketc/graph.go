package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) graph() *cobra.Command {
	var to, file string
	cmd := &cobra.Command{
		Use: "graph FILE", Short: "the machines as a picture: what each event does and what it sets going", Args: cobra.ExactArgs(1),
		Long: "Graph draws the machines of a program, or of a text of machines (FILE.fsm), with an arrow from each line that sends to the event that receives.",
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := c.pipeline(cmd.Context(), args[0], compile.Compose, compile.Options{})
			if err != nil {
				return c.refused(r, err)
			}
			text, err := compile.Graph(r, to)
			switch {
			case err != nil:
				return err
			case file != "":
				_, err = compile.WriteFile(file, []byte(text))
				if err != nil || c.inJSON() {
					return err
				}
				_, err = fmt.Fprintf(c.stdout, "written      %s\n", file)
				return err
			case c.inJSON():
				return c.print(compile.GraphJSON(r))
			}
			_, err = io.WriteString(c.stdout, text)
			return err
		},
	}
	cmd.Flags().StringVar(&to, "to", compile.GraphFormats[0], strings.Join(compile.GraphFormats, ", "))
	cmd.Flags().StringVarP(&file, "output", "o", "", "write into this file")
	return cmd
}
