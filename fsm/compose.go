package fsm

import "fmt"

// Spec says how a tagged source becomes a system: which features are on, and what the plan fills in.
type Spec struct {
	Name     string
	Doc      []string
	Features map[string]bool
	Enums    []*Enum // added to the source's own
	Sets     []*Set
	Bits     map[string]int         // width by sort
	Wrap     map[string]int         // modulus by sort
	Timers   map[string][]Interval  // by timer
	Memos    map[string][]MemoEntry // by memo
	Journal  uint32                 // notes kept
	Crashes  map[string]bool        // by machine
	Erased   map[string]bool        // by machine
	Channels []*Channel
	Checks   []string
	Asserted []*Assertion
	Demands  []*Demand
	Drift    map[string]int // by machine, parts in a million
}

// Compose keeps the stages, variables and fields whose tags hold, fills in the plan's figures, folds what has become
// constant and drops what nothing reads. The source stays as it is. What is dropped by its tag counts as absent: an
// assignment to it goes, and a comparison of two absent things holds, so that an identity of one or of two numbers is
// written once. An error is a defect of the source.
func Compose(src *System, spec Spec) (*System, error) {
	c := &composer{spec: spec, src: src, out: &System{Name: spec.Name, Doc: spec.Doc, Checks: append([]string(nil), spec.Checks...), Assertions: spec.Asserted, Demands: spec.Demands}}
	c.declarations()
	for _, m := range src.Machines {
		c.machine(m)
	}
	if c.err != nil {
		return nil, c.err
	}
	prune(c.out, true)
	resolve(c.out)
	if ds := Sanity(c.out); len(ds) > 0 {
		return c.out, fmt.Errorf("composed system: %s", ds[0].Message)
	}
	return c.out, nil
}

type composer struct {
	spec     Spec
	src, out *System
	m        *Machine        // the source machine at hand
	absent   map[string]bool // names of the machine's variables, record fields, records, timers that are off
	param    map[string]*Message
	err      error
}

func (c *composer) fail(format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf(format, args...)
	}
}

// holds reports whether a tag holds under the plan's features.
func (c *composer) holds(t Tag) bool {
	if len(t) == 0 {
		return true
	}
	for _, conj := range t {
		ok := true
		for _, l := range conj {
			ok = ok && c.spec.Features[l.Feature] != l.Not
		}
		if ok {
			return true
		}
	}
	return false
}

// kept is what stays of a tag that holds: the features of its first true conjunction that bring the stage.
func (c *composer) kept(t Tag) Tag {
	for _, conj := range t {
		var pos []Lit
		ok := true
		for _, l := range conj {
			ok = ok && c.spec.Features[l.Feature] != l.Not
			if !l.Not {
				pos = append(pos, l)
			}
		}
		if ok && len(pos) > 0 {
			return Tag{pos}
		}
	}
	return nil
}

func (c *composer) declarations() {
	o := c.out
	for _, s := range c.src.Sorts {
		if c.holds(s.Tag) {
			k := *s
			k.Tag, k.Bits, k.Wrap = c.kept(s.Tag), c.spec.Bits[s.Name], c.spec.Wrap[s.Name]
			o.Sorts = append(o.Sorts, &k)
		}
	}
	o.Enums = append(append(o.Enums, c.spec.Enums...), c.src.Enums...)
	o.Sets = append(append(o.Sets, c.spec.Sets...), c.src.Sets...)
	for _, m := range c.src.Messages {
		if c.holds(m.Tag) {
			k := *m
			k.Tag, k.Fields = c.kept(m.Tag), c.fields(m.Fields)
			o.Messages = append(o.Messages, &k)
		}
	}
	o.Channels = c.spec.Channels
}

// copied parameters are the composed system's own: their types are resolved anew in each, as a sort may be a number in
// one and a token in another.
func copied(ps []*Param) []*Param {
	var out []*Param
	for _, p := range ps {
		k := *p
		out = append(out, &k)
	}
	return out
}

func (c *composer) fields(fs []*Field) []*Field {
	var out []*Field
	for _, f := range fs {
		if !c.holds(f.Tag) {
			continue
		}
		k := *f
		k.Tag = c.kept(f.Tag)
		out = append(out, &k)
	}
	has := map[string]bool{}
	for _, f := range out {
		has[f.Name] = true
	}
	for _, f := range out {
		if !has[f.Type.Scope] {
			f.Type.Scope = ""
		}
	}
	return out
}

func (c *composer) machine(m *Machine) {
	n := &Machine{Name: m.Name, Doc: m.Doc, Span: m.Span, Crashes: c.spec.Crashes[m.Name], Erased: c.spec.Erased[m.Name], Drift: c.spec.Drift[m.Name]}
	c.m, c.absent = m, map[string]bool{}
	present := map[string]bool{}
	for _, v := range m.Vars {
		if c.holds(v.Tag) {
			present[v.Name] = true
		} else {
			c.absent[v.Name] = true
		}
	}
	for _, r := range m.Records {
		on := c.holds(r.Tag)
		c.absent[r.Name] = c.absent[r.Name] || !on
		for _, f := range r.Fields {
			if on && c.holds(f.Tag) {
				present[f.Name], present[r.Name] = true, true
			} else {
				c.absent[f.Name] = true
			}
		}
	}
	for k := range present { // one of several declarations under different tags is on
		delete(c.absent, k)
	}
	for _, v := range m.Vars {
		if !c.holds(v.Tag) {
			continue
		}
		k := *v
		k.Tag = c.kept(v.Tag)
		if !present[k.Type.Scope] {
			k.Type.Scope = ""
		}
		if k.While != nil {
			k.While = c.fold(k.While)
		}
		n.Vars = append(n.Vars, &k)
	}
	for _, r := range m.Records {
		if c.holds(r.Tag) {
			k := *r
			k.Tag, k.Fields = c.kept(r.Tag), c.fields(r.Fields)
			n.Records = append(n.Records, &k)
		}
	}
	for _, t := range m.Timers {
		if c.holds(t.Tag) {
			k := *t
			k.Tag = c.kept(t.Tag)
			if sp, ok := c.spec.Timers[t.Name]; ok {
				k.Spans = sp
				if len(sp) == 1 && k.Per != "" && len(c.spec.Enums) > 0 && len(c.enum(k.Per).Members) != 1 {
					k.Per = ""
				}
			}
			n.Timers = append(n.Timers, &k)
		} else {
			c.absent[t.Name] = true
		}
	}
	for _, x := range m.Memos {
		if c.holds(x.Tag) {
			k := *x
			k.Tag, k.Entries = c.kept(x.Tag), c.spec.Memos[x.Name]
			n.Memos = append(n.Memos, &k)
		}
	}
	if j := m.Journal; j != nil && c.holds(j.Tag) {
		n.Journal = &Journal{j.Name, c.spec.Journal, c.kept(j.Tag), j.Doc, j.Span}
	}
	for _, e := range m.Events {
		if c.holds(e.Tag) {
			k := *e
			k.Tag, k.Params = c.kept(e.Tag), copied(e.Params)
			c.enter(e)
			k.Body = c.block(e.Body)
			if k.When != nil {
				k.When = c.fold(k.When)
			}
			n.Events = append(n.Events, &k)
		}
	}
	for _, t := range m.Tails {
		if c.holds(t.Tag) {
			k := *t
			k.Tag, k.Params = c.kept(t.Tag), copied(t.Params)
			c.param = nil
			k.Body = c.block(t.Body)
			n.Tails = append(n.Tails, &k)
		}
	}
	c.out.Machines = append(c.out.Machines, n)
}

func (c *composer) enum(name string) *Enum {
	if e := c.out.Enum(name); e != nil {
		return e
	}
	return &Enum{}
}

// enter notes the message of the event at hand, so that its fields can be told present or absent.
func (c *composer) enter(e *Event) {
	c.param = nil
	if e.Kind == OnMessage {
		c.param = map[string]*Message{e.Param: c.src.Message(e.Name)}
	}
}

func (c *composer) isAbsent(e Expr) bool {
	switch x := e.(type) {
	case *Name:
		return c.absent[x.Name]
	case *Select:
		if m := c.param[x.Base]; m != nil {
			if i := m.Index(x.Field); i >= 0 {
				return !c.holds(m.Fields[i].Tag)
			}
		}
	case *Call:
		if x.Fn == "next" {
			return c.isAbsent(x.Args[0])
		}
	}
	return false
}

func isNone(e Expr) bool { _, ok := e.(*None); return ok }

func boolean(v bool) *Literal {
	if v {
		return &Literal{1, true}
	}
	return &Literal{0, true}
}

// constant reports the value of a folded condition, if it has one.
func constant(e Expr) (value, known bool) {
	if l, ok := e.(*Literal); ok && l.IsBool {
		return l.Value != 0, true
	}
	return false, false
}

func (c *composer) fold(e Expr) Expr {
	switch x := e.(type) {
	case *Not:
		y := c.fold(x.X)
		if v, ok := constant(y); ok {
			return boolean(!v)
		}
		return &Not{y}
	case *In:
		y := c.fold(x.X)
		s := c.out.Set(x.Set)
		if s == nil {
			c.fail("set %s is not declared", x.Set)
			return boolean(false)
		}
		if len(s.Members) == 0 {
			return boolean(false)
		}
		if len(s.Members) == len(c.enum(s.Enum).Members) {
			return boolean(true)
		}
		return &In{y, x.Set}
	case *Call:
		if x.Fn == "before" && c.isAbsent(x.Args[0]) && c.isAbsent(x.Args[1]) {
			return boolean(false)
		}
		k := &Call{Fn: x.Fn, Span: x.Span}
		for _, a := range x.Args {
			if c.isAbsent(a) {
				c.fail("%s reads %s, which this plan does not have", x.Fn, Text(a))
			}
			k.Args = append(k.Args, c.fold(a))
		}
		return k
	case *Index:
		return &Index{x.Name, c.fold(x.At), x.Span}
	case *Binary:
		return c.foldBinary(x)
	case *Name, *Select:
		if c.isAbsent(e) {
			c.fail("%s is read, which this plan does not have", Text(e))
		}
	}
	return e
}

func (c *composer) foldBinary(x *Binary) Expr {
	if x.Op == "==" || x.Op == "!=" {
		a, b := c.isAbsent(x.X), c.isAbsent(x.Y)
		if a && b || a && isNone(x.Y) || b && isNone(x.X) {
			return boolean(x.Op == "==")
		}
	}
	l := c.fold(x.X)
	if v, ok := constant(l); ok && (x.Op == "&&" || x.Op == "||") {
		if v == (x.Op == "||") {
			return boolean(v)
		}
		return c.fold(x.Y)
	}
	r := c.fold(x.Y)
	if v, ok := constant(r); ok && (x.Op == "&&" || x.Op == "||") {
		if v == (x.Op == "||") {
			return boolean(v)
		}
		return l
	}
	return &Binary{x.Op, l, r}
}

func (c *composer) foldAll(es []Expr) []Expr {
	var out []Expr
	for _, e := range es {
		out = append(out, c.fold(e))
	}
	return out
}

// block keeps and folds a list of stages; what follows an unconditional end is dropped.
func (c *composer) block(body []*Stage) []*Stage {
	var out []*Stage
	for _, s := range body {
		if !c.holds(s.Tag) {
			continue
		}
		out = append(out, c.stage(s)...)
		if n := len(out); n > 0 {
			if _, end := out[n-1].Stmt.(*End); end {
				break
			}
		}
	}
	return out
}

func (c *composer) stage(s *Stage) []*Stage {
	k := &Stage{Tag: c.kept(s.Tag), Doc: s.Doc, Span: s.Span}
	one := func(x Stmt) []*Stage { k.Stmt = x; return []*Stage{k} }
	switch x := s.Stmt.(type) {
	case *When:
		cond := c.fold(x.Cond)
		if v, ok := constant(cond); ok {
			branch := c.block(x.Then)
			if !v {
				branch = c.block(x.Else)
			}
			if len(branch) > 0 && len(branch[0].Doc) == 0 {
				branch[0].Doc = s.Doc
			}
			return branch
		}
		then, els := c.block(x.Then), c.block(x.Else)
		if len(then) == 0 && len(els) == 0 {
			return nil
		}
		return one(&When{cond, then, els})
	case *Assign:
		if c.isAbsent(x.Target) {
			return nil
		}
		target := x.Target
		if i, ok := target.(*Index); ok {
			target = c.fold(i)
		}
		return one(&Assign{target, c.fold(x.Value)})
	case *Send:
		m := c.src.Message(x.Message)
		if m == nil || !c.holds(m.Tag) {
			c.fail("message %s is sent, which this plan does not have", x.Message)
			return nil
		}
		return one(&Send{x.Message, c.fieldValues(x.Fields, m.Fields)})
	case *Persist:
		for _, r := range c.m.Records {
			if r.Name == x.Record && c.holds(r.Tag) {
				return one(&Persist{x.Record, c.fieldValues(x.Fields, r.Fields), x.Commit})
			}
		}
		c.fail("record %s is written, which this plan does not have", x.Record)
		return nil
	case *Start:
		st := &Start{Timer: x.Timer, Again: x.Again}
		if x.Per != nil && !c.single(x.Timer) {
			st.Per = c.fold(x.Per)
		}
		return one(st)
	case *Invoke:
		return one(&Invoke{c.fold(x.Fn), c.fold(x.Args)})
	case *Complete:
		return one(&Complete{c.fold(x.Outcome), c.fold(x.Fn), c.fold(x.Answer), c.fold(x.Args)})
	case *Report:
		return one(&Report{c.fold(x.Outcome), c.fold(x.Fn), c.fold(x.Answer), c.fold(x.Args)})
	case *Do:
		return one(&Do{x.Tail, c.foldAll(x.Args)})
	case *Note:
		n := &Note{What: x.What}
		if x.Fn != nil {
			n.Fn = c.fold(x.Fn)
		}
		return one(n)
	case *Place:
		return one(&Place{c.fold(x.Piece), c.fold(x.Data), c.fold(x.Of)})
	case *Remember:
		return one(&Remember{x.Memo, c.fold(x.Fn), c.fold(x.Args), c.fold(x.Answer)})
	}
	return one(s.Stmt)
}

// single reports whether the plan gives the timer one interval for every function.
func (c *composer) single(timer string) bool {
	for _, t := range c.m.Timers {
		if t.Name == timer && t.Per != "" {
			sp := c.spec.Timers[timer]
			return len(sp) == 1 && len(c.enum(t.Per).Members) != 1
		}
	}
	return false
}

func (c *composer) fieldValues(vs []FieldValue, fs []*Field) []FieldValue {
	var out []FieldValue
	for _, v := range vs {
		for _, f := range fs {
			if f.Name == v.Name && c.holds(f.Tag) {
				out = append(out, FieldValue{v.Name, c.fold(v.Value)})
			}
		}
	}
	return out
}
