package export_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sprocketc/fsm"
	"sprocketc/verify"
	"sprocketc/verify/export"
)

// agreeTLA holds the TLA+ text, read and explored by this package's tests, against the checker: as many states, and the
// same properties broken. TLC itself is not run.
func agreeTLA(t *testing.T, name string, sys *fsm.System, capacity, limit int) {
	t.Helper()
	if refused(t, name, sys) {
		return
	}
	states, broken, r := ours(t, sys, capacity)
	if states > limit || r.Verdict == verify.Undecided && !full(r.Why) {
		return
	}
	fs, err := export.Export(sys, "tla", options(t, name, sys, capacity))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { // what the reader or an operator cannot make sense of
		if c := recover(); c != nil {
			t.Errorf("%s: %v\n%s", name, c, sys)
		}
	}()
	found, wrong := exploreTLA(string(fs[0].Data), string(fs[1].Data), 20*limit, len(broken))
	for i, p := range wrong {
		wrong[i] = strings.TrimPrefix(p, "Holds_")
	}
	wrong = slices.DeleteFunc(wrong, func(p string) bool { return p == export.Representation })
	slices.Sort(wrong)
	if len(broken) == 0 && found != states || !slices.Equal(wrong, broken) {
		t.Errorf("%s: %d states, %v; TLA+ %d, %v\n%s", name, states, broken, found, wrong, sys)
	}
	t.Logf("%s: %d states, %v; TLA+ %d", name, states, broken, found)
}

func TestTLAModels(t *testing.T) {
	limit := 350
	if all {
		limit = 5000
	}
	for _, f := range models() {
		agreeTLA(t, filepath.Base(f), load(t, f), 2, limit)
	}
}

func TestTLAPrograms(t *testing.T) {
	limit := 600
	if all {
		limit = 3000
	}
	for _, f := range programs() {
		if name := strings.TrimSuffix(filepath.Base(f), ".sprocket"); all || name == "asked" || name == "quiet" || name == "amnesic_caller" {
			agreeTLA(t, name, compose(t, f), 1, limit)
		}
	}
}

func TestTLARandom(t *testing.T) {
	randomly(t, 10, func(t *testing.T, name string, sys *fsm.System) { agreeTLA(t, name, sys, 2, 300) })
}
