package verify

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"
	"testing"

	"sprocketc/fsm"
	"sprocketc/schema"
)

// piecewise checks a system in pieces of some states each, every one taken up from the checkpoint of the last.
func piecewise(t *testing.T, sys *fsm.System, opt Options, piece, upTo int) (*Report, int) {
	t.Helper()
	var saved []byte
	for n := 1; ; n++ {
		o := opt
		if piece*n < upTo {
			o.MaxStates = piece * n
		}
		if saved != nil {
			c, err := ReadCheckpoint(bytes.NewReader(saved))
			if err != nil {
				t.Fatal(err)
			}
			o.Resume = c
		}
		saved = nil
		o.Save = func(write func(io.Writer) error) error {
			var b bytes.Buffer
			defer func() { saved = b.Bytes() }()
			return write(&b)
		}
		r := decide(t, sys, o)
		if saved == nil {
			return r, n
		}
		if r.Verdict != Undecided {
			t.Fatalf("%s, and there is a checkpoint", r.Verdict)
		}
	}
}

// A search in pieces ends with the same counts as one without interruption.
func TestCheckpoints(t *testing.T) {
	joint := composed(t, agreeCase{calls: effect, off: []string{schema.CallerEpoch, schema.CalleeEpoch}}.plan())
	for _, c := range []struct {
		name        string
		sys         *fsm.System
		opt         Options
		piece, upTo int
	}{
		{"separate machines", load(t, selectiveRepeat(t, 2, 2, 2)), Options{}, 9_000, 64_000},
		{"every transition, two workers", load(t, selectiveRepeat(t, 2, 2, 2)), Options{NoReduction: true, Workers: 2}, 30_000, 64_000},
		{"machines that stay together", joint, Options{Channels: "fifo:2"}, 100, 600},
		{"a capacity that is not stated", load(t, stopAndWait(t, 3, 1)), Options{Channels: "fifo:2"}, 50, 200},
	} {
		whole := decide(t, c.sys, c.opt)
		got, pieces := piecewise(t, c.sys, c.opt, c.piece, c.upTo)
		same := got.States == whole.States && got.Transitions == whole.Transitions && got.Depth == whole.Depth && got.Verdict == whole.Verdict && got.Why == whole.Why
		if !same || !slices.Equal(brief(got), brief(whole)) || pieces < 3 {
			t.Errorf("%s: in %d pieces %d states, %d transitions, depth %d, %s %q; at once %d, %d, %d, %s %q", c.name, pieces, got.States, got.Transitions, got.Depth, got.Verdict, got.Why,
				whole.States, whole.Transitions, whole.Depth, whole.Verdict, whole.Why)
		}
	}
}

// What breaks behind a checkpoint is found, and has its run.
func TestViolationBehindACheckpoint(t *testing.T) {
	text := strings.NewReplacer("% 4", "% 3", "+ 4 -", "+ 3 -").Replace(selectiveRepeat(t, 2, 2, 2))
	whole := check(t, text, Options{})
	got, pieces := piecewise(t, load(t, text), Options{}, 2_000, 10_000)
	if !slices.Equal(brief(got), brief(whole)) || pieces < 2 || got.Properties[0].Run == nil {
		t.Errorf("in %d pieces %v, at once %v", pieces, brief(got), brief(whole))
	}
}

// A checkpoint of another system or of other options is not taken, and a damaged one does no harm.
func TestCheckpointsThatAreNotTaken(t *testing.T) {
	text := selectiveRepeat(t, 1, 2, 1)
	var saved []byte
	r := check(t, text, Options{MaxStates: 200, Save: func(write func(io.Writer) error) error {
		var b bytes.Buffer
		err := write(&b)
		saved = b.Bytes()
		return err
	}})
	if r.Verdict != Undecided || saved == nil {
		t.Fatalf("%s, %d bytes", r.Verdict, len(saved))
	}
	resume := func(text string, opt Options, b []byte) error {
		c, err := ReadCheckpoint(bytes.NewReader(b))
		if err != nil {
			return err
		}
		opt.Resume = c
		_, err = Check(load(t, text), opt)
		return err
	}
	if err := resume(text, Options{}, saved); err != nil {
		t.Fatal(err)
	}
	for name, err := range map[string]error{
		"another system": resume(selectiveRepeat(t, 1, 1, 1), Options{}, saved),
		"other options":  resume(text, Options{NoReduction: true}, saved),
		"other channels": resume(text, Options{Channels: "fifo:2"}, saved),
		"no checkpoint":  resume(text, Options{}, []byte("sprocketc")),
	} {
		if !errors.Is(err, ErrCheckpoint) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i := 0; i < len(saved); i += 1 + i/64 {
		if err := resume(text, Options{MaxStates: 100_000}, saved[:i]); !errors.Is(err, ErrCheckpoint) {
			t.Fatalf("cut at %d: %v", i, err)
		}
		bad := slices.Clone(saved)
		bad[i] ^= 1 << (i % 8)
		if err := resume(text, Options{MaxStates: 100_000}, bad); !errors.Is(err, ErrCheckpoint) {
			t.Fatalf("changed at %d: %v", i, err)
		}
	}
	// a file that cannot be written is told
	r = check(t, text, Options{MaxStates: 200, Save: func(func(io.Writer) error) error { return errors.New("no room") }})
	if !strings.Contains(r.Why, "no checkpoint was written: no room") {
		t.Error(r.Why)
	}
}

// Wherever the memory ends, also where a component has just outgrown its place in the key, the search goes on.
func TestCheckpointsOfAFullMemory(t *testing.T) {
	sys := load(t, selectiveRepeat(t, 2, 3, 2))
	stopped := 0
	for mib := int64(1); mib <= 8; mib++ {
		var b bytes.Buffer
		r := decide(t, sys, Options{MaxMemory: mib << 20, Save: func(write func(io.Writer) error) error { return write(&b) }})
		if b.Len() == 0 {
			continue
		}
		stopped++
		c, err := ReadCheckpoint(&b)
		if err != nil {
			t.Fatal(err)
		}
		before := r.States
		if r = decide(t, sys, Options{Resume: c}); r.States != 327_928 || r.Verdict != Holds {
			t.Errorf("%d MiB: %s, %d states after %d", mib, r.Verdict, r.States, before)
		}
	}
	if stopped < 3 {
		t.Errorf("only %d searches ended for want of memory", stopped)
	}
}
