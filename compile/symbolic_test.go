package compile

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"sprocketc/diag"
	"sprocketc/verify"
)

// The explicit and the symbolic engine on the machines of every program of the corpus that has a plan, in channels of one
// datagram and, where that breaks nothing, of two: as many states, the same verdicts. Where there are too many states both
// stop.
func TestEnginesAgreeOnCorpus(t *testing.T) {
	var names []string
	for _, glob := range []string{"../corpus/accepted/*.sprocket", "../corpus/broken/*.sprocket", "../corpus/examples/soil.sprocket"} {
		found, err := filepath.Glob(glob)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	const limit = 1500
	compared, violated := 0, 0
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := Run(t.Context(), &diag.File{Name: filepath.Base(name), Text: text}, Compose, Options{})
		if errors.Is(err, ErrRejected) {
			continue // a language feature that is not built yet
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, channels := range []string{"fifo:1", "fifo:2"} {
			report, err := verify.Check(r.System, verify.Options{Engine: verify.Both, Channels: channels, MaxStates: limit})
			if err != nil {
				t.Errorf("%s %s: %v", name, channels, err)
				continue
			}
			for _, p := range report.Properties {
				if p.Verdict == verify.Violated {
					violated++
				}
			}
			if report.States <= limit {
				compared++
			}
			if report.Verdict == verify.Violated {
				break
			}
		}
	}
	t.Logf("%d searches compared to their end, %d violations", compared, violated)
	if compared < 12 || violated < 10 {
		t.Errorf("only %d searches were compared to their end, with %d violations", compared, violated)
	}
}
