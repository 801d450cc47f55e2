package fsm

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sprocketc/diag"
)

// MaxText is the largest text that Parse accepts, in bytes.
const MaxText = 4 << 20

// maxDepth bounds the nesting of blocks and parentheses, so that no input exhausts the stack.
const maxDepth = 200

// Parse reads the text form. Names are not resolved; Sanity does that. The first error of syntax ends it.
func Parse(file *diag.File) (*System, []diag.Diagnostic) {
	if len(file.Text) > MaxText {
		return nil, []diag.Diagnostic{{Code: "file-too-large", Message: fmt.Sprintf("a machine text of at most %d bytes is read", MaxText), Labels: []diag.Label{{Span: diag.Span{File: file}}}}}
	}
	if at := tooDeep(file.Text); at >= 0 {
		return nil, []diag.Diagnostic{{Code: "too-deep", Message: fmt.Sprintf("brackets are nested more than %d deep", maxDepth), Labels: []diag.Label{{Span: diag.Span{File: file, Start: at, End: at + 1}}}}}
	}
	var s *System
	found := firstMistake(func() { s = (&parser{newScanner(file)}).system() })
	return s, found
}

func tooDeep(text []byte) int {
	depth := 0
	for i, b := range text {
		switch b {
		case '(', '{', '[':
			if depth++; depth > maxDepth {
				return i
			}
		case ')', '}', ']':
			depth--
		case '!':
			// a run of negations nests as well
			if i > maxDepth && strings.Trim(string(text[i-maxDepth:i+1]), "! \t\n") == "" {
				return i
			}
		}
	}
	return -1
}

// parser reads by recursive descent: a function a production, which looks one or two tokens ahead and gives the tree at
// once. It is lenient where a later pass can say more precisely what is wrong. Words have a meaning in their place only.
type parser struct{ *scanner }

func (p *parser) system() *System {
	s := &System{Doc: p.doc()}
	p.need("system")
	s.Name = p.name()
	p.need(";")
	for p.tok.kind != ended {
		p.declaration(s)
	}
	return s
}

func (p *parser) declaration(s *System) {
	at := p.tok.at
	dc, tg := p.doc(), p.tag()
	word := p.tok.text
	if p.tok.kind != ident {
		p.fail("a declaration")
	}
	p.advance()
	switch word {
	case "number", "token":
		x := &Sort{Name: p.name(), Token: word == "token", Tag: tg, Doc: dc}
		if p.numbered() {
			x.Bits = int(p.uint32())
			p.need("bits")
		}
		if p.take("modulo") {
			x.Wrap = int(p.uint32())
		}
		p.need(";")
		x.Span = p.span(at)
		s.Sorts = append(s.Sorts, x)
	case "enum":
		x := &Enum{Name: p.name(), Tag: tg, Doc: dc}
		p.need("{")
		x.Members = list(p.scanner, "}", true, p.name)
		p.need("}")
		x.Span = p.span(at)
		s.Enums = append(s.Enums, x)
	case "set":
		x := &Set{Name: p.name(), Tag: tg, Doc: dc}
		p.need("of")
		x.Enum = p.name()
		x.Members = enclosed(p.scanner, "{", "}", true, p.name)
		x.Span = p.span(at)
		s.Sets = append(s.Sets, x)
	case "message":
		x := &Message{Name: p.name(), Tag: tg, Doc: dc}
		p.need("from")
		x.From = p.name()
		x.Fields = p.fields()
		x.Span = p.span(at)
		s.Messages = append(s.Messages, x)
	case "channel":
		x := &Channel{Tag: tg, Doc: dc}
		p.channel(x)
		x.Span = p.span(at)
		s.Channels = append(s.Channels, x)
	case "machine":
		x := &Machine{Doc: dc}
		p.machine(x)
		x.Span = p.span(at)
		s.Machines = append(s.Machines, x)
	case "start", "invariant":
		x := &Invariant{Start: word == "start", Doc: dc}
		if !x.Start {
			x.Name = p.name()
		}
		p.need(":")
		x.Cond = p.expr()
		p.need(";")
		x.Span = p.span(at)
		s.Invariants = append(s.Invariants, x)
	case "assert":
		x := p.assertion(dc)
		x.Span = p.span(at)
		s.Assertions = append(s.Assertions, x)
	case "within", "fresh", "paced":
		x := p.demand(DemandKind(slices.Index(demandKinds, word)), s.Enums, dc)
		x.At = p.span(at)
		s.Demands = append(s.Demands, x)
	case "final", "probability", "expected":
		x := p.query(word, dc)
		x.Span = p.span(at)
		s.Queries = append(s.Queries, x)
	case "check":
		s.Checks = append(s.Checks, p.name())
		for p.tok.kind == ident {
			s.Checks = append(s.Checks, p.name())
		}
		p.need(";")
	default:
		p.unknown(word, "a declaration")
	}
}

// unknown word, which was taken already, in the place of what was expected.
func (p *parser) unknown(word, wanted string) {
	p.tok = token{ident, word, p.end - len(word), p.end}
	p.fail(wanted)
}

// tag in brackets, or none.
func (p *parser) tag() (t Tag) {
	if !p.take("[") {
		return nil
	}
	for {
		var conj []Lit
		for {
			l := Lit{Not: p.take("!")}
			l.Feature = p.name()
			for p.tok.kind == ident {
				l.Feature += " " + p.name()
			}
			if conj = append(conj, l); !p.take("&") {
				break
			}
		}
		if t = append(t, conj); !p.take("|") {
			break
		}
	}
	p.need("]")
	return t
}

func (p *parser) channel(c *Channel) {
	c.Name = p.name()
	p.need("from")
	c.From = p.name()
	p.need("to")
	c.To = p.name()
	for !p.take(";") {
		switch {
		case p.take("capacity"):
			c.Capacity = p.int()
		case p.take("overtaking"):
			if p.take("any") {
				c.Within = -1
			} else {
				c.Within = p.int()
			}
		case p.take("loses"):
			c.Loses, c.Oldest = true, p.take("oldest")
			c.Loss = p.odds()
		case p.take("delays"):
			c.Delay = p.interval()
		case p.take("lives"):
			c.Lives = p.uint32()
		case p.take("waits"):
			c.Waits = true
		case p.take("repeats"):
			c.Repeats = true
		case p.take("corrupts"):
			c.Corrupts = true
		default:
			p.fail("what the channel does, or `;`")
		}
	}
}

// fields in braces.
func (p *parser) fields() (out []*Field) {
	p.need("{")
	for !p.take("}") {
		at := p.tok.at
		f := &Field{Doc: p.doc(), Tag: p.tag()}
		f.Wire = p.is("wire") && p.next.text != ":" && p.take("wire")
		f.Name = p.name()
		p.need(":")
		f.Type = p.typ()
		if p.take("for") {
			f.For = p.name()
		}
		p.need(";")
		f.Span = p.span(at)
		out = append(out, f)
	}
	return out
}

// typ is a type; whether a name is an enumeration, a number or a token is known once names are resolved.
func (p *parser) typ() (t Type) {
	switch {
	case p.numbered():
		t.Kind, t.Lo = Range, p.uint32()
		p.need("..")
		t.Hi = p.uint32()
	default:
		if p.tok.kind != ident {
			p.fail("a type")
		}
		switch name := p.name(); name {
		case "bool":
			t.Kind = Bool
		case "payload":
			t.Kind = Payload
		case "digest", "piece", "pieces", "extent":
			t = hidden(name)
		default:
			t.Kind, t.Name = Number, name
		}
		if p.take("in") {
			t.Scope = p.name()
		}
	}
	if p.take("[") {
		t.Len = p.int()
		p.need("]")
	}
	return t
}

// params in parentheses, or none.
func (p *parser) params() []*Param {
	return enclosed(p.scanner, "(", ")", false, func() *Param {
		at := p.tok.at
		x := &Param{Name: p.name()}
		p.need(":")
		x.Type = p.typ()
		x.Span = p.span(at)
		return x
	})
}

func (p *parser) interval() Interval {
	first := p.uint32()
	if p.take("..") {
		return Interval{first, p.uint32()}
	}
	return Interval{first, first}
}

func (p *parser) machine(m *Machine) {
	m.Name = p.name()
	if m.Crashes = p.take("crashes"); m.Crashes && p.numbered() {
		m.Budget = p.int()
	}
	if p.take("drift") {
		m.Drift = p.int()
		p.need("ppm")
	}
	m.Erased = p.take("erased")
	p.need("{")
	for !p.take("}") {
		p.item(m)
	}
}

// item of a machine.
func (p *parser) item(m *Machine) {
	at := p.tok.at
	dc, tg := p.doc(), p.tag()
	layer := p.take("layer")
	const wanted = "a variable, a record, a timer, an event or a tail, or `}`"
	if p.tok.kind != ident {
		p.fail(wanted)
	}
	word := p.tok.text
	p.advance()
	switch word {
	case "var":
		v := &Var{Layer: layer, Tag: tg, Doc: dc}
		p.variable(v)
		v.Span = p.span(at)
		m.Vars = append(m.Vars, v)
	case "record":
		r := &Record{Name: p.name(), Slots: p.int(), Tag: tg, Doc: dc}
		if !p.take("slots") {
			p.need("slot")
		}
		r.Fields = p.fields()
		r.Span = p.span(at)
		m.Records = append(m.Records, r)
	case "timer":
		t := &Timer{Layer: layer, Tag: tg, Doc: dc}
		p.timer(t)
		t.Span = p.span(at)
		m.Timers = append(m.Timers, t)
	case "memo":
		o := &Memo{Name: p.name(), Tag: tg, Doc: dc}
		p.need("for")
		o.Per = p.name()
		if p.take("{") {
			o.Entries = list(p.scanner, "}", true, func() (e MemoEntry) {
				p.name()
				p.need(":")
				e.N = p.uint32()
				p.need("for")
				e.Age = p.uint32()
				return e
			})
			p.need("}")
		} else {
			p.need(";")
		}
		o.Span = p.span(at)
		m.Memos = append(m.Memos, o)
	case "journal":
		m.Journal = &Journal{Name: p.name(), Tag: tg, Doc: dc}
		if p.numbered() {
			m.Journal.N = p.uint32()
		}
		p.need(";")
		m.Journal.Span = p.span(at)
	case "on":
		e := &Event{Tag: tg, Doc: dc}
		p.on(e)
		e.Span = p.span(at)
		m.Events = append(m.Events, e)
	case "free":
		e := &Event{Kind: OnFree, Name: p.name(), Tag: tg, Doc: dc}
		if p.is("(") {
			e.Params = p.params()
		}
		if p.take("when") {
			e.When = p.expr()
		}
		e.Body = p.block()
		e.Span = p.span(at)
		m.Events = append(m.Events, e)
	case "tail":
		t := &Tail{Name: p.name(), Params: p.params(), Body: p.block(), Tag: tg, Doc: dc}
		t.Span = p.span(at)
		m.Tails = append(m.Tails, t)
	default:
		p.unknown(word, wanted)
	}
}

func (p *parser) variable(v *Var) {
	v.Name = p.name()
	p.need(":")
	v.Type = p.typ()
	if p.take("while") {
		v.While = p.expr()
	}
	if p.take("=") {
		switch {
		case p.take("any"):
			v.Any = true
		case p.numbered():
			v.Init = p.uint32()
			v.Start = strconv.FormatUint(uint64(v.Init), 10)
		default:
			v.Start = p.name()
		}
	}
	p.need(";")
}

func (p *parser) timer(t *Timer) {
	t.Name = p.name()
	if p.take("for") {
		t.Per = p.name()
	}
	if p.take("{") {
		t.Spans = list(p.scanner, "}", true, func() Interval {
			p.name()
			p.need(":")
			return p.interval()
		})
		p.need("}")
		return
	}
	if p.numbered() {
		t.Spans = []Interval{p.interval()}
	}
	if p.take("outlives") {
		i := slices.Index(outlivedWords, p.tok.text)
		if i <= 0 {
			p.fail("`datagrams` or `calls`")
		}
		p.advance()
		t.Outlives = Outlived(i)
	}
	p.need(";")
}

func (p *parser) on(e *Event) {
	timer := p.take("timer")
	e.Name = p.name()
	if p.take("(") {
		e.Param = p.name()
		p.need(")")
	}
	switch {
	case timer:
		e.Kind = OnTimer
	case e.Name == "call":
		e.Kind = OnCall
	case e.Name == "return":
		e.Kind = OnReturn
	case e.Name == "restart":
		e.Kind = OnRestart
	default:
		e.Kind = OnMessage
	}
	if p.take("when") {
		e.When = p.expr()
	}
	e.Body = p.block()
}
