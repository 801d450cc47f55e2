package main

import (
	"time"

	"github.com/spf13/cobra"

	"sprocketc/compile"
)

// search are the flags that bound and steer a verification.
type search struct {
	timeout   time.Duration
	states    int
	memory    string
	channels  string
	unreduced bool

	engine             string
	workers            int
	checkpoint, resume string
}

func (s *search) flags(cmd *cobra.Command) {
	cmd.Flags().DurationVar(&s.timeout, "timeout", 0, "give up the verification after this time, as in 30s (0: never)")
	cmd.Flags().IntVar(&s.states, "max-states", 0, "give up after this many states (0: no limit)")
	cmd.Flags().StringVar(&s.memory, "max-memory", "4GiB", "give up when the tables take this much, as in 64MiB")
}

func (s *search) options() (compile.Options, error) {
	o, err := compile.SearchOptions(s.timeout, s.states, s.memory, s.channels, s.unreduced)
	if err != nil {
		return o, err
	}
	return o, o.Steer(s.engine, s.workers, s.checkpoint, s.resume)
}
