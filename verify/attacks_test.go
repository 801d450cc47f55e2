package verify

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"
)

var attackHead = regexp.MustCompile(`^// (\w+) (?:breaks in (\d+) steps|is undecided): .*\n`)

// Systems that a search has once been taken in by: a reduction whose condition was not checked. Each breaks the property in
// its first line, by a run that is replayed on the naive semantics, whatever the representation; or no representation can
// tell, and none says that it holds.
func TestAttacks(t *testing.T) {
	files, err := filepath.Glob("testdata/attacks/*.fsm")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		t.Run(filepath.Base(f), func(t *testing.T) {
			text, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			head := attackHead.FindStringSubmatch(string(text))
			if head == nil {
				t.Fatal("the first line does not say what breaks")
			}
			steps, err := strconv.Atoi(head[2])
			want := Violated
			if err != nil {
				want = Undecided
			}
			for _, opt := range []Options{{}, {Channels: "fifo:2"}, {Channels: "fifo:2", NoReduction: true}} {
				opt.MaxStates = 300_000
				r := check(t, string(text), opt)
				i := slices.IndexFunc(r.Properties, func(p Property) bool { return p.Name == head[1] })
				if i < 0 || r.Properties[i].Verdict != want {
					t.Errorf("%+v: %v %s", opt, brief(r), r.Why)
				} else if run := r.Properties[i].Run; want == Violated && (run == nil || len(run.Steps) < steps || len(run.Steps) > steps && !opt.NoReduction) {
					t.Errorf("%+v: %v, want %d steps", opt, brief(r), steps)
				}
			}
		})
	}
}
