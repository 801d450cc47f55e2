package versions

import (
	"fmt"

	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/verify"
)

// Version is a program that was solved and composed.
type Version struct {
	Program *ir.Program
	Plan    *ir.Plan
	System  *fsm.System
}

// Verdicts on a function in one direction, on an upgrade, and on all of it; the worst of several is the largest.
type Verdict int

const (
	None       Verdict = iota // nothing to be said: the caller does not have the function
	Compatible                // it does what was promised
	But                       // likewise, with what is lost
	Undecided                 // a limit was reached before that was shown
	Breaks
)

func (v Verdict) String() string {
	return [...]string{"none", "compatible", "compatible, but", "undecided", "breaks"}[v]
}

// Reason is why a verdict is no better, with the clauses of both programs that it is about; nil where one says nothing.
type Reason struct {
	Text     string
	Old, New *ir.Clause
}

// Outcome is a verdict with its reasons and, where an exploration broke, the property and its run.
type Outcome struct {
	Verdict  Verdict
	Reasons  []Reason
	Property *verify.Property
}

func (o *Outcome) add(v Verdict, r Reason) {
	o.Verdict = max(o.Verdict, v)
	o.Reasons = append(o.Reasons, r)
}

// Function is a call of either version, with the verdicts of both directions: [0] an old caller with a new callee, [1] a new
// caller with an old callee.
type Function struct {
	Name     string
	Old, New *ir.Call // nil where the version lacks it
	Keep     bool     // in either version
	Way      [2]Outcome
}

// Upgrade is whether a peer's stable memory is read by the new version of it.
type Upgrade struct {
	Peer string
	Outcome
}

// Explored is what the exploration of a caller of one version with the callee of the other came to.
type Explored struct {
	Way       int // as in Function
	Functions []string
	Report    *verify.Report // nil: both versions have the same machines, so that nothing is new
}

// Diff is the comparison of two versions.
type Diff struct {
	Old, New   Version
	Functions  []*Function // those of the new version, then those that are gone
	Upgrades   []Upgrade
	Explored   []Explored
	NotChecked []string
}

// Worst is the verdict on all of it. A function that only the new version has breaks nothing that is deployed.
func (d *Diff) Worst() Verdict {
	worst := Compatible
	for _, f := range d.Functions {
		worst = max(worst, f.Way[0].Verdict, f.Way[1].Verdict)
	}
	for _, u := range d.Upgrades {
		worst = max(worst, u.Verdict)
	}
	return worst
}

// Compare tells what the change from one version to the other means. Search bounds each exploration.
func Compare(old, new Version, search verify.Options) *Diff {
	d := &Diff{Old: old, New: new}
	for _, c := range new.Plan.Interface.Calls {
		d.Functions = append(d.Functions, &Function{Name: c.Name, Old: callOf(old, c.Name), New: c})
	}
	for _, c := range old.Plan.Interface.Calls {
		if callOf(new, c.Name) == nil {
			d.Functions = append(d.Functions, &Function{Name: c.Name, Old: c})
		}
	}
	for _, f := range d.Functions {
		f.Keep = f.Old != nil && f.Old.Keep != nil || f.New != nil && f.New.Keep != nil
	}
	for way := range 2 {
		d.direction(way, search)
	}
	d.promises()
	d.upgrades()
	if len(old.Program.Assertions)+len(new.Program.Assertions) > 0 {
		d.NotChecked = append(d.NotChecked, "what the programs assert: it is checked of each version alone")
	}
	return d
}

func callOf(v Version, name string) *ir.Call {
	for _, c := range v.Plan.Interface.Calls {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// clauses of a function in both versions.
func (f *Function) clauses() (old, new *ir.Clause) {
	if f.Old != nil {
		old = &f.Old.Clause
	}
	if f.New != nil {
		new = &f.New.Clause
	}
	return
}

func (f *Function) says(way int, v Verdict, format string, args ...any) {
	old, new := f.clauses()
	f.Way[way].add(v, Reason{fmt.Sprintf(format, args...), old, new})
}

// sides are the versions of the caller and of the callee.
func (d *Diff) sides(way int) (caller, callee Version) {
	if way == 0 {
		return d.Old, d.New
	}
	return d.New, d.Old
}

var ages = [2][2]string{{"an old caller", "a new callee"}, {"a new caller", "an old callee"}}

// direction compares the wire of one direction, and explores what it leaves.
func (d *Diff) direction(way int, search verify.Options) {
	caller, callee := d.sides(way)
	if from, to := ends(caller), ends(callee); from != to {
		for _, f := range d.Functions {
			f.says(way, Breaks, "the calls go %s in one version and %s in the other", from, to)
		}
		return
	}
	from := map[string]string{}
	for _, v := range []Version{caller, callee} {
		for _, m := range v.System.Messages {
			from[m.Name] = m.From
		}
	}
	p := pair{caller: caller.System, callee: callee.System, world: d.New.System, foreign: map[string][]string{}, promised: d.promised()}
	var controls []string // what may be taken for another message
	for _, m := range caller.System.Messages {
		p.control(m, caller.Plan, callee.Plan, from, &controls)
	}
	for _, m := range callee.System.Messages {
		p.control(m, callee.Plan, caller.Plan, from, &controls)
	}
	var understood []string
	for _, f := range d.Functions {
		asked, served := find(caller.Plan, "REQ", f.Name), find(callee.Plan, "REQ", f.Name)
		if asked == nil {
			continue // this caller does not know it
		}
		f.Way[way].Verdict = Compatible
		for _, c := range controls {
			f.says(way, Breaks, "%s", c)
		}
		if served == nil {
			p.foreign["REQ"] = append(p.foreign["REQ"], f.Name)
			v, text := Breaks, "%s does not have it any more: the call ends without an answer"
			if way == 1 {
				v, text = But, "%s does not have it yet: the call ends without an answer"
			}
			f.says(way, v, text, ages[way][1])
			f.mistaken(way, asked, callee.Plan, from, ages[way][1])
			continue
		}
		ok := f.message(way, "REQ", caller.Plan, callee.Plan, from, ages[way][1], &p)
		ok = f.message(way, "ANS", callee.Plan, caller.Plan, from, ages[way][0], &p) && ok
		for _, m := range []struct {
			w      *ir.WireMessage
			sender string
		}{{asked, ages[way][0]}, {find(callee.Plan, "ANS", f.Name), ages[way][1]}} {
			if unit := d.New.Plan.Interface.Channel.Unit; unit != nil && m.w != nil && int64(m.w.Max) > unit.N {
				f.Way[way].add(Breaks, Reason{fmt.Sprintf("%s of %s takes up to %d bytes, and the unit is %d now", what(m.w), m.sender, m.w.Max, unit.N), nil, &unit.Clause})
				ok = false
			}
		}
		if ok && len(controls) == 0 {
			understood = append(understood, f.Name)
		}
	}
	d.explore(way, p, understood, search)
}

// ends says between whom the calls go, and over what.
func ends(v Version) string {
	in := v.Plan.Interface
	text := "from " + in.From.Name + " to " + in.To.Name
	if in.Channel.Over != "" {
		text += " over " + in.Channel.Over
	}
	return text
}

// control compares a message that is of no call. Where a receiver does not understand it, it is dropped, or taken for another.
func (p *pair) control(m *fsm.Message, sender, receiver *ir.Plan, from map[string]string, mistaken *[]string) {
	w := find(sender, m.Name, "")
	if w == nil {
		return
	}
	if r := find(receiver, m.Name, ""); r != nil && len(read(w, r).broken) == 0 {
		return
	}
	p.deaf = append(p.deaf, m.Name)
	if other := taken(w, receiver, from); other != nil {
		*mistaken = append(*mistaken, fmt.Sprintf("%s may be taken for %s, since nothing tells them apart", what(w), what(other)))
	}
}

// message compares a message of a function, and reports whether the receiver understands it.
func (f *Function) message(way int, name string, sender, receiver *ir.Plan, from map[string]string, who string, p *pair) bool {
	w, r := find(sender, name, f.Name), find(receiver, name, f.Name)
	if w == nil || r == nil {
		return true
	}
	x := read(w, r)
	for _, text := range x.broken {
		f.says(way, Breaks, "%s", text)
	}
	if len(x.broken) > 0 {
		p.foreign[name] = append(p.foreign[name], f.Name)
		f.mistaken(way, w, receiver, from, who)
		return false
	}
	for _, text := range x.lost {
		f.says(way, But, "%s drops %s", who, text)
	}
	return true
}

// mistaken tells for what a message that is not understood may be taken.
func (f *Function) mistaken(way int, w *ir.WireMessage, receiver *ir.Plan, from map[string]string, who string) {
	if other := taken(w, receiver, from); other != nil {
		f.says(way, Breaks, "%s may take %s for %s, since there is no checksum that tells them apart", who, what(w), what(other))
	}
}

// promised are what calls promise in either version.
func (d *Diff) promised() map[string][]string {
	out := map[string][]string{}
	for _, f := range d.Functions {
		kind, commutes := ir.Pure, true
		for _, c := range []*ir.Call{f.Old, f.New} {
			if c != nil {
				kind, commutes = min(kind, c.Kind), commutes && c.Commutes != nil
			}
		}
		out[kind.String()] = append(out[kind.String()], f.Name)
		if kind != ir.Pure {
			out["lasting"] = append(out["lasting"], f.Name)
		}
		if commutes {
			out["commutes"] = append(out["commutes"], f.Name)
		}
	}
	return out
}
