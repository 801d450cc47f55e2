package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"sprocketc/verify"
)

// The progress line appears after a second, on a terminal only, overwrites itself and leaves nothing.
func TestProgress(t *testing.T) {
	var b bytes.Buffer
	p := &progress{w: &b, on: true}
	for _, at := range []time.Duration{100, 900, 1100, 1150, 1400} {
		p.show(verify.Progress{States: int(at) * 10_000, Elapsed: at * time.Millisecond})
	}
	p.clear()
	lines := strings.Split(b.String(), "\r")
	if len(lines) != 5 || lines[0] != "" || !strings.HasPrefix(lines[1], "11 M states") || !strings.HasPrefix(lines[2], "14 M states") || strings.TrimSpace(lines[3]) != "" || lines[4] != "" {
		t.Errorf("%q", lines)
	}
	if len(lines[3]) < max(len(lines[1]), len(lines[2])) {
		t.Errorf("the line is not wiped: %q", lines)
	}
	b.Reset()
	p = &progress{w: &b}
	p.show(verify.Progress{Elapsed: time.Minute})
	p.clear()
	if b.Len() > 0 {
		t.Errorf("%q, though nobody looks", b.String())
	}
}

// What is worked at is told in the same way, once it has taken a second.
func TestTelling(t *testing.T) {
	var b bytes.Buffer
	p := &progress{w: &b, on: true}
	p.telling()("the first moment")
	p.line(2*time.Second, "without memo (2 of 9)")
	p.line(3*time.Second, "without log")
	p.clear()
	if got := b.String(); got != "\rwithout memo (2 of 9)\rwithout log          \r                     \r" {
		t.Errorf("%q", got)
	}
}

func TestNoColourWithoutATerminal(t *testing.T) {
	if w := (&output{w: &bytes.Buffer{}}); terminal(w) || colours(w) || style(w).Colour || style(w).ASCII {
		t.Error("a buffer is taken for a terminal")
	}
}
