package lang

import "sprocketc/diag"

// Check looks across the clauses of a parsed program: names and what they refer to, cycles of structs, directions,
// collisions in the emitted languages. It reports nothing that Parse has reported.
func Check(f *File) []diag.Diagnostic {
	c := &checker{file: f, types: map[string]*symbol{}, peers: map[string]*symbol{}, channels: map[string]*symbol{}, interfaces: map[string]*symbol{}}
	c.declare()
	c.references()
	c.cycles()
	c.collisions()
	c.complete()
	diag.Sort(c.report.List)
	return c.report.List
}

// symbol is what a name stands for; one of the pointers is set.
type symbol struct {
	head    *Head
	what    string // "struct", for messages
	strct   *Struct
	enum    *Enum
	peer    *Peer
	channel *Channel
}

type checker struct {
	file   *File
	report diag.Report

	types, peers, channels, interfaces map[string]*symbol
}

func (c *checker) declare() {
	for _, s := range c.file.Structs {
		c.add(c.types, &symbol{head: &s.Head, what: "struct", strct: s})
		fields := map[string]*symbol{}
		for _, f := range s.Fields {
			c.add(fields, &symbol{head: &f.Head, what: "field"})
		}
	}
	for _, e := range c.file.Enums {
		c.add(c.types, &symbol{head: &e.Head, what: "enum", enum: e})
		members := map[string]*symbol{}
		for i := range e.Members {
			c.add(members, &symbol{head: &Head{Name: e.Members[i]}, what: "member"})
		}
	}
	for _, p := range c.file.Peers {
		c.add(c.peers, &symbol{head: &p.Head, what: "peer", peer: p})
	}
	for _, ch := range c.file.Channels {
		c.add(c.channels, &symbol{head: &ch.Head, what: "channel", channel: ch})
	}
	for _, i := range c.file.Interfaces {
		c.add(c.interfaces, &symbol{head: &i.Head, what: "interface"})
		calls := map[string]*symbol{}
		for _, call := range i.Calls {
			c.add(calls, &symbol{head: &call.Head, what: "call"})
			params := map[string]*symbol{}
			for _, p := range call.Params {
				c.add(params, &symbol{head: &p.Head, what: "parameter"})
			}
		}
	}
	if p := c.file.Protocol; p != nil {
		c.add(map[string]*symbol{}, &symbol{head: &p.Head, what: "protocol"})
	}
}

// add declares a name in a scope; the first declaration stays.
func (c *checker) add(scope map[string]*symbol, s *symbol) {
	name := s.head.Name
	if name.Name == "" {
		return
	}
	if first, ok := scope[name.Name]; ok {
		c.report.Errorf("duplicate-name", name.Span, "declared again", "%s `%s` is declared twice", s.what, shorten(name.Name)).
			And(first.head.Name.Span, "declared here first")
		return
	}
	scope[name.Name] = s
	if s.head.Broken && s.what != "field" {
		return
	}
	c.valid(s)
}

// valid holds a name against the language and against what is reserved where it is emitted.
func (c *checker) valid(s *symbol) {
	name := s.head.Name
	if !validName(name.Name) {
		c.report.Errorf("bad-name", name.Span, "", "this is no name for a %s", s.what).
			Note("a name has ASCII letters, digits and single underscores, begins with a letter, and has at most %d", maxName)
		return
	}
	switch s.what {
	case "struct", "enum":
		if _, ok := scalars[name.Name]; ok || name.Name == "text" || name.Name == "bytes" || name.Name == "list" {
			c.report.Errorf("reserved-name", name.Span, "", "`%s` is a type of the language", name.Name)
		} else if goTypes[GoName(name.Name)] {
			c.report.Errorf("reserved-name", name.Span, "", "`%s` is a name that emitted Go has of its own", GoName(name.Name))
		}
	case "peer":
		if goTypes[GoName(name.Name)] {
			c.report.Errorf("reserved-name", name.Span, "", "`%s` is a name that emitted Go has of its own", GoName(name.Name))
		}
	case "call":
		if goMethods[GoName(name.Name)] {
			c.report.Errorf("reserved-name", name.Span, "", "`%s` is a method that every peer has in Go", GoName(name.Name))
		}
	case "protocol":
		if n := CName(name.Name); goReserved[n] || n == "main" || n == "init" || n == "internal" || n == "vendor" {
			c.report.Errorf("reserved-name", name.Span, "", "`%s` cannot name a package in Go", n)
		}
	case "parameter", "field":
		switch {
		case s.what == "parameter" && goReserved[GoLocal(name.Name)]:
			c.report.Errorf("reserved-name", name.Span, "", "`%s` is a keyword of Go", GoLocal(name.Name))
		case cReserved[CName(name.Name)]:
			c.report.Errorf("reserved-name", name.Span, "", "`%s` is a keyword of C or C++", CName(name.Name))
		}
	}
}

// references resolves every name that is used.
func (c *checker) references() {
	for _, s := range c.file.Structs {
		for _, f := range s.Fields {
			c.typeNames(f.Type)
		}
	}
	for _, ch := range c.file.Channels {
		if ch.Broken || ch.Direction.File == nil {
			continue
		}
		a, b := c.find(c.peers, "peer", ch.A), c.find(c.peers, "peer", ch.B)
		if a != nil && a == b {
			c.report.Errorf("same-peer", ch.B.Span, "", "a channel joins two peers").And(ch.A.Span, "this is the same one")
		}
	}
	for _, a := range c.file.Asserts {
		c.cond(a.After)
		c.cond(a.Cond)
		c.property(a)
	}
	for _, i := range c.file.Interfaces {
		if !i.Broken {
			c.ends(i)
		}
		for _, call := range i.Calls {
			for _, p := range call.Params {
				c.typeNames(p.Type)
			}
			c.typeNames(call.Result)
			if call.Ordered != nil {
				c.order(i, call)
			}
		}
	}
}

func (c *checker) typeNames(t *Type) {
	for t != nil && t.Elem != nil {
		t = t.Elem
	}
	if t == nil || t.Kind != Named {
		return
	}
	if _, ok := c.types[t.Name]; ok {
		return
	}
	c.unknown(c.types, "type", Ident{Name: t.Name, Span: t.Span}, typeWords)
}

// typeWords are what a slip in the name of a type may have meant beside the declared types.
var typeWords = []string{"bool", "u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f32", "f64", "text", "bytes", "list"}

func (c *checker) find(scope map[string]*symbol, what string, name Ident) *symbol {
	if s, ok := scope[name.Name]; ok {
		return s
	}
	c.unknown(scope, what, name, nil)
	return nil
}

// unknown reports a name that is not declared, with one hint: the same name as something else, or a near one.
func (c *checker) unknown(scope map[string]*symbol, what string, name Ident, more []string) {
	if c.file.lost[name.Name] {
		return
	}
	d := c.report.Errorf("unknown-name", name.Span, "", "no %s is called `%s`", what, shorten(name.Name))
	for _, other := range []map[string]*symbol{c.peers, c.channels, c.types, c.interfaces} {
		if s, ok := other[name.Name]; ok {
			d.And(s.head.Name.Span, "this is "+article(s.what))
			return
		}
	}
	if len(c.report.List) > maxHints { // a hint looks at every name; nobody reads this far
		return
	}
	candidates := append([]string{}, more...)
	for n := range scope {
		candidates = append(candidates, n)
	}
	if near := nearest(name.Name, candidates); near != "" {
		d.Repair("did you mean `"+near+"`?", diag.Edit{Span: name.Span, Text: near})
	}
}

// maxHints bounds how many diagnostics get a spelling hint, so that the work stays linear.
const maxHints = 200

func article(what string) string {
	if what == "enum" || what == "interface" {
		return "an " + what
	}
	return "a " + what
}

// ends checks that an interface's channel joins its peers, in its direction.
func (c *checker) ends(i *Interface) {
	from, to := c.find(c.peers, "peer", i.From), c.find(c.peers, "peer", i.To)
	on := c.find(c.channels, "channel", i.On)
	switch {
	case from == nil || to == nil:
		return
	case from == to:
		c.report.Errorf("same-peer", i.To.Span, "", "an interface is between two peers").And(i.From.Span, "this is the same one")
		return
	case on == nil || on.channel.Broken || on.channel.Direction.File == nil:
		return
	}
	ch := on.channel
	a, b := c.peers[ch.A.Name], c.peers[ch.B.Name]
	switch {
	case a == nil || b == nil || a == b: // reported at the channel
	case from == a && to == b, from == b && to == a && !ch.OneWay:
	case from == b && to == a:
		c.report.Errorf("wrong-direction", i.Head.Span, "", "`%s` carries nothing from %s to %s", i.On.Name, i.From.Name, i.To.Name).
			And(ch.Direction, "it goes this way only")
	default:
		c.report.Errorf("channel-mismatch", i.On.Span, "", "`%s` does not join %s and %s", i.On.Name, i.From.Name, i.To.Name).
			And(ch.Direction, "it joins these")
	}
}

// order reports what can be in no order, and what cannot be found.
func (c *checker) order(i *Interface, call *Call) {
	any := func(x *Call) *diag.Span {
		switch {
		case x.Commutes != nil:
			return &x.Commutes.Span
		case x.Kind == Pure && x.KindAt != nil:
			return &x.KindAt.Span
		}
		return nil
	}
	if at := any(call); at != nil {
		c.report.Errorf("conflicting-clauses", call.Ordered.Span, "", "what may run at any time has no order").And(*at, "this lets it")
		return
	}
	name := call.Ordered.After
	if name.Name == "" || c.file.lost[name.Name] {
		return
	}
	calls := map[string]*symbol{}
	for _, x := range i.Calls {
		calls[x.Name.Name] = &symbol{head: &x.Head}
		if x.Name.Name != name.Name {
			continue
		}
		if at := any(x); at != nil {
			c.report.Errorf("conflicting-clauses", name.Span, "", "what may run at any time has no order").And(*at, "this lets it")
		}
		return
	}
	if !i.Broken && !c.file.Incomplete {
		c.unknown(calls, "call", name, nil)
	}
}

// complete reports what a program cannot do without.
func (c *checker) complete() {
	if len(c.file.Interfaces) == 0 && !c.file.Incomplete && c.file.Protocol != nil {
		c.report.Errorf("missing-clause", c.file.Protocol.Span, "expected at least one `interface`", "the program has no interface")
	}
}
