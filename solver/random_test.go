package solver

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/schema"
)

// chooser is where a random program comes from: a generator of numbers, or one of rapid's draws.
type chooser interface {
	Float64() float64
	Intn(n int) int
}

// drawn is rapid's choice, by single bits: its draws of numbers prefer small ones.
type drawn struct{ t *rapid.T }

func (d drawn) Intn(n int) int {
	v := 0
	for range 12 {
		v *= 2
		if rapid.Bool().Draw(d.t, "choice") {
			v++
		}
	}
	return v % n
}

func (d drawn) Float64() float64 { return float64(d.Intn(1000)) / 1000 }

// randomProgram is the text of a program of the language, many of them with a plan.
func randomProgram(r chooser) string {
	var b strings.Builder
	maybe := func(p float64, format string, args ...any) {
		if r.Float64() < p {
			fmt.Fprintf(&b, format+"\n", args...)
		}
	}
	pick := func(of ...string) string { return of[r.Intn(len(of))] }
	b.WriteString("protocol random\n")
	for _, name := range []string{"a", "b"} {
		fmt.Fprintf(&b, "peer %s {\nemit c\n", name)
		maybe(0.6, "crashes")
		maybe(0.6, "stable %dB", []int{4, 11, 12, 13, 14, 24, 26, 100}[r.Intn(8)])
		maybe(0.3, "entropy %d bits", []int{1, 16, 32, 64}[r.Intn(4)])
		maybe(0.2, "ram max %dB", []int{40, 80, 200, 1000}[r.Intn(4)])
		b.WriteString("}\n")
	}
	fmt.Fprintf(&b, "channel c {\n%s\n", pick("between a and b", "between b and a", "between a and b", "from a to b"))
	maybe(0.5, "over udp")
	maybe(0.5, "unit max %dB", []int{6, 10, 14, 20, 64, 200}[r.Intn(6)])
	maybe(0.5, "loses %d%%", []int{1, 20, 50, 90}[r.Intn(4)])
	maybe(0.5, "repeats")
	maybe(0.5, "reorders%s", pick("", " within 2", " within 4"))
	maybe(0.4, "corrupts%s", pick("", " unseen 1%", " unseen 0.1%", " unseen 0.0001%", " unseen 0.000000001%"))
	maybe(0.5, "delays %s", pick("1ms..5ms", "10ms..400ms", "40ms..40ms", "20s..21s"))
	maybe(0.3, "lives %s", pick("60s", "24d"))
	maybe(0.4, "rate max %s", pick("20/s", "1/s", "1KiB/s", "100B/s"))
	b.WriteString("}\ninterface I from a to b on c {\n")
	maybe(0.1, "within 5s")
	for i := range 1 + r.Intn(3) {
		fmt.Fprintf(&b, "call f%d(%s) %s {\n", i, pick("", "x u8", "x u32, y u16 in 0..1000", "x bytes max 40"), pick("", "u8", "text max 20"))
		kind := pick("pure", "idempotent", "effect", "effect", "")
		b.WriteString(kind + "\n")
		maybe(0.2, "commutes")
		maybe(0.1, "serial")
		if kind == "pure" {
			maybe(0.3, "cache %d for 10s", []int{1, 16, 1000}[r.Intn(3)])
		}
		maybe(0.2, "log %d", 1+r.Intn(20))
		maybe(0.4, "within %s", pick("60ms at 99%", "2s at 99.9%", "5s", "100ms", "10s at 50%", "1h at 99.99%"))
		b.WriteString("}\n")
	}
	if r.Float64() < 0.2 {
		fmt.Fprintf(&b, "force {\n%s\n}\n", pick("duplicate suppression off", "number width 3", "checksum width 8", "intent record on", "quiet start on", "quiet start off",
			"callee epoch off", "reply cache off", "two slots off", "random caller epoch on", "volatile callee epoch on", "challenge echo off",
			"retransmission off", "serial off", "answer matching off", "call number off", "intent after start on", "volatile caller epoch on", "any epoch on",
			"caller epoch width 5", "pacing off", "memo off", "log off", "caller challenge off", "outcome unknown off", "callee epoch off\nintent record off"))
	}
	b.WriteString("}\n")
	return b.String()
}

// Every program has a plan whose system composes and that keeps its budgets, or smallest contradictions whose repairs
// are true.
func TestRandomPrograms(t *testing.T) {
	r := rand.New(rand.NewSource(11))
	programs := 150
	if testing.Short() {
		programs = 60
	}
	planned, refused, repaired := 0, 0, 0
	for i := range programs {
		text := randomProgram(r)
		p, found := lower("random.sprocket", text)
		if p == nil {
			t.Fatalf("%s\n%s", render(found), text)
		}
		plan, found := Solve(p)
		if plan != nil {
			planned++
			checkPlan(t, text, plan)
			continue
		}
		refused++
		for _, d := range found {
			switch d.Code {
			case "unsatisfiable":
				checkContradiction(t, text, p, d)
			case "no-machine", "conflicting-force":
			default:
				t.Errorf("%d: %s\n%s", i, render(found), text)
			}
			for _, repair := range d.Repairs {
				if !strings.HasSuffix(repair.Message, stillMore) {
					repaired++
					mended := apply(text, repair.Edits)
					q, bad := lower("random.sprocket", mended)
					if q == nil {
						t.Errorf("%s: %s\n%s", repair.Message, render(bad), mended)
						continue
					}
					if plan, bad := Solve(q); plan == nil {
						t.Errorf("after %s:\n%s\n%s", repair.Message, render(bad), mended)
					}
				}
			}
		}
	}
	t.Logf("%d with a plan, %d without, %d repairs", planned, refused, repaired)
	if planned < programs/5 || refused < programs/5 || repaired < programs/10 {
		t.Errorf("too few of a kind")
	}
}

func apply(text string, edits []diag.Edit) string {
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b diag.Edit) int { return b.Span.Start - a.Span.Start })
	for _, e := range edits {
		text = text[:e.Span.Start] + e.Text + text[e.Span.End:]
	}
	return text
}

func checkPlan(t *testing.T, source string, p *ir.Plan) {
	t.Helper()
	if _, err := schema.System(p); err != nil {
		t.Errorf("%v\n%s", err, source)
	}
	in := p.Interface
	for i, w := range p.Wire {
		if w.Kind != i || w.Min > w.Max || w.Max < w.Header+w.Sum {
			t.Errorf("%+v\n%s", w, source)
		}
		if u := in.Channel.Unit; u != nil && int64(w.Max) > u.N {
			t.Errorf("%s of %d bytes\n%s", w.Message, w.Max, source)
		}
	}
	for _, peer := range []*ir.Peer{in.From, in.To} {
		m := p.Peers[peer.Name]
		if m.Stable > 0 && (peer.Stable == nil || int64(m.Stable) > peer.Stable.N) || peer.RAM != nil && int64(m.RAM) > peer.RAM.N {
			t.Errorf("%s: %+v\n%s", peer.Name, m, source)
		}
	}
	for _, c := range in.Calls {
		s := p.Schedules[c.Name]
		if s.First < p.Pace || c.Within != nil && p.Has(schema.Retransmission) && s.Chance < c.Within.P {
			t.Errorf("%s: %+v, pace %v\n%s", c.Name, s, p.Pace, source)
		}
	}
	for _, f := range p.Features {
		if f.Chosen == "" || f.Cost == "" || f.Sentence == "" || len(f.Because) == 0 {
			t.Errorf("%+v\n%s", f, source)
		}
	}
	// It can be printed, both ways, and is the same when it is made again.
	again, _ := Solve(p.Program)
	if a, b := text(t, p), text(t, again); a != b {
		t.Errorf("%s\n%s", a, b)
	}
	if a := JSON(p); len(a.Interfaces[0].Features) != len(p.Features) {
		t.Error("no JSON")
	}
}

// checkContradiction holds a diagnostic against searches of their own: its clauses alone have no plan, and without any
// one of them there is one (or, where the whole is impossible for any protocol, without any one it no longer is).
func checkContradiction(t *testing.T, source string, p *ir.Program, d diag.Diagnostic) {
	t.Helper()
	settings, _ := readForces(p.Interfaces[0])
	theory := d.Ground == "impossible"
	possible := func(of []clause) bool {
		q := newProblem(p, settings, time.Now().Add(patience))
		var selectors []int
		for _, c := range of {
			selectors = append(selectors, c.selector)
		}
		ok, err := q.possible(selectors, theory)
		if err != nil {
			t.Error(err)
		}
		return ok
	}
	without := func(of []clause, i int) []clause { return slices.Delete(slices.Clone(of), i, i+1) }
	minimal := func(of []clause) bool {
		if possible(of) {
			return false
		}
		for i := range of {
			if !possible(without(of, i)) {
				return false
			}
		}
		return true
	}
	var members []clause
	for _, c := range newProblem(p, settings, time.Now().Add(patience)).clauses {
		if slices.ContainsFunc(d.Labels, func(l diag.Label) bool { return l.Span == c.text.Span }) {
			members = append(members, c)
		}
	}
	if minimal(members) {
		return
	}
	// Where no kind is written the call's text says two things, and one of them may be meant.
	for i, c := range members {
		twice := slices.ContainsFunc(members, func(m clause) bool { return m.selector != c.selector && m.text.Span == c.text.Span })
		if twice && minimal(without(members, i)) {
			return
		}
	}
	t.Errorf("not a smallest set:\n%s\n%s", render([]diag.Diagnostic{d}), source)
}
