package fsm

import (
	"fmt"
	"strings"
)

// String prints the system as text that Parse reads back to an equal system, spans apart.
func (s *System) String() string {
	p := &printer{sys: s}
	p.doc(s.Doc)
	p.line("system %s;", s.Name)
	for _, x := range s.Sorts {
		p.blankBefore(x.Doc)
		kind, bits, wrap := "number", "", ""
		if x.Token {
			kind = "token"
		}
		if x.Bits > 0 {
			bits = fmt.Sprintf(" %d bits", x.Bits)
		}
		if x.Wrap > 0 {
			wrap = fmt.Sprintf(" modulo %d", x.Wrap)
		}
		p.line("%s%s %s%s%s;", x.Tag, kind, x.Name, bits, wrap)
	}
	for _, x := range s.Enums {
		p.blankBefore(x.Doc)
		p.line("%senum %s { %s }", x.Tag, x.Name, strings.Join(x.Members, ", "))
	}
	for _, x := range s.Sets {
		p.blankBefore(x.Doc)
		p.line("%sset %s of %s {%s}", x.Tag, x.Name, x.Enum, strings.TrimRight(" "+strings.Join(x.Members, ", "), " ")+" ")
	}
	for _, x := range s.Messages {
		p.line("")
		p.doc(x.Doc)
		p.line("%smessage %s from %s {", x.Tag, x.Name, x.From)
		p.fields(x.Fields)
		p.line("}")
	}
	if len(s.Channels) > 0 {
		p.line("")
	}
	for _, x := range s.Channels {
		p.doc(x.Doc)
		p.line("%s", channelText(x))
	}
	for _, m := range s.Machines {
		p.line("")
		p.machine(m)
	}
	if len(s.Invariants)+len(s.Assertions)+len(s.Demands)+len(s.Queries)+len(s.Checks) > 0 {
		p.line("")
	}
	for _, x := range s.Invariants {
		p.doc(x.Doc)
		if x.Start {
			p.line("start: %s;", Text(x.Cond))
		} else {
			p.line("invariant %s: %s;", x.Name, Text(x.Cond))
		}
	}
	for _, x := range s.Assertions {
		p.doc(x.Doc)
		p.line("%s", x)
	}
	for _, x := range s.Demands {
		p.doc(x.Doc)
		p.line("%s", x.text(s))
	}
	for _, x := range s.Queries {
		p.doc(x.Doc)
		p.line("%s", x)
	}
	if len(s.Checks) > 0 {
		p.line("check %s;", strings.Join(s.Checks, " "))
	}
	return p.b.String()
}

func channelText(x *Channel) string {
	t := fmt.Sprintf("%schannel %s from %s to %s", x.Tag, x.Name, x.From, x.To)
	if x.Capacity > 0 {
		t += fmt.Sprintf(" capacity %d", x.Capacity)
	}
	if x.Loses {
		t += " loses"
	}
	if x.Oldest {
		t += " oldest"
	}
	if x.Loss.Stated() {
		t += " " + x.Loss.String()
	}
	if x.Waits {
		t += " waits"
	}
	if x.Repeats {
		t += " repeats"
	}
	if x.Within > 0 {
		t += fmt.Sprintf(" overtaking %d", x.Within)
	} else if x.Within < 0 {
		t += " overtaking any"
	}
	if x.Corrupts {
		t += " corrupts"
	}
	if d := x.Delay; d.Cap > 0 {
		t += fmt.Sprintf(" delays %d..%d", d.First, d.Cap)
	}
	if x.Lives > 0 {
		t += fmt.Sprintf(" lives %d", x.Lives)
	}
	return t + ";"
}

type printer struct {
	b     strings.Builder
	sys   *System
	depth int
}

// start is the initial value of a variable that is not zero.
func (p *printer) start(v *Var) string {
	if e := p.sys.Enum(v.Type.Name); v.Type.Kind == EnumKind && e != nil && int(v.Init) < len(e.Members) {
		return e.Members[v.Init]
	} else if v.Type.Kind == Bool {
		return "true"
	}
	return fmt.Sprint(v.Init)
}

func (p *printer) line(format string, args ...any) {
	t := fmt.Sprintf(format, args...)
	if t != "" {
		p.b.WriteString(strings.Repeat("    ", p.depth))
		p.b.WriteString(t)
	}
	p.b.WriteByte('\n')
}

func (p *printer) doc(lines []string) {
	for _, l := range lines {
		p.line("%s", strings.TrimRight("// "+l, " "))
	}
}

// blankBefore sets a commented declaration apart.
func (p *printer) blankBefore(d []string) {
	if len(d) > 0 {
		p.line("")
	}
	p.doc(d)
}

func (t Tag) String() string {
	if len(t) == 0 {
		return ""
	}
	var or []string
	for _, c := range t {
		var and []string
		for _, l := range c {
			if l.Not {
				and = append(and, "!"+l.Feature)
			} else {
				and = append(and, l.Feature)
			}
		}
		or = append(or, strings.Join(and, " & "))
	}
	return "[" + strings.Join(or, " | ") + "] "
}

func (t Type) String() string {
	n := t.Name
	switch t.Kind {
	case Bool:
		n = "bool"
	case Payload:
		n = "payload"
	case Range:
		if !t.Hidden() {
			n = fmt.Sprintf("%d..%d", t.Lo, t.Hi)
		}
	}
	if t.Scope != "" {
		n += " in " + t.Scope
	}
	if t.Len > 0 {
		n += fmt.Sprintf("[%d]", t.Len)
	}
	return n
}

func (p *printer) fields(fs []*Field) {
	p.depth++
	for _, f := range fs {
		p.doc(f.Doc)
		wire, set := "", ""
		if f.Wire {
			wire = "wire "
		}
		if f.For != "" {
			set = " for " + f.For
		}
		p.line("%s%s%s: %s%s;", f.Tag, wire, f.Name, f.Type, set)
	}
	p.depth--
}

func params(ps []*Param) string {
	var out []string
	for _, x := range ps {
		out = append(out, x.Name+": "+x.Type.String())
	}
	return strings.Join(out, ", ")
}

func (i Interval) String() string {
	if i.Cap > i.First {
		return fmt.Sprintf("%d..%d", i.First, i.Cap)
	}
	return fmt.Sprint(i.First)
}

// member names value i of an enumeration.
func (p *printer) member(enum string, i int) string {
	if e := p.sys.Enum(enum); e != nil && i < len(e.Members) {
		return e.Members[i]
	}
	return fmt.Sprintf("_%d", i)
}

func (p *printer) machine(m *Machine) {
	p.doc(m.Doc)
	head := "machine " + m.Name
	if m.Crashes {
		head += " crashes"
		if m.Budget > 0 {
			head += fmt.Sprint(" ", m.Budget)
		}
	}
	if m.Drift > 0 {
		head += fmt.Sprintf(" drift %d ppm", m.Drift)
	}
	if m.Erased {
		head += " erased"
	}
	p.line("%s {", head)
	p.depth++
	for _, v := range m.Vars {
		p.doc(v.Doc)
		t := v.Tag.String()
		if v.Layer {
			t += "layer "
		}
		t += "var " + v.Name + ": " + v.Type.String()
		if v.While != nil {
			t += " while " + Text(v.While)
		}
		if v.Any {
			t += " = any"
		} else if v.Init > 0 {
			t += " = " + p.start(v)
		}
		p.line("%s;", t)
	}
	for _, r := range m.Records {
		p.doc(r.Doc)
		s := "slots"
		if r.Slots == 1 {
			s = "slot"
		}
		p.line("%srecord %s %d %s {", r.Tag, r.Name, r.Slots, s)
		p.fields(r.Fields)
		p.line("}")
	}
	for _, t := range m.Timers {
		p.doc(t.Doc)
		p.line("%s", p.timer(t))
	}
	for _, x := range m.Memos {
		p.doc(x.Doc)
		var es []string
		for i, e := range x.Entries {
			es = append(es, fmt.Sprintf("%s: %d for %d", p.member(x.Per, i), e.N, e.Age))
		}
		body := ";"
		if len(es) > 0 {
			body = " { " + strings.Join(es, ", ") + " }"
		}
		p.line("%smemo %s for %s%s", x.Tag, x.Name, x.Per, body)
	}
	if j := m.Journal; j != nil {
		p.doc(j.Doc)
		n := ""
		if j.N > 0 {
			n = fmt.Sprint(" ", j.N)
		}
		p.line("%sjournal %s%s;", j.Tag, j.Name, n)
	}
	for _, e := range m.Events {
		p.event(e)
	}
	for _, t := range m.Tails {
		p.line("")
		p.doc(t.Doc)
		p.line("%stail %s(%s) {", t.Tag, t.Name, params(t.Params))
		p.block(t.Body)
		p.line("}")
	}
	p.depth--
	p.line("}")
}

func (p *printer) timer(t *Timer) string {
	s := t.Tag.String()
	if t.Layer {
		s += "layer "
	}
	s += "timer " + t.Name
	end := t.Outlives.text() + ";"
	switch {
	case t.Per != "" && len(t.Spans) > 0:
		var es []string
		for i, x := range t.Spans {
			es = append(es, p.member(t.Per, i)+": "+x.String())
		}
		return s + " for " + t.Per + " { " + strings.Join(es, ", ") + " }"
	case t.Per != "":
		return s + " for " + t.Per + end
	case len(t.Spans) == 1:
		return s + " " + t.Spans[0].String() + end
	}
	return s + end
}

func (p *printer) event(e *Event) {
	p.line("")
	p.doc(e.Doc)
	head := e.Tag.String()
	switch e.Kind {
	case OnFree:
		head += "free " + e.Name
		if len(e.Params) > 0 {
			head += "(" + params(e.Params) + ")"
		}
	case OnTimer:
		head += "on timer " + e.Name
	default:
		head += "on " + e.Name
	}
	if e.Param != "" {
		head += "(" + e.Param + ")"
	}
	if e.When != nil {
		head += " when " + Text(e.When)
	}
	p.line("%s {", head)
	p.block(e.Body)
	p.line("}")
}

func (p *printer) block(body []*Stage) {
	p.depth++
	for _, s := range body {
		p.doc(s.Doc)
		if w, ok := s.Stmt.(*When); ok {
			p.line("%swhen %s {", s.Tag, Text(w.Cond))
			p.block(w.Then)
			if len(w.Else) > 0 {
				p.line("} else {")
				p.block(w.Else)
			}
			p.line("}")
			continue
		}
		p.line("%s%s;", s.Tag, StmtText(s.Stmt))
	}
	p.depth--
}
