package fsm

import (
	"fmt"
	"slices"
	"strconv"

	"sprocketc/diag"
)

// Load parses a text, resolves its names and checks it.
func Load(file *diag.File) (*System, []diag.Diagnostic) {
	s, ds := Parse(file)
	if len(ds) > 0 {
		return nil, ds
	}
	resolve(s)
	if ds := Sanity(s); len(ds) > 0 {
		return nil, ds
	}
	return s, nil
}

// resolve tells enumerations, numbers and tokens apart.
func resolve(s *System) {
	fix := func(t *Type) {
		if t.Name == "" || t.Hidden() && s.Enum(t.Name) == nil && s.Sort(t.Name) == nil {
			return
		}
		if s.Enum(t.Name) != nil {
			t.Kind = EnumKind
		} else if x := s.Sort(t.Name); x != nil && x.Token {
			t.Kind = Token
		} else {
			t.Kind = Number
		}
	}
	s.types(fix)
	for _, m := range s.Machines {
		for _, v := range m.Vars {
			v.Init = max(v.Init, initial(s, v))
		}
	}
}

// types calls f for the type of every field, variable and parameter.
func (s *System) types(f func(*Type)) {
	fields := func(fs []*Field) {
		for _, x := range fs {
			f(&x.Type)
		}
	}
	params := func(ps []*Param) {
		for _, x := range ps {
			f(&x.Type)
		}
	}
	for _, m := range s.Messages {
		fields(m.Fields)
	}
	for _, m := range s.Machines {
		for _, v := range m.Vars {
			f(&v.Type)
		}
		for _, r := range m.Records {
			fields(r.Fields)
		}
		for _, e := range m.Events {
			params(e.Params)
		}
		for _, t := range m.Tails {
			params(t.Params)
		}
	}
}

// initial is the value that the text gives a variable by name; 0 where it gives none of its type.
func initial(s *System, v *Var) uint32 {
	switch {
	case v.Type.Kind == Bool && v.Start == "true":
		return 1
	case v.Type.Kind == EnumKind:
		if e := s.Enum(v.Type.Name); e != nil {
			return uint32(max(0, slices.Index(e.Members, v.Start)))
		}
	}
	return 0
}

// startFits reports whether the initial value that the text gives is one of the variable's type.
func (k *checker) startFits(v *Var) bool {
	switch {
	case v.Start == "":
		return true
	case v.Type.Kind == Bool:
		return v.Start == "true" || v.Start == "false"
	case v.Type.Kind == Range:
		return v.Start == strconv.FormatUint(uint64(v.Init), 10)
	case v.Type.Kind == EnumKind:
		e := k.sys.Enum(v.Type.Name)
		return e == nil || slices.Contains(e.Members, v.Start)
	}
	return false
}

// startHint says with what a variable can start that cannot with what it was given.
func startHint(t Type) string {
	switch t.Kind {
	case Number, Token, Payload:
		return ", which starts with none"
	case EnumKind:
		return ", and starts with one of its members"
	}
	return ""
}

// Sanity checks a resolved system: every name is known, types agree, tails do not recurse, messages have a channel.
// Everything that it finds is reported.
func Sanity(s *System) []diag.Diagnostic {
	k := &checker{sys: s}
	k.declarations()
	for _, m := range s.Machines {
		k.machine(m)
	}
	for _, i := range s.Invariants {
		k.invariant(i)
	}
	k.assertions()
	k.demands()
	k.chances()
	k.outlived()
	return k.out
}

type checker struct {
	sys *System
	out []diag.Diagnostic
	sc  *scope
	at  diag.Span // of the stage or declaration at hand

	hit     []string // memos that the stage at hand has found an answer in
	answers bool     // the expression at hand is the answer that a call ends with
}

func (k *checker) bad(code string, sp diag.Span, format string, args ...any) {
	if sp.File == nil {
		sp = k.at
	}
	if len(k.out) < 200 {
		k.out = append(k.out, diag.Diagnostic{Code: code, Message: fmt.Sprintf(format, args...), Labels: []diag.Label{{Span: sp}}})
	}
}

func (k *checker) typeKnown(t Type, sp diag.Span) {
	if t.Hidden() && (t.Len > 0 || t.Scope != "") {
		k.bad("unknown-type", sp, "a %s is one by itself: it is neither in an array nor counted within anything", t.Name)
	}
	if t.Name != "" && !t.Hidden() && k.sys.Enum(t.Name) == nil && k.sys.Sort(t.Name) == nil {
		k.bad("unknown-type", sp, "there is no number, token or enumeration `%s`", t.Name)
	}
	if t.Kind == Range && t.Lo > t.Hi {
		k.bad("empty-range", sp, "the range %d..%d is empty", t.Lo, t.Hi)
	}
	if t.Len > 64 || t.Kind == Range && !t.Hidden() && t.Hi > 1<<20 {
		k.bad("too-large", sp, "an array has at most 64 elements, and a range ends at 1048576")
	}
}

func (k *checker) declarations() {
	s := k.sys
	seen := map[string]bool{}
	name := func(n string, sp diag.Span) {
		if seen[n] {
			k.bad("duplicate-name", sp, "`%s` is declared twice", n)
		}
		seen[n] = true
	}
	for _, x := range s.Sorts {
		name(x.Name, x.Span)
		if x.Bits > 32 || x.Wrap > 1<<16 || x.Wrap == 1 {
			k.bad("too-large", x.Span, "a number has at most 32 bits, and a modulus of 2 to 65536")
		}
	}
	for _, x := range s.Enums {
		name(x.Name, x.Span)
		if x.Name == OutcomeEnum.Name {
			k.bad("duplicate-name", x.Span, "`outcome` is built in")
		}
	}
	for _, x := range s.Sets {
		name(x.Name, x.Span)
		e := s.Enum(x.Enum)
		if e == nil {
			k.bad("unknown-type", x.Span, "there is no enumeration `%s`", x.Enum)
			continue
		}
		for _, m := range x.Members {
			if !slices.Contains(e.Members, m) {
				k.bad("unknown-name", x.Span, "`%s` is not a member of `%s`", m, x.Enum)
			}
		}
	}
	for _, x := range s.Messages {
		name(x.Name, x.Span)
		if s.Machine(x.From) == nil {
			k.bad("unknown-name", x.Span, "there is no machine `%s`", x.From)
		}
		for _, f := range x.Fields {
			k.typeKnown(f.Type, f.Span)
			if f.For != "" && (s.Set(f.For) == nil || x.Index("fn") < 0) {
				k.bad("unknown-name", f.Span, "`for %s` needs a set of that name and a field fn", f.For)
			}
		}
	}
	for _, x := range s.Channels {
		name(x.Name, x.Span)
		if s.Machine(x.From) == nil || s.Machine(x.To) == nil || x.From == x.To {
			k.bad("unknown-name", x.Span, "a channel joins two different machines")
		}
		if x.Capacity > 16 || x.Within > 64 {
			k.bad("too-large", x.Span, "a capacity is at most 16, and at most 64 datagrams overtake")
		}
		if x.Oldest && x.Within != 0 {
			k.bad("no-oldest", x.Span, "`loses oldest` needs a channel that keeps the order: where datagrams overtake, none is the next to arrive")
		}
	}
	for _, x := range s.Machines {
		name(x.Name, x.Span)
	}
}

func (k *checker) machine(m *Machine) {
	c := &Code{Sys: k.sys, M: m, at: map[string]int{}}
	seen := map[string]bool{}
	once := func(n string, sp diag.Span) {
		if seen[n] {
			k.bad("duplicate-name", sp, "`%s` is declared twice in `%s`", n, m.Name)
		}
		seen[n] = true
	}
	for _, v := range m.Vars {
		once(v.Name, v.Span)
		k.typeKnown(v.Type, v.Span)
		c.at[v.Name] = len(c.Layout)
		c.Layout = append(c.Layout, Slot{Name: v.Name, Type: v.Type, Layer: v.Layer})
		if v.Layer && (v.Type.Kind != Bool || v.Type.Len > 0) {
			k.bad("layer-type", v.Span, "a layer variable is a boolean, so that the proof can let it be either")
		}
		if v.Type.Hidden() && v.Start != "" {
			k.bad("type-mismatch", v.Span, "`%s` starts with none: it is of type %s", v.Name, v.Type)
		}
		if v.Any && (v.Type.Len > 0 || v.Type.Kind != Bool && v.Type.Kind != Range && v.Type.Kind != EnumKind) {
			k.bad("type-mismatch", v.Span, "only a boolean, a range or an enumeration can start with any value")
		}
		if !k.startFits(v) {
			k.bad("type-mismatch", v.Span, "`%s` cannot start with %s: it is of type %s%s", v.Name, v.Start, v.Type, startHint(v.Type))
		} else if v.Type.Kind == Range && (v.Init < v.Type.Lo || v.Init > v.Type.Hi) && !v.Any {
			k.bad("out-of-range", v.Span, "`%s` starts with %d, which is outside %s", v.Name, v.Init, v.Type)
		}
	}
	for _, r := range m.Records {
		once(r.Name, r.Span)
		if r.Slots != 1 && r.Slots != 2 {
			k.bad("out-of-range", r.Span, "a record has 1 slot or 2")
		}
		for _, f := range r.Fields {
			once(f.Name, f.Span)
			k.typeKnown(f.Type, f.Span)
			c.at[f.Name] = len(c.Layout)
			c.Layout = append(c.Layout, Slot{Name: f.Name, Type: f.Type})
		}
	}
	for _, t := range m.Timers {
		once(t.Name, t.Span)
		if e := k.sys.Enum(t.Per); t.Per != "" && (e == nil || len(t.Spans) > 0 && len(t.Spans) != len(e.Members)) {
			k.bad("out-of-range", t.Span, "timer `%s` needs one interval for each member of `%s`", t.Name, t.Per)
		}
	}
	for _, t := range m.Tails {
		once(t.Name, t.Span)
		if len(t.Params) > 4 {
			k.bad("too-large", t.Span, "a tail has at most 4 parameters")
		}
	}
	k.recursion(m)
	k.unread(m)
	events := map[string]bool{}
	for _, v := range m.Vars {
		k.sc, k.at = &scope{c: c}, v.Span
		k.cond(v.While)
		k.seen(m, v.While, v.Span, "a variable cannot die by it")
	}
	for _, e := range m.Events {
		key := fmt.Sprint(e.Kind, e.Name)
		if events[key] {
			k.bad("duplicate-name", e.Span, "`on %s` stands twice in `%s`", e.Name, m.Name)
		}
		events[key] = true
		k.sc, k.at = &scope{c: c, event: e}, e.Span
		switch e.Kind {
		case OnMessage:
			if x := k.sys.Message(e.Name); x == nil {
				k.bad("unknown-name", e.Span, "there is no message `%s`", e.Name)
				continue
			} else if x.From == m.Name {
				k.bad("unknown-name", e.Span, "`%s` sends `%s` itself", m.Name, e.Name)
			}
		case OnTimer:
			if !slices.ContainsFunc(m.Timers, func(t *Timer) bool { return t.Name == e.Name }) {
				k.bad("unknown-name", e.Span, "there is no timer `%s`", e.Name)
			}
		case OnCall:
			if k.sys.Enum("fn") == nil {
				k.bad("unknown-type", e.Span, "`on call` needs an enumeration fn of the functions")
			}
		}
		k.parameters(m, e.Params, c)
		for _, p := range e.Params {
			k.typeKnown(p.Type, p.Span)
			if p.Type.Kind != Bool && p.Type.Kind != Range && p.Type.Kind != EnumKind || p.Type.Len > 0 || p.Type.Hidden() {
				k.bad("type-mismatch", p.Span, "the environment chooses a boolean, a range or an enumeration")
			}
		}
		k.cond(e.When)
		k.seen(m, e.When, e.Span, "an event cannot wait for it; test it in a stage")
		k.body(m, e.Body)
	}
	for _, t := range m.Tails {
		k.sc, k.at = &scope{c: c, tail: t}, t.Span
		k.parameters(m, t.Params, c)
		for _, p := range t.Params {
			k.typeKnown(p.Type, p.Span)
			if p.Type.Hidden() {
				k.bad("type-mismatch", p.Span, "a tail is not handed a %s: it reads it where it is", p.Type)
			}
		}
		k.body(m, t.Body)
	}
}

// parameters refuses a name that stands for a variable of the machine as well: what is set by it is not what is read.
func (k *checker) parameters(m *Machine, params []*Param, c *Code) {
	seen := map[string]bool{}
	for _, p := range params {
		if _, known := c.at[p.Name]; known || seen[p.Name] {
			k.bad("duplicate-name", p.Span, "`%s` is declared twice in `%s`", p.Name, m.Name)
		}
		seen[p.Name] = true
	}
}

// seen refuses a condition over what is hidden from the proof, where only a stage may be hidden from it too: a stage goes
// both ways.
func (k *checker) seen(m *Machine, cond Expr, sp diag.Span, why string) {
	hidden := func(what string) { k.bad("hidden-condition", sp, "`%s` is hidden from the proof: %s", what, why) }
	WalkExpr(cond, func(e Expr) {
		switch x := e.(type) {
		case *Name:
			t, known := m.variable(x.Name)
			if known && t.Hidden() || slices.ContainsFunc(m.Vars, func(v *Var) bool { return v.Layer && v.Name == x.Name }) {
				hidden(x.Name)
			}
		case *Select:
			if t, known := k.sc.typeOf(x); known && t.Hidden() {
				hidden(Text(x))
			}
		case *Call:
			_, layer := pieceWork[x.Fn]
			layer = layer || x.Fn == "full" || x.Fn == "hit" || x.Fn == "recalled" || x.Fn == "either"
			for _, t := range m.Timers {
				layer = layer || x.Fn == "running" && t.Layer && len(x.Args) > 0 && t.Name == Text(x.Args[0])
			}
			if layer {
				hidden(Text(x))
			}
		}
	})
}

// unread reports variables that nothing reads: they are left over, or a guard is missing.
func (k *checker) unread(m *Machine) {
	read := map[string]bool{}
	m.exprs(func(e Expr) {
		switch x := e.(type) {
		case *Name:
			read[x.Name] = true
		case *Index:
			read[x.Name] = true
		}
	})
	for _, c := range k.sys.conditions() {
		WalkExpr(c, func(e Expr) {
			if x, ok := e.(*Select); ok && x.Base == m.Name {
				read[x.Field] = true
			}
		})
	}
	for _, v := range m.Vars {
		if !read[v.Name] {
			k.bad("unread-variable", v.Span, "nothing reads `%s`", v.Name)
		}
	}
}

// recursion refuses a tail that reaches itself.
func (k *checker) recursion(m *Machine) {
	state := map[string]int{}
	var visit func(t *Tail) bool
	visit = func(t *Tail) bool {
		if state[t.Name] == 1 {
			return false
		}
		if state[t.Name] == 2 {
			return true
		}
		state[t.Name] = 1
		ok := true
		WalkStages(t.Body, func(s *Stage) {
			if d, is := s.Stmt.(*Do); is && ok {
				if u := m.Tail(d.Tail); u != nil {
					ok = visit(u)
				}
			}
		})
		state[t.Name] = 2
		return ok
	}
	for _, t := range m.Tails {
		if !visit(t) {
			k.bad("recursion", t.Span, "tail `%s` reaches itself", t.Name)
			return
		}
	}
}
