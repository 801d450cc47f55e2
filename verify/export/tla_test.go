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
	if refused(t, name, "tla", sys) {
		return
	}
	states, broken, r := ours(t, sys, capacity)
	if states > limit || r.Verdict == verify.Undecided && !full(r.Why) {
		return
	}
	defer func() { // what the reader or an operator cannot make sense of
		if c := recover(); c != nil {
			t.Errorf("%s: %v\n%s", name, c, sys)
		}
	}()
	found, wrong := searchTLA(t, name, sys, capacity, 5*limit, len(broken))
	for _, p := range broken { // nothing follows what breaks first, and that may be all that leads to another
		if slices.Contains(wrong, p) {
			continue
		}
		undecided := found > 5*limit
		if !undecided && len(broken) > 1 {
			n, one := searchTLA(t, name, alone(sys, p), capacity, 5*limit, 1)
			undecided = n > 5*limit && one == nil
			wrong = append(wrong, one...)
		}
		if undecided {
			t.Logf("%s: %s is undecided after %d states of TLA+", name, p, 5*limit)
			wrong = append(wrong, p)
		}
	}
	slices.Sort(wrong)
	if len(broken) == 0 && found != states || !slices.Equal(wrong, broken) {
		t.Errorf("%s: %d states, %v; TLA+ %d, %v\n%s", name, states, broken, found, wrong, sys)
	}
	t.Logf("%s: %d states, %v; TLA+ %d", name, states, broken, found)
}

// searchTLA explores the TLA+ text of a system until so many properties are broken.
func searchTLA(t *testing.T, name string, sys *fsm.System, capacity, limit, wanted int) (states int, broken []string) {
	t.Helper()
	fs, err := export.Export(sys, "tla", options(t, name, sys, capacity))
	if err != nil {
		t.Fatal(err)
	}
	states, wrong := exploreTLA(string(fs[0].Data), string(fs[1].Data), limit, wanted)
	for _, p := range wrong {
		if p = strings.TrimPrefix(p, "Holds_"); p != export.Representation {
			broken = append(broken, p)
		}
	}
	return
}

// alone is a system that checks nothing but a property.
func alone(sys *fsm.System, property string) *fsm.System {
	one := *sys
	one.Checks = []string{property}
	one.Invariants = slices.DeleteFunc(slices.Clone(sys.Invariants), func(i *fsm.Invariant) bool { return !i.Start && i.Name != property })
	return &one
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
	randomly(t, 10, func(t *testing.T, name string, sys *fsm.System) bool {
		agreeTLA(t, name, sys, 2, 300)
		return true
	})
}
