package solver

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
	"time"

	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/schema"
)

// change is a repair that was not tried yet.
type change struct {
	message string
	edit    diag.Edit
	apply   func(*ir.Interface)
	figure  bool // it gives a clause another figure, and may be followed by another such
}

// scope is how much of the program a repair is tried in.
type scope int

const (
	whole  scope = iota
	others       // without what is demanded of calls that take no part in the contradiction
	itself       // the contradiction alone
	scopes
)

// mender looks for repairs of a contradiction.
type mender struct {
	*problem
	members []clause
	scope   scope
}

// repairs are the small changes of a contradiction's members after which the program was found to be possible; where
// other contradictions stand in the way of every one, those after which this one is gone, and they say so.
func (q *problem) repairs(members []clause) []diag.Repair {
	for s := whole; s < scopes; s++ {
		m := &mender{q, members, s}
		for _, try := range []func(clause) []change{m.changes, m.removal} {
			var out []diag.Repair
			for _, c := range members {
				for _, x := range try(c) {
					if !m.mends(x.apply) {
						continue
					}
					if s > whole {
						x.message += stillMore
					}
					out = append(out, diag.Repair{Message: x.message, Edits: []diag.Edit{x.edit}})
				}
			}
			if len(out) > 0 {
				return out
			}
		}
	}
	return nil
}

const stillMore = " (then something else is still in the way)"

// changed is the program in the mender's scope after a change.
func (m *mender) changed(apply func(*ir.Interface)) *ir.Program {
	p := weakened(m.program, m.clauses, func(c clause) bool {
		takesPart := slices.ContainsFunc(m.members, func(x clause) bool { return x.selector == c.selector || m.scope == others && x.call == c.call })
		return m.scope == whole || m.scope == others && c.call < 0 || takesPart
	})
	apply(p.Interfaces[0])
	return p
}

// mends reports whether the program is possible after a change.
func (m *mender) mends(apply func(*ir.Interface)) bool { return m.feasible(m.changed(apply)) }

func (q *problem) again(p *ir.Program) *problem {
	settings, found := readForces(p.Interfaces[0])
	if len(found) > 0 {
		settings = q.settings
	}
	return newProblem(p, settings, q.plan.until)
}

func (q *problem) feasible(p *ir.Program) bool {
	ok, err := q.again(p).some()
	return ok && err == nil
}

// some reports whether there is a plan at all.
func (q *problem) some() (bool, error) {
	for _, theory := range []bool{true, false} {
		if ok, err := q.possible(q.everything(), theory); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// afford is the cheapest plan after a change that lifts a budget, or nil.
func (m *mender) afford(lift func(*ir.Interface)) *ir.Plan {
	p := m.changed(lift)
	if !m.feasible(p) {
		return nil
	}
	plan, err := m.again(p).cheapest()
	if err != nil {
		return nil
	}
	return plan
}

// leastStable is a plan that takes as little stable memory of the clause's peer as any, or nil.
func (m *mender) leastStable(c clause, peerOf func(*ir.Interface) *ir.Peer) *ir.Plan {
	var least *ir.Plan
	for n := int64(1 << 40); n >= 0; n = int64(least.Peers[c.peer.Name].Stable) - 1 {
		plan := m.afford(func(in *ir.Interface) { peerOf(in).Stable = &ir.Amount{N: n} })
		if plan == nil {
			break
		}
		least = plan
	}
	return least
}

// changes are what may be tried of a clause.
func (m *mender) changes(c clause) []change {
	var out []change
	add := func(message, text string, apply func(*ir.Interface)) {
		figure := c.kind == stable || c.kind == ram || c.kind == unit || c.kind == cache
		out = append(out, change{message, diag.Edit{Span: c.text.Span, Text: text}, apply, figure})
	}
	peerOf := func(in *ir.Interface) *ir.Peer {
		if c.peer == m.in.To {
			return in.To
		}
		return in.From
	}
	switch c.kind {
	case direction:
		text := strings.Replace(strings.Replace(c.text.Text, "from ", "between ", 1), " to ", " and ", 1)
		add("if something can come back", text, func(in *ir.Interface) { in.Channel.OneWay = false })
	case crashes:
		if c.peer.Stable == nil {
			if plan := m.leastStable(c, peerOf); plan != nil {
				n := plan.Peers[c.peer.Name].Stable
				what := "an epoch counter in two slots, written once a start"
				if plan.Has(schema.IntentRecord) && c.peer == m.in.To {
					what = "a record in two slots, written for each effect"
				}
				switch {
				case plan.Has(schema.CommitRecord) && c.peer == m.in.To:
					what = "a record in two slots, written with each effect"
				case plan.Has(schema.PendingRecord) && c.peer == m.in.From:
					what = "a record in two slots, written before each call and behind it"
				}
				add(what, fmt.Sprintf("crashes; stable %dB", n), func(in *ir.Interface) { peerOf(in).Stable = &ir.Amount{N: int64(n)} })
			}
		}
		if c.peer.Entropy == nil {
			add("a random epoch; wrong once in 4 billion crashes", "crashes; entropy 32 bits",
				func(in *ir.Interface) { peerOf(in).Entropy = &ir.Amount{N: soundEntropy} })
		}
		if c.peer == m.in.To && m.in.Channel.Lives == nil {
			out = append(out, m.waitsOut()...)
		}
	case commits:
		add("if the handler's effect and a record can be written in one step", "", func(in *ir.Interface) { peerOf(in).Commits = nil })
	case entropy:
		add("a random epoch; wrong once in 4 billion crashes", fmt.Sprintf("entropy %d bits", soundEntropy),
			func(in *ir.Interface) { peerOf(in).Entropy = &ir.Amount{N: soundEntropy} })
	case stable:
		if plan := m.leastStable(c, peerOf); plan != nil {
			n := plan.Peers[c.peer.Name].Stable
			add("what the records take", fmt.Sprintf("stable %dB", n), func(in *ir.Interface) { peerOf(in).Stable = &ir.Amount{N: int64(n), Clause: c.text} })
		}
	case ram:
		if plan := m.afford(func(in *ir.Interface) { peerOf(in).RAM = nil }); plan != nil {
			n := plan.Peers[c.peer.Name].RAM
			add("what state and buffers take", fmt.Sprintf("ram max %dB", n), func(in *ir.Interface) { peerOf(in).RAM = &ir.Amount{N: int64(n), Clause: c.text} })
		}
	case flash:
		if plan := m.afford(func(in *ir.Interface) { peerOf(in).Flash = nil }); plan != nil {
			n := plan.Peers[c.peer.Name].Flash
			add("what the code takes, as far as that is known", fmt.Sprintf("flash max %dB", n), func(in *ir.Interface) { peerOf(in).Flash = &ir.Amount{N: int64(n)} })
		}
	case unit:
		if plan := m.afford(func(in *ir.Interface) { in.Channel.Unit = nil }); plan != nil {
			n := 0
			for _, w := range plan.Wire {
				n = max(n, w.Max)
			}
			add("what the largest datagram takes", fmt.Sprintf("unit max %dB", n), func(in *ir.Interface) { in.Channel.Unit = &ir.Amount{N: int64(n), Clause: c.text} })
		}
	case corrupts:
		if m.in.Channel.Corrupts.Unseen < 1.0/(1<<32) {
			add("at most one altered datagram in 65536 unseen", "corrupts", func(in *ir.Interface) { in.Channel.Corrupts = &ir.Corrupts{Unseen: 1.0 / (1 << 16)} })
		}
	case callKind:
		call := m.in.Calls[c.call]
		kindEdit := func(words string) diag.Edit {
			if c.text.Span != call.Clause.Span {
				return diag.Edit{Span: c.text.Span, Text: words}
			}
			return m.insert(call.Clause, words)
		}
		twice := "idempotent; commutes"
		if call.Commutes != nil {
			twice = "idempotent"
		}
		if call.Kind == ir.ExactlyOnce {
			out = append(out, change{message: "if it may also not run, and say so", edit: kindEdit("effect"), apply: func(in *ir.Interface) { in.Calls[c.call].Kind = ir.Effect }})
		}
		out = append(out,
			change{message: "if it may run twice, and late", edit: kindEdit(twice), apply: func(in *ir.Interface) {
				k := in.Calls[c.call]
				k.Kind = ir.Idempotent
				if k.Commutes == nil {
					k.Commutes = &ir.Clause{}
				}
			}},
			change{message: "if it changes nothing", edit: kindEdit("pure"), apply: func(in *ir.Interface) { in.Calls[c.call].Kind = ir.Pure }})
	case cache:
		k := m.in.Calls[c.call].Cache
		keep := func(n int) func(*ir.Interface) {
			return func(in *ir.Interface) { x := *k; x.N = n; in.Calls[c.call].Cache = &x }
		}
		lo, hi := 0, k.N-1
		for lo < hi {
			if mid := (lo + hi + 1) / 2; m.mends(keep(mid)) {
				lo = mid
			} else {
				hi = mid - 1
			}
		}
		if number := regexp.MustCompile(`\d[\d_]*`); lo > 0 {
			at := number.FindStringIndex(c.text.Text)
			add("as many answers as there is room for", c.text.Text[:at[0]]+fmt.Sprint(lo)+c.text.Text[at[1]:], keep(lo))
		}
	case theCall:
		if d := m.in.Channel.Delays; d != nil && m.in.Calls[c.call].Within == nil && slices.ContainsFunc(m.members, func(x clause) bool { return x.kind == delays }) {
			t := (2*d.Max + time.Second - 1).Truncate(time.Second)
			out = append(out, change{message: "as late as it takes", edit: m.insert(m.in.Calls[c.call].Clause, fmt.Sprintf("within %ds", t/time.Second)),
				apply: func(in *ir.Interface) { in.Calls[c.call].Within = &ir.Within{T: t} }})
		}
	case within:
		out = append(out, m.later(c)...)
	case force:
		add("without it", "", func(in *ir.Interface) {
			in.Force = slices.DeleteFunc(in.Force, func(f ir.Force) bool { return f.Clause == c.text })
		})
	}
	return out
}

// usualLife is the lifetime of datagrams that a repair proposes, if it is no shorter than the longest delay.
const usualLife = 5 * time.Second

// waitsOut lets the callee wait until nothing is left of what was asked of it before a crash.
func (m *mender) waitsOut() []change {
	t := usualLife
	if d := m.in.Channel.Delays; d != nil && d.Max > t {
		t = (d.Max + time.Second - 1).Truncate(time.Second)
	}
	live := func(in *ir.Interface) { in.Channel.Lives = &ir.Lifetime{T: t} }
	plan := m.afford(live)
	if plan == nil || !plan.Has(schema.QuietStart) {
		return nil
	}
	last := spell(lastEnd(m.in))
	return []change{{message: fmt.Sprintf("%s stays quiet for %s after a start (%s, and the %s %s may ask again)", m.in.To.Name, spell(plan.Quiet), spell(t), last, m.in.From.Name),
		edit: m.insert(m.in.Channel.Clause, fmt.Sprintf("lives %ds", t/time.Second)), apply: live}}
}

// insert puts words first into the block of a call or a channel, or gives it one.
func (q *problem) insert(of ir.Clause, words string) diag.Edit {
	at := of.Span
	at.Start = at.End
	if at.File == nil {
		return diag.Edit{Span: at}
	}
	rest := string(at.File.Text[min(at.End, len(at.File.Text)):])
	if trimmed := strings.TrimLeft(rest, " \t\r\n"); strings.HasPrefix(trimmed, "{") {
		at.Start += len(rest) - len(trimmed) + 1
		at.End = at.Start
		return diag.Edit{Span: at, Text: " " + words + ";"}
	}
	return diag.Edit{Span: at, Text: " { " + words + " }"}
}

// later gives more time, or asks for less certainty.
func (m *mender) later(c clause) []change {
	var out []change
	set := func(t time.Duration, p float64) func(*ir.Interface) {
		return func(in *ir.Interface) {
			if c.call < 0 {
				in.Default = t
				return
			}
			w := *in.Calls[c.call].Within
			w.T, w.P = t, p
			in.Calls[c.call].Within = &w
		}
	}
	t, p := m.in.Default, 0.0
	if c.call >= 0 {
		w := m.in.Calls[c.call].Within
		t, p = w.T, w.P
	}
	text := func(t time.Duration, p float64) string {
		s := fmt.Sprintf("within %dms", t/time.Millisecond)
		if t%time.Second == 0 {
			s = fmt.Sprintf("within %ds", t/time.Second)
		}
		if p > 0 {
			s += " at " + strings.ReplaceAll(percent(p), " ", "")
		}
		return s
	}
	add := func(message string, t time.Duration, p float64) {
		out = append(out, change{message, diag.Edit{Span: c.text.Span, Text: text(t, p)}, set(t, p), true})
	}
	fits := func(ms int64) bool { return m.mends(set(time.Duration(ms)*time.Millisecond, p)) }
	lo, hi := int64(t/time.Millisecond), int64(t/time.Millisecond)
	for hi < longest && !fits(hi) {
		lo, hi = hi, min(2*max(hi, 1), longest)
	}
	if fits(hi) && hi > lo {
		for lo+1 < hi {
			if mid := (lo + hi) / 2; fits(mid) {
				hi = mid
			} else {
				lo = mid
			}
		}
		add("as late as it takes", time.Duration(hi)*time.Millisecond, p)
	}
	if p == 0 {
		return out
	}
	steps := 10000.0 // hundredths of a percent
	a, b := 0.0, math.Floor(p*steps)
	for a < b {
		if mid := math.Ceil((a + b) / 2); mid < p*steps && m.mends(set(t, mid/steps)) {
			a = mid
		} else {
			b = mid - 1
		}
	}
	if a > 0 {
		add("as sure as it can be by then", t, a/steps)
	}
	return out
}
