package solver

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/schema"
)

// Bounds of a search for contradictions: how many are told, and how many parts of a program are looked at for them.
const (
	mostContradictions = 10
	mostParts          = 80
)

// contradictions reports what cannot be had: the smallest sets of clauses that contradict each other, all of them up to a
// limit. Those that say the same of several calls are told once. When the time is over, what was found stands.
func (q *problem) contradictions() ([]diag.Diagnostic, error) {
	found, all, err := q.contradict()
	if errors.Is(err, errDeadline) && len(found) > 0 {
		err = nil
	}
	q.together(found)
	out := alike(found)
	if len(out) > 0 && !all {
		last := &out[len(out)-1]
		last.Notes = append(slices.Clone(last.Notes), fmt.Sprintf("there may be more: after %d the search ends", len(found)))
	}
	return out, err
}

// conflictSet is a smallest set of selectors that cannot hold together: for any protocol, or for this schema.
type conflictSet struct {
	members []int
	theory  bool
}

// contradict finds the smallest sets one after the other: after each, for each of its members, what is left without that
// member is looked at in turn, until nothing is left that contradicts itself (Reiter 1987). The member that says the least
// about other calls goes first. What no protocol can give is found before what this schema has no plan for, so a set of the
// second kind holds none of the first. all: there are no others.
func (q *problem) contradict() (out []diag.Diagnostic, all bool, err error) {
	var known []conflictSet
	stack := [][]int{nil} // of what is left out
	seen := map[string]bool{}
	for parts := 0; len(stack) > 0; parts++ {
		if parts == mostParts || len(out) == mostContradictions {
			return out, false, nil
		}
		without := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		c, fresh, err := q.conflictWithout(without, known)
		if err != nil {
			return out, false, err
		}
		if c == nil {
			continue
		}
		if fresh {
			known = append(known, *c)
			d, err := q.diagnose(c.members, c.theory)
			if err != nil {
				return out, false, err
			}
			out = append(out, d)
		}
		last := q.weakest(c.members)
		order := append(slices.DeleteFunc(slices.Clone(c.members), func(m int) bool { return m == last }), last)
		for _, m := range order {
			next := append(slices.Clone(without), m)
			slices.Sort(next)
			if key := fmt.Sprint(next); !seen[key] {
				seen[key] = true
				stack = append(stack, next)
			}
		}
	}
	return out, true, nil
}

// conflictWithout is a smallest set among the clauses but for some, one that is known where there is one; nil: they do not contradict.
func (q *problem) conflictWithout(without []int, known []conflictSet) (found *conflictSet, fresh bool, err error) {
	rest := slices.DeleteFunc(q.everything(), func(s int) bool { return slices.Contains(without, s) })
	for _, theory := range []bool{true, false} {
		for _, k := range known {
			if k.theory == theory && !slices.ContainsFunc(k.members, func(m int) bool { return slices.Contains(without, m) }) {
				return &k, false, nil
			}
		}
		q.found = nil
		if ok, err := q.possible(rest, theory); err != nil {
			return nil, false, err
		} else if ok {
			continue
		}
		members, err := core(rest, func(part []int) (bool, error) {
			ok, err := q.possible(part, theory)
			return !ok, err
		})
		if err != nil {
			return nil, false, err
		}
		if len(members) == 0 {
			return nil, false, fmt.Errorf("%w: a contradiction without clauses", errLibrary)
		}
		return &conflictSet{members, theory}, true, nil
	}
	return nil, false, nil
}

// weakest is the selector of the member that says the least about other calls.
func (q *problem) weakest(members []int) int {
	best := members[0]
	for _, c := range q.clauses {
		if slices.Contains(members, c.selector) && (c.call >= 0 || c.kind == force) {
			best = c.selector
		}
	}
	return best
}

// members in the order of the program's text.
func (q *problem) ordered(selectors []int) []clause {
	var out []clause
	for _, c := range q.clauses {
		if slices.Contains(selectors, c.selector) {
			out = append(out, c)
		}
	}
	slices.SortStableFunc(out, func(a, b clause) int { return cmp.Compare(a.text.Span.Start, b.text.Span.Start) })
	return out
}

// reasonOf tells why a smallest set contradicts itself: a theorem whose facts it holds; or the goals that its facts
// raise, with what stands in the way of the features that give them, or of sizes and times.
func (q *problem) reasonOf(selectors []int, theory bool) (conflict, error) {
	fresh := newProblem(q.program, q.settings, q.plan.until) // which has learned nothing yet
	if _, err := fresh.possible(selectors, theory); err != nil {
		return conflict{}, err
	}
	within := func(of []int) bool {
		return !slices.ContainsFunc(of, func(c int) bool { return !slices.Contains(selectors, q.clauses[c].selector) })
	}
	if theory {
		var out *conflict
		for _, t := range schema.Theorems {
			if !q.applies(t) {
				continue
			}
			combinations(q.in, q.clauses, t.When, func(of []int, call *ir.Call) {
				if out == nil && within(of) {
					out = &conflict{message: q.fill(t.Message, call), why: q.fill(t.Why, call), source: t.Source}
				}
			})
		}
		if out != nil {
			return *out, nil
		}
		return fresh.found[0], nil
	}
	out := conflict{message: q.subject(selectors)}
	var why []string
	for _, g := range schema.Goals {
		raised := false
		combinations(q.in, q.clauses, g.When, func(of []int, _ *ir.Call) { raised = raised || len(of) > 0 && within(of) })
		if raised && !slices.Contains(g.When, schema.AnyCall) && q.hinders(g, selectors) {
			why = append(why, g.Else+q.missing(g, within))
		}
	}
	if len(fresh.found) > 0 {
		first := fresh.found[0]
		for _, c := range fresh.found { // of the candidates that break one budget, the one that comes nearest
			if c.message == first.message && c.over < first.over {
				first = c
			}
		}
		if len(why) == 0 {
			out.message = first.message
		}
		why = append(why, first.why)
	}
	if len(why) == 0 {
		why = append(why, "nothing in the program gives what this needs")
	}
	out.why = strings.Join(why, "; ")
	return out, nil
}

// hinders reports whether a goal takes part in a contradiction: it is possible without the features that give it.
func (q *problem) hinders(g schema.Goal, selectors []int) bool {
	f := newProblem(q.program, q.settings, q.plan.until)
	by := map[int]bool{}
	for _, name := range givers(g.Name) {
		by[f.feature[name]] = true
	}
	f.plan.clauses = slices.DeleteFunc(f.plan.clauses, func(c []int) bool {
		// The goal's own clause: selectors, and the features that give it.
		return slices.ContainsFunc(c, func(l int) bool { return by[l] }) && !slices.ContainsFunc(c, func(l int) bool { return l < -len(f.clauses) })
	})
	ok, err := f.possible(selectors, false)
	return ok && err == nil
}

// missing says which resources would open a way to a goal, and why what is there does not. within tells whether clauses,
// by their places, take part in the contradiction.
func (q *problem) missing(g schema.Goal, within func(of []int) bool) string {
	var lack []string
	barred := ""
	for _, f := range givers(g.Name) {
		for _, w := range schema.Declare(f).WaysOf() {
			if w.Why != "" && !slices.ContainsFunc(w.Needs, func(r schema.Resource) bool { return !has(q.in, r) }) {
				for _, facts := range w.Forbids {
					combinations(q.in, q.clauses, facts, func(of []int, _ *ir.Call) {
						if within(of) {
							barred = "; " + q.fill(w.Why, nil)
						}
					})
				}
			}
			for _, r := range w.Needs {
				text := q.fill(map[schema.Resource]string{schema.CallerStable: "stable memory of {caller}", schema.CallerEntropy: "entropy of {caller}",
					schema.CalleeStable: "stable memory of {callee}", schema.CalleeEntropy: "entropy of {callee}", schema.Lifetime: "a lifetime of datagrams on {channel}"}[r], nil)
				if given(q.in, r) {
					text = "more " + text
				}
				if !has(q.in, r) && !slices.Contains(lack, text) {
					lack = append(lack, text)
				}
			}
		}
	}
	if len(lack) == 0 {
		return barred
	}
	return "; " + strings.Join(lack, " or ") + " would prevent it" + barred
}

// subject names the call that a contradiction is about, or the interface where it is about none or several.
func (q *problem) subject(selectors []int) string {
	name := q.in.Name
	calls := map[int]bool{}
	for _, c := range q.ordered(selectors) {
		if c.call >= 0 {
			calls[c.call] = true
			name = q.in.Calls[c.call].Name
		}
	}
	if len(calls) > 1 {
		name = q.in.Name
	}
	return fmt.Sprintf("`%s` cannot be had here", name)
}

func (q *problem) fill(text string, call *ir.Call) string {
	name := ""
	if call != nil {
		name = call.Name
	}
	return strings.NewReplacer("{call}", name, "{caller}", q.in.From.Name, "{callee}", q.in.To.Name, "{channel}", q.in.Channel.Name).Replace(text)
}

func (q *problem) diagnose(selectors []int, theory bool) (diag.Diagnostic, error) {
	why, err := q.reasonOf(selectors, theory)
	if err != nil {
		return diag.Diagnostic{}, err
	}
	d := diag.Diagnostic{Code: "unsatisfiable", Ground: "no plan", Message: why.message + ": no plan in this version"}
	if theory {
		d.Ground, d.Message = "impossible", why.message+": impossible, not only for us"
	}
	members := q.ordered(selectors)
	for i, c := range members {
		text := q.says(c, members)
		if i < len(members)-1 {
			text += ","
		} else if len(members) > 1 && !strings.HasPrefix(text, "and ") {
			text = "and " + text
		}
		// One span may say two things: a call where no kind is written is an effect.
		if n := len(d.Labels); n > 0 && d.Labels[n-1].Span == c.text.Span {
			d.Labels[n-1].Text = strings.TrimSuffix(d.Labels[n-1].Text, ",") + " and " + text
			continue
		}
		d.Labels = append(d.Labels, diag.Label{Span: c.text.Span, Text: text})
	}
	note := "why: " + why.why
	if why.source != "" {
		note += " (" + why.source + ")"
	}
	d.Repairs = q.repairs(members) // before the tables: the time for both is limited
	d.Notes = append(append(d.Notes, note), q.budgetTables(members)...)
	if theory {
		d.Notes = append(d.Notes, q.stillWithout(selectors)...)
	}
	return d, nil
}

// stillWithout names the members without which it would be possible for some protocol, but not for this schema.
func (q *problem) stillWithout(selectors []int) []string {
	var out []string
	for _, c := range q.ordered(selectors) {
		rest := slices.DeleteFunc(slices.Clone(selectors), func(s int) bool { return s == c.selector })
		if ok, err := q.possible(rest, false); err == nil && !ok {
			out = append(out, fmt.Sprintf("without `%s` it would be possible, but this version has no plan for that either", short(c.text.Text, 40)))
		}
	}
	return out
}

// says is a clause's part in a contradiction, a piece of a sentence.
func (q *problem) says(c clause, members []clause) string {
	also := func(k kind) bool { return slices.ContainsFunc(members, func(m clause) bool { return m.kind == k }) }
	ch := q.in.Channel
	switch c.kind {
	case direction:
		return fmt.Sprintf("nothing comes back from %s", q.in.To.Name)
	case loses:
		return fmt.Sprintf("%s of what is sent is lost", percent(ch.Loses.P))
	case reorders:
		if also(crashes) && slices.ContainsFunc(members, func(m clause) bool { return m.kind == crashes && m.peer == q.in.From }) {
			return "an old datagram may arrive after that"
		}
		return "an old request may arrive after that"
	case repeats:
		return "what was sent may arrive again"
	case corrupts:
		return "what is altered must not be believed"
	case delays:
		return fmt.Sprintf("a round trip takes %s to %s", spell(2*ch.Delays.Min), spell(2*ch.Delays.Max))
	case rate:
		return "no more may be sent"
	case unit:
		return fmt.Sprintf("a datagram has at most %d bytes", ch.Unit.N)
	case crashes:
		return fmt.Sprintf("%s may forget everything", c.peer.Name)
	case stable:
		return fmt.Sprintf("%d bytes survive a crash of %s", c.peer.Stable.N, c.peer.Name)
	case entropy:
		return fmt.Sprintf("with %d random bits too many starts of %s are alike", c.peer.Entropy.N, c.peer.Name)
	case lives:
		return fmt.Sprintf("a datagram may arrive until %s after it was sent", spell(ch.Lives.T))
	case ram:
		return fmt.Sprintf("%s has %d bytes", c.peer.Name, c.peer.RAM.N)
	case flash:
		return fmt.Sprintf("%s has %d bytes for code", c.peer.Name, c.peer.Flash.N)
	case theCall:
		call := q.in.Calls[c.call]
		_, request := ir.PayloadBounds(call.Params)
		_, answer := call.Result.Bounds()
		switch {
		case also(direction):
			return "a call ends with an answer"
		case also(delays):
			return fmt.Sprintf("it ends within %s where nothing else is said", spell(q.in.Default))
		case also(crashes):
			return "and no answer to another call may be taken for its own"
		}
		return fmt.Sprintf("its arguments take up to %d bytes, its answer %d", request, answer)
	case callKind:
		if also(crashes) || also(reorders) {
			if q.in.Calls[c.call].Kind == ir.ExactlyOnce {
				return "and its effect must be there once, and not twice"
			}
			if q.in.Calls[c.call].Kind == ir.Effect {
				return "and it must not run again"
			}
			return "and it must not run late"
		}
		return "its repeats must be told from new ones"
	case commits:
		return fmt.Sprintf("%s cannot make an effect and a record durable in one step", c.peer.Name)
	case cache:
		return fmt.Sprintf("%s are kept", count(q.in.Calls[c.call].Cache.N, "answer"))
	case log:
		return fmt.Sprintf("%s are kept", count(int(q.in.Calls[c.call].Log.N), "event"))
	case within:
		if c.call < 0 {
			return fmt.Sprintf("calls end within %s", spell(q.in.Default))
		}
		w := q.in.Calls[c.call].Within
		if w.P > 0 {
			return fmt.Sprintf("the answer is wanted within %s, with %s", spell(w.T), percent(w.P))
		}
		return fmt.Sprintf("the answer is wanted within %s", spell(w.T))
	case serial:
		return "executions must not overlap"
	case pipelined:
		return fmt.Sprintf("%d calls are outstanding at once", q.in.Calls[c.call].Pipelined.N)
	}
	return "this is forced"
}

func short(text string, n int) string {
	if r := []rune(text); len(r) > n {
		return string(r[:n-1]) + "…"
	}
	return text
}
