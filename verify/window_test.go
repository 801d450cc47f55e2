package verify

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/schema"
)

// What goes wrong with calls in lanes where one thing is left out or altered: the property that breaks, and the length of
// its shortest run.
var wrongWindows = []struct {
	name     string
	was, is  string // the first such place of the text
	property string
	steps    int
	long     bool // takes half a minute
}{
	{"a further call starts out of its turn", "when phase == running || m.lane != turn {", "when phase == running {", "ordered", 9, false},
	{"calls made later go on after one that is given up", "when wait1 && before(n0, n1) {\n            do over1();\n        }", "", "delivered", 16, true},
	{"a run goes on after a call without an answer", "when broken && !(wait0 || wait1) {\n            opened = false;\n        }", "", "ordered", 15, true},
	{"a run is opened by all its calls", "opened && !broken && (turn", "!broken && (turn", "ordered", 9, false},
	{"answers are not matched by number", "m.lane == 0 && wait0 && m.ce == ce && m.n == n0 {\n            do finish0(answer", "m.lane == 0 && wait0 {\n            do finish0(answer", "own_answer", 9, false},
	{"what was not recorded runs after a restart", "when phase == lost {\n            send LOST { ran: m", "when phase == lost && m.ce == last_ce && !before(last_n, m.n) {\n            send LOST { ran: m", "ordered", 9, false},
	{"what may have run is reported as not run", "ran: m.ce == last_ce && !before(last_n, m.n)", "ran: false", "honest_outcome", 11, true},
	{"a record is written after the start", "persist intent { rec_ce: m.ce, rec_n: m.n };\n        when m.ce == last_ce {", "when m.ce == last_ce {", "at_most_once", 11, true},
}

func TestWrongWindows(t *testing.T) {
	text := modelText(t, "window")
	lines := strings.Split(strings.TrimSpace(text), "\n")
	for _, c := range wrongWindows {
		if c.long && os.Getenv("SPROCKET_ALL") == "" {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			lines[len(lines)-1] = "check " + c.property + ";"
			text := strings.Join(lines, "\n")
			if !strings.Contains(text, c.was) {
				t.Fatal("the model has no such place")
			}
			r := check(t, strings.Replace(text, c.was, c.is, 1), Options{MaxStates: 60_000})
			i := slices.IndexFunc(r.Properties, func(p Property) bool { return p.Name == c.property })
			if p := r.Properties[i]; p.Verdict != Violated || p.Run == nil || len(p.Run.Steps) != c.steps {
				t.Errorf("%v %s, want a run of %d steps", brief(r), r.Why, c.steps)
			}
		})
	}
}

// Two calls may be outstanding, and each ends by itself: what the monitor knows of them is what the caller knows.
func TestOutstanding(t *testing.T) {
	m := newModel(t, modelText(t, "window"))
	for w := range few(m, 3000) {
		waiting := 0
		for _, lane := range []string{"wait0", "wait1"} {
			waiting += int(w.L[m.Caller][m.Code[m.Caller].Slot(lane)])
		}
		told := int(w.Env.Others[0]) + int(w.Env.Others[1])
		if w.Env.Phase == pending {
			told++
		}
		if told != waiting || (w.Env.Call != 0) != (waiting > 0) {
			t.Fatalf("%d calls are outstanding, and the monitor has %+v", waiting, w.Env)
		}
	}
}

// few are the first worlds of the naive semantics, with two datagrams in flight each way.
func few(m *Model, n int) iter.Seq[World] {
	return func(yield func(World) bool) {
		room := func(int) int { return 2 }
		todo := m.refStarts(room)
		seen := map[string]bool{}
		for at := 0; at < len(todo) && at < n; at++ {
			if !yield(todo[at].w) {
				return
			}
			for _, s := range m.refNext(todo[at], room) {
				if k := refKey(s.next); !seen[k] {
					seen[k] = true
					todo = append(todo, s.next)
				}
			}
		}
	}
}

// The machines of the window with one stage less: where block words hold, random runs of the naive semantics break nothing
// either. Its exact words are too many for a search. SPROCKET_ALL=1: every stage, and longer, which takes an hour.
func TestWindowWithoutStages(t *testing.T) {
	every, runs := 45, 200
	if os.Getenv("SPROCKET_ALL") != "" {
		every, runs = 1, 2000
	}
	text := modelText(t, "window")
	text = text[:strings.LastIndex(text, "\ncheck ")] + "\ncheck own_answer serial ordered bounded no_stale at_most_once honest_outcome final no_spurious_restart;\n"
	random := rand.New(rand.NewPCG(1, 2))
	held := 0
	for i, x := range mutants(t, load(t, text), false) {
		if i%every != 0 {
			continue
		}
		r, err := Check(x.sys, Options{MaxStates: 40_000})
		if err != nil || r.Verdict != Holds {
			continue
		}
		held++
		m, err := NewModel(x.sys)
		if err != nil {
			t.Fatal(err)
		}
		if property, run := drawnRuns(m, random, runs, 60); property != "" {
			t.Errorf("%s: block words hold, and this run breaks %s:\n%s", x.name, property, strings.Join(run, "\n"))
		}
	}
	if held == 0 {
		t.Error("of no machine block words hold")
	}
}

// drawnRuns draws runs of so many steps on the naive semantics until one breaks a property.
func drawnRuns(m *Model, random *rand.Rand, runs, steps int) (property string, run []string) {
	room := func(int) int { return 3 }
	starts := m.refStarts(room)
	for range runs {
		s := starts[random.IntN(len(starts))]
		run = nil
		for range steps {
			next := m.refNext(s, room)
			if len(next) == 0 {
				break
			}
			st := next[random.IntN(len(next))]
			if st.Kind == Crashes || st.After >= 0 { // less often than they are listed
				st = next[random.IntN(len(next))]
			}
			name := ""
			if st.Event != nil {
				name = st.Event.Name
			}
			run = append(run, fmt.Sprint(m.Code[st.Machine].M.Name, " ", st.Kind, " ", name, " ", st.Msg, " ", st.After))
			if st.Bad != "" {
				return st.Bad, run
			}
			s = st.next
		}
	}
	return "", nil
}

// That calls keep an order tells functions apart, and is asked of pure ones as well: an old request that runs behind a later call
// is found.
func TestOrderOfPureCalls(t *testing.T) {
	sys, err := schema.System(agreeCase{calls: []ir.Kind{ir.Pure, ir.Pure}, within: 1, off: []string{schema.CallerEpoch, schema.CalleeEpoch, schema.DupSuppression, schema.ReplyCache}}.plan())
	if err != nil {
		t.Fatal(err)
	}
	m, err := NewModel(sys)
	if err != nil || len(m.Fns) != 1 {
		t.Fatal(err, m.Fns)
	}
	for _, members := range [][]string{{"sample"}, {"sample", "schedule"}} {
		sys.Sets = append(slices.DeleteFunc(slices.Clone(sys.Sets), func(s *fsm.Set) bool { return s.Name == "ordered" }),
			&fsm.Set{Name: "ordered", Enum: "fn", Members: members})
		sys.Checks = []string{"ordered"}
		if m, err = NewModel(sys); err != nil || len(m.Fns) != 3-len(members) {
			t.Fatal(err, m.Fns)
		}
		r, err := Check(sys, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if p := r.Properties[0]; p.Verdict != Violated || p.Run == nil || len(p.Run.Steps) != 6 {
			t.Errorf("%v: %v", members, brief(r))
		}
	}
}
