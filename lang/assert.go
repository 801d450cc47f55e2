package lang

import "sprocketc/diag"

// Assert is a property of the program's own.
type Assert struct {
	Head        // without a name
	After *Cond // it is asserted from the first moment on in which this holds; nil: from the start
	Word  Ident // a mode, or the name of a property
	Cond  *Cond // of a property: a call alone
}

// Mode is "always", "never" or "eventually"; "" where the word names a property.
func (a *Assert) Mode() string {
	for _, m := range modes {
		if a.Word.Name == m {
			return m
		}
	}
	return ""
}

var modes = []string{"always", "never", "eventually"}

// Properties that can be asserted of a call by name; see spec/semantics.md.
var Properties = []string{"at_most_once", "delivered", "final", "honest_outcome", "no_spurious_restart", "no_stale", "own_answer", "serial", "useful"}

// CallStates are what an assertion can say of a call.
var CallStates = []string{"made", "pending", "runs", "ran", "ran twice", "starts", "ended", "answered", "refused", "timed out", "unknown", "peer restarted"}

// CondOp tells conditions apart.
type CondOp int

// Conditions are facts, joined.
const (
	Fact CondOp = iota
	Not         // of X
	And         // of X and Y
	Or
)

// Cond is a condition of an assertion. All facts are about one and the same call, but for those of another.
type Cond struct {
	Op   CondOp
	X, Y *Cond
	Span diag.Span

	// of a Fact
	Interface *Ident // nil where only one has a call of the name
	Call      Ident
	State     string // one of CallStates
	Other     bool   // of another call than the one that the other facts are about: "starts"
}

// cond finds the calls that a condition names.
func (c *checker) cond(x *Cond) {
	if x == nil {
		return
	}
	if x.Op == Fact && x.Call.Name != "" {
		c.called(x)
	}
	c.cond(x.X)
	c.cond(x.Y)
}

// called reports a fact whose call there is not.
func (c *checker) called(x *Cond) {
	call, names, in := c.lookup(x)
	switch {
	case call != nil || c.file.lost[x.Call.Name] || c.file.Incomplete:
	case in == 0 && x.Interface != nil:
		c.report.Errorf("unknown-name", x.Interface.Span, "", "there is no interface `%s`", shorten(x.Interface.Name))
	default:
		d := c.report.Errorf("unknown-name", x.Call.Span, "", "there is no call `%s`", shorten(x.Call.Name))
		if near := nearest(x.Call.Name, names); near != "" {
			d.Repair("did you mean `"+near+"`?", diag.Edit{Span: x.Call.Span, Text: near})
		}
	}
}

// lookup finds the call of a fact; nil where there is none. It gives the names of the calls among which it looked, and
// in how many interfaces.
func (c *checker) lookup(x *Cond) (call *Call, names []string, in int) {
	for _, i := range c.file.Interfaces {
		if x.Interface != nil && x.Interface.Name != i.Name.Name {
			continue
		}
		in++
		for _, k := range i.Calls {
			names = append(names, k.Name.Name)
			if k.Name.Name == x.Call.Name && call == nil {
				call = k
			}
		}
	}
	return
}

// effects are the properties that say something of effects only.
var effects = map[string]bool{"final": true, "honest_outcome": true, "no_spurious_restart": true}

// property reports a property that says nothing of its call.
func (c *checker) property(a *Assert) {
	if a.Mode() != "" || a.Cond == nil || a.Cond.Op != Fact {
		return
	}
	call, _, _ := c.lookup(a.Cond)
	if call == nil {
		return
	}
	kind := call.Head.Span
	if call.KindAt != nil {
		kind = call.KindAt.Span
	}
	switch {
	case effects[a.Word.Name] && call.Kind != Effect:
		c.report.Errorf("unknown-property", a.Word.Span, "", "`%s` says something of an effect only", a.Word.Name).And(kind, "this is none")
	case a.Word.Name == "no_stale" && call.Kind == Pure:
		c.report.Errorf("unknown-property", a.Word.Span, "", "a pure call may run at any time").And(kind, "this is pure")
	}
}
