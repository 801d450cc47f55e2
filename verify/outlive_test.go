package verify

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sprocketc/verify/random"
)

// plainTimers is a text in which no timer outlives anything.
func plainTimers(text string) string {
	return strings.NewReplacer(" outlives calls", "", " outlives datagrams", "").Replace(text)
}

// Timers that outlive datagrams: both engines of exact words against the naive semantics, which works out what is old from
// when timers were started. In some systems it has to matter. States are compared where no call is marked: what washing out
// a mark does is not the naive semantics.
func TestOutlivingAgainstReference(t *testing.T) {
	compared, violated, mattered := 0, 0, 0
	all := func(string) bool { return true }
	rapid.Check(t, func(rt *rapid.T) {
		text := random.Outliving(rt, rapid.IntRange(1, 2).Draw(rt, "capacity"), false)
		for _, plain := range []bool{true, false} {
			m := drawn(rt, text)
			m.plain = plain
			want := refSearch(m, func(ch int) int { return m.Sys.Channels[ch].Capacity }, 600)
			x := m.newExact(Options{NoReduction: true}, 0)
			got := x.run()
			if want.full || got.limit != "" {
				return
			}
			compared++
			sets, reduced := m.symbolic(Options{}, 0, all), m.newExact(Options{}, 0).run()
			for _, p := range []string{got.property, reduced.property, sets.property} {
				if (p == "") != (want.broken == "") {
					rt.Fatalf("%q (reduced %q, symbolic %q), the reference %q\n%s", got.property, reduced.property, sets.property, want.broken, text)
				}
			}
			if want.broken != "" {
				violated++
				if _, err := x.replay(got); err != nil || len(got.path) != want.steps && got.property != noDeadlock {
					rt.Fatalf("%d steps, the reference %d (%v)\n%s", len(got.path), want.steps, err, text)
				}
				return
			}
			n := forms(m, want.states, 0)
			if plain && (got.states != n || reduced.states != n || sets.states != n) {
				rt.Fatalf("%d states, reduced %d, symbolic %d, the reference has %d forms of %d\n%s", got.states, reduced.states, sets.states, n, len(want.states), text)
			}
			if k := drawn(rt, plainTimers(text)); !plain && k.newExact(Options{}, 0).run().property != "" {
				mattered++
			}
		}
	})
	t.Logf("%d searches compared, %d of them violated, %d not only because datagrams end", compared, violated, mattered)
	if compared < 20 || violated < 5 {
		t.Errorf("only %d searches compared, %d of them violated", compared, violated)
	}
}

// What block words say of timers that outlive datagrams is what exact words find.
func TestOutlivingInBlockWords(t *testing.T) {
	total, mattered := map[string]int{}, 0
	rapid.Check(t, func(rt *rapid.T) {
		text := random.Outliving(rt, 0, true)
		m := drawn(rt, text)
		fits, precise := m.blockFits()
		if !fits {
			return
		}
		v := agree(t, m.source, 2_000, 1_500)
		o := v.outcome()
		if o == missed || precise && o == falseAlarm {
			rt.Fatalf("%s: %v\n%s", o, v, text)
		}
		total[o]++
		if o == agreed && len(v.blocks) == 0 && len(agree(t, drawn(rt, plainTimers(text)).source, 3_000, 2_000).blocks) > 0 {
			mattered++
		}
	})
	t.Logf("%v, %d held only because datagrams end", total, mattered)
	if total[agreed] < 10 {
		t.Errorf("only %d systems were decided by both", total[agreed])
	}
}

// A callee that keeps nothing, quiet after each start, and with one thing changed: what that breaks, and in how many steps.
func TestQuietCallee(t *testing.T) {
	text := modelText(t, "quiet_start")
	for _, c := range []struct {
		name, old, new string
		property       string // that breaks; "" for none
		steps          int
	}{
		{"as it is", "", "", "", 0},
		{"any order", "lives 5000;", "lives 5000 overtaking any;", "", 0},
		{"only datagrams", "outlives calls", "outlives datagrams", "at_most_once", 6},
		{"a plain timer", " outlives calls", "", "at_most_once", 5},
		{"not quiet", "running(quiet) || ", "", "at_most_once", 3},
		{"cancelled", "start quiet;", "start quiet; cancel quiet;", "at_most_once", 3},
	} {
		text := strings.ReplaceAll(text, c.old, c.new)
		for _, engine := range []string{Auto, Explicit} {
			o := Options{Engine: engine}
			if engine == Explicit && c.property == "" {
				continue // requests of older calls pile up without a bound in exact words
			}
			if engine == Explicit {
				o.Channels = "fifo:2"
			}
			r := check(t, text, o)
			for _, p := range r.Properties {
				switch {
				case p.Name == c.property && p.Verdict == Violated && p.Run != nil && len(p.Run.Steps) == c.steps:
				case p.Name == c.property || p.Verdict == Violated && engine == Auto, c.property == "" && p.Verdict != Holds:
					n := 0
					if p.Run != nil {
						n = len(p.Run.Steps)
					}
					t.Errorf("%s, %s: %s %s (%s), %d steps; want %q in %d", c.name, engine, p.Name, p.Verdict, p.Why, n, c.property, c.steps)
				}
			}
			if c.property == "" && !slices.ContainsFunc(r.Assumptions, func(a string) bool {
				return strings.Contains(a, "5000 ms") && strings.Contains(a, "30000 ms") && strings.Contains(a, "35350 ms")
			}) {
				t.Errorf("%s: the report does not say on which times it rests: %q", c.name, r.Assumptions)
			}
		}
	}
}

// A call that a timer outlives ends before that fires, so it may be given up; any other is answered.
func TestQuietIsLeft(t *testing.T) {
	text := modelText(t, "quiet_start")
	for _, c := range []struct {
		name, old, new, verdict string
	}{
		{"as it is", "", "", Holds},
		{"for ever", "on timer quiet {", "on timer quiet { start quiet;", Undecided}, // not for block words, and requests of older calls pile up in exact ones
		{"no retry", "start retry;", "", Violated},
	} {
		r := check(t, strings.ReplaceAll(text, c.old, c.new), Options{})
		if c.verdict == Violated && !slices.ContainsFunc(r.Properties, func(p Property) bool { return p.Name == propDelivered && p.Run != nil }) {
			t.Errorf("%s: no run", c.name)
		}
		i := slices.IndexFunc(r.Properties, func(p Property) bool { return p.Name == propDelivered })
		if p := r.Properties[i]; p.Verdict != c.verdict {
			t.Errorf("%s: %s is %s (%s), want %s", c.name, p.Name, p.Verdict, p.Why, c.verdict)
		}
	}
}

// In a step that is cut by a crash, only the last start counts.
func TestAgeingOfACutStep(t *testing.T) {
	s := load(t, `system cut;
message A from x {
}
message B from y {
}
channel up from x to y lives 10;
channel down from y to x lives 10;
machine x crashes {
    timer t 10 outlives datagrams;
    on restart { send A {}; start t; send A {}; }
    on timer t { send A {}; start t; send A {}; }
    free stop when running(t) { cancel t; send A {}; }
}
machine y {
    on A(m) { send B {}; }
}
check bounded;
`)
	m, err := NewModel(s)
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range m.Local(m.Initial()[0]) {
		var old []uint8
		for _, x := range st.Sent {
			old = append(old, x.Msg[oldAt])
		}
		a := st.Ageing
		want, gone, marks := map[bool][]uint8{true: {1, 0}, false: {0}}[st.Kind != FreeEvent], uint8(0), uint8(1)
		switch {
		case st.Kind == TimerFires && st.After >= 0:
			want, gone = append(slices.Repeat([]uint8{1}, Visible(st.Effects)), 1, 0), 1
		case st.Kind == TimerFires:
			gone = 1
		case st.Kind == FreeEvent && st.After >= 0:
			want = []uint8{1, 1, 0}
		case st.Kind == FreeEvent:
			marks = 0
		}
		if st.Deep > 0 {
			continue // starts within starts
		}
		if !slices.Equal(old, want) || a.Gone != gone || a.Marks != marks || (a.Young != 0) != (marks == 0) {
			t.Errorf("%v after %d: sent with marks %v, %+v; want %v, gone %d, marks %d", st.Kind, st.After, old, a, want, gone, marks)
		}
	}
}
