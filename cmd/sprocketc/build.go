package main

import (
	"github.com/spf13/cobra"

	"sprocketc/compile"
)

func (c *command) build() *cobra.Command {
	var limits search
	var dir, peer, depfile, port string
	var emit []string
	var unproven, tests, prove bool
	cmd := &cobra.Command{
		Use: "build FILE...", Short: "check, solve, verify, emit", Args: cobra.MinimumNArgs(1),
		Long: "Build writes the peers of each program below DIR: Go in go/PROTOCOL/, C in c/. It writes nothing unless every program holds.\nWhere a peer in C has a budget (ram max, flash max) and arm-none-eabi-gcc is installed, what it takes on a Cortex-M0+ is measured.",
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := limits.options()
			if err != nil {
				return err
			}
			o.Peer, o.Languages, o.Unproven, o.Tests, o.Prove, o.Port, o.Measure = peer, emit, unproven, tests, prove, port, true
			b := compile.NewBuild(dir, depfile)
			var worst error
			for _, name := range args {
				r, err := c.pipeline(cmd.Context(), name, compile.Emit, o)
				worst = compile.Worse(worst, c.tell(err))
				b.Add(name, r, err)
			}
			worst = compile.Worse(worst, c.tell(b.Write()))
			if c.inJSON() {
				if err := c.print(b.JSON()); err != nil {
					return err
				}
				return worst
			}
			if err := b.Print(c.stdout, style(c.stdout)); err != nil {
				return err
			}
			return worst
		},
	}
	cmd.Flags().StringVarP(&dir, "output", "o", "gen", "write below this directory")
	cmd.Flags().StringSliceVar(&emit, "emit", nil, "go, c, or both, instead of what the program's emit clauses say")
	cmd.Flags().StringVar(&peer, "peer", "", "emit this peer only")
	cmd.Flags().StringVar(&depfile, "depfile", "", "write a dependency file for make or ninja")
	cmd.Flags().BoolVar(&unproven, "no-verify", false, "emit without verification")
	cmd.Flags().BoolVar(&tests, "tests", false, "write a test of random runs of both peers beside the Go code; it needs pgregory.net/rapid")
	cmd.Flags().BoolVar(&prove, "prove-harness", false, "write beside the C code of each peer the file from which Frama-C proves it free of run-time errors")
	cmd.Flags().StringVar(&port, "port", "", "write a driver for this port beside the C code: baremetal")
	limits.flags(cmd)
	return cmd
}
