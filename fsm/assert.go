package fsm

import (
	"slices"

	"sprocketc/diag"
)

// Assertion is a property of the system's own. Conditions are over the variables of all machines ("caller.n"), and over
// what is known of the marked call (Facts): one call among any number, so that what holds of it holds of every call.
type Assertion struct {
	Name  string
	After Expr // it is asserted from the first moment on in which this holds; nil: from the start
	Mode  Mode
	Cond  Expr
	Doc   []string
	Span  diag.Span
}

// Mode says when an assertion's condition has to hold.
type Mode int

const (
	Always     Mode = iota
	Never           // at no moment
	Eventually      // in every fair run
)

var modes = []string{"always", "never", "eventually"}

func (m Mode) String() string { return modes[m] }

func (a *Assertion) String() string {
	after := ""
	if a.After != nil {
		after = "after " + Text(a.After) + " "
	}
	return "assert " + a.Name + ": " + after + a.Mode.String() + " " + Text(a.Cond) + ";"
}

// The bases of facts: "call.starts". A machine of such a name hides them.
const (
	MarkedCall = "call"  // the marked call
	OtherCall  = "other" // any other, in the moment in which something happens to it
	AllCalls   = "calls"
)

// Fact gives the type of a fact; ok is false where there is no such fact. `call.outcome` is none of the outcomes before
// the end, and `other.starts` the function of another call in the moment in which its handler starts.
func Fact(base, field string) (t Type, ok bool) {
	switch base + "." + field {
	case "call.made", "call.pending", "call.running", "call.ended":
		return Type{Kind: Bool}, true
	case "call.starts": // of its handler; 2 is twice or more often
		return Type{Kind: Range, Hi: 2}, true
	case "calls.pending": // how many are outstanding
		return Type{Kind: Range, Hi: 1}, true
	case "call.outcome":
		return Type{Kind: EnumKind, Name: OutcomeEnum.Name}, true
	case "call.fn", "other.starts":
		return Type{Kind: EnumKind, Name: "fn"}, true
	}
	return Type{}, false
}

// FactOf reports whether an expression is a fact of a system.
func (s *System) FactOf(e Expr) (Type, bool) {
	if x, ok := e.(*Select); ok && s.Machine(x.Base) == nil {
		return Fact(x.Base, x.Field)
	}
	return Type{}, false
}

// assertion whose first word was taken.
func (p *parser) assertion(dc []string) *Assertion {
	a := &Assertion{Name: p.name(), Doc: dc}
	p.need(":")
	if p.take("after") {
		a.After = p.expr()
	}
	i := slices.Index(modes, p.tok.text)
	if i < 0 {
		p.fail("`always`, `never` or `eventually`")
	}
	p.advance()
	a.Mode = Mode(i)
	a.Cond = p.expr()
	p.need(";")
	return a
}

// assertions checks names and types of what is asserted.
func (k *checker) assertions() {
	seen := map[string]bool{}
	for _, i := range k.sys.Invariants {
		seen[i.Name] = true
	}
	for _, a := range k.sys.Assertions {
		k.at = a.Span
		if seen[a.Name] {
			k.bad("duplicate-name", a.Span, "`%s` is asserted twice", a.Name)
		}
		seen[a.Name] = true
		for _, c := range []Expr{a.After, a.Cond} {
			if c == nil {
				continue
			}
			if t := k.global(c, nil); t.Kind != Bool {
				k.bad("type-mismatch", a.Span, "`%s` is not a condition", Text(c))
			}
			WalkExpr(c, func(e Expr) {
				x, ok := e.(*Select)
				if ok && x.Base == OtherCall && k.sys.Machine(OtherCall) == nil && (c != a.Cond || a.Mode != Never) {
					k.bad("type-mismatch", x.Span, "`%s` is a moment: it can only be what never comes", Text(x))
				}
			})
		}
	}
}

// global is the type of an expression over all machines and the marked call; a bare name is a member of the enumeration
// of the other side of its comparison.
func (k *checker) global(e, other Expr) Type {
	switch x := e.(type) {
	case *Literal:
		if x.IsBool {
			return Type{Kind: Bool}
		}
		return Type{Kind: Range, Lo: x.Value, Hi: x.Value}
	case *Select:
		if t, ok := k.selected(x); ok {
			return t
		}
		k.bad("unknown-name", x.Span, "there is no variable `%s.%s`", x.Base, x.Field)
	case *Name:
		t := Type{}
		if s, ok := other.(*Select); ok {
			t, _ = k.selected(s)
		}
		if en := k.sys.Enum(t.Name); t.Kind == EnumKind && en != nil {
			for _, m := range en.Members {
				if m == x.Name {
					return t
				}
			}
		}
		k.bad("unknown-name", x.Span, "there is no `%s` here", x.Name)
		return t
	case *Not:
		return k.global(x.X, nil)
	case *In:
		t := k.global(x.X, nil)
		if s := k.sys.Set(x.Set); s == nil || s.Enum != t.Name {
			k.bad("unknown-name", k.at, "there is no set `%s` of %s", x.Set, t)
		}
		return Type{Kind: Bool}
	case *Binary:
		a, b := k.global(x.X, x.Y), k.global(x.Y, x.X)
		switch {
		case level[x.Op] <= 2:
			if a.Kind != Bool || b.Kind != Bool {
				k.bad("type-mismatch", k.at, "`%s` needs conditions on both sides", x.Op)
			}
		case a.Kind != b.Kind || a.Name != b.Name:
			k.bad("type-mismatch", k.at, "%s and %s cannot be compared", Text(x.X), Text(x.Y))
		case level[x.Op] > 3:
			return Type{Kind: Range, Hi: 1 << 20}
		}
		return Type{Kind: Bool}
	default:
		k.bad("unknown-name", k.at, "an assertion compares variables; `%s` is not for it", Text(e))
	}
	return Type{Kind: Bool}
}

// variable is the type of a variable or record field of a machine.
func (m *Machine) variable(name string) (Type, bool) {
	for _, v := range m.Vars {
		if v.Name == name {
			return v.Type, true
		}
	}
	for _, r := range m.Records {
		for _, f := range r.Fields {
			if f.Name == name {
				return f.Type, true
			}
		}
	}
	return Type{}, false
}

// open refuses a variable that is hidden from the proof.
func (k *checker) open(m *Machine, x *Select) {
	for _, v := range m.Vars {
		if (v.Layer || v.Type.Hidden()) && v.Name == x.Field {
			k.bad("hidden-condition", x.Span, "`%s` is hidden from the proof: nothing can be said of it", Text(x))
		}
	}
}

// selected is the type of `machine.variable` or of a fact.
func (k *checker) selected(x *Select) (Type, bool) {
	if m := k.sys.Machine(x.Base); m != nil {
		t, ok := m.variable(x.Field)
		k.open(m, x)
		return t, ok && t.Len == 0
	}
	t, ok := k.sys.FactOf(x)
	return t, ok && (t.Name == "" || k.sys.Enum(t.Name) != nil)
}
