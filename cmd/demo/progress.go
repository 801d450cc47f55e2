package main

import (
	"fmt"
	"io"
	"time"
)

// progress tells how far work is: on a terminal in a line that is overwritten, elsewhere in a line now and then.
type progress struct {
	w        io.Writer
	terminal bool
	last     time.Time
	width    int
}

const (
	everyOnTerminal = 200 * time.Millisecond
	everyElsewhere  = 10 * time.Second
)

func (p *progress) show(line string) {
	every := everyElsewhere
	if p.terminal {
		every = everyOnTerminal
	}
	if time.Since(p.last) < every {
		return
	}
	p.last = time.Now()
	if !p.terminal {
		fmt.Fprintln(p.w, line)
		return
	}
	fmt.Fprintf(p.w, "\r%-*s", p.width, line)
	p.width = max(p.width, len(line))
}

// clear removes the line.
func (p *progress) clear() {
	if p.width > 0 {
		fmt.Fprintf(p.w, "\r%*s\r", p.width, "")
	}
	p.width, p.last = 0, time.Time{}
}
