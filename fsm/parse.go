package fsm

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

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
	g, err := grammar().ParseBytes(file.Name, file.Text)
	if err != nil {
		return nil, []diag.Diagnostic{syntaxError(file, err)}
	}
	c := converter{file: file}
	s := c.system(g)
	return s, nil
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

func syntaxError(file *diag.File, err error) diag.Diagnostic {
	d := diag.Diagnostic{Code: "machine-syntax", Message: err.Error()}
	var pe participle.Error
	if errors.As(err, &pe) {
		d.Message = pe.Message()
		at := pe.Position().Offset
		end := at + 1
		for end < len(file.Text) && end < at+40 && strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789", rune(file.Text[end])) {
			end++
		}
		d.Labels = []diag.Label{{Span: diag.Span{File: file, Start: min(at, len(file.Text)), End: min(end, len(file.Text))}}}
	}
	return d
}

type converter struct{ file *diag.File }

func (c *converter) span(from, to lexer.Position) diag.Span {
	end := to.Offset
	for end > from.Offset && end <= len(c.file.Text) && strings.ContainsRune(" \t\r\n", rune(c.file.Text[end-1])) {
		end--
	}
	return diag.Span{File: c.file, Start: from.Offset, End: end}
}

func doc(lines []string) []string {
	var out []string
	for _, l := range lines {
		out = append(out, strings.TrimSpace(strings.TrimPrefix(l, "//")))
	}
	return out
}

func tag(g *gTag) Tag {
	if g == nil {
		return nil
	}
	var t Tag
	for _, o := range g.Or {
		var conj []Lit
		for _, l := range o.And {
			conj = append(conj, Lit{strings.Join(l.Words, " "), l.Not})
		}
		t = append(t, conj)
	}
	return t
}

func (c *converter) system(g *gFile) *System {
	s := &System{Name: g.Name, Doc: doc(g.Doc)}
	for _, d := range g.Decls {
		sp, dc, tg := c.span(d.Pos, d.EndPos), doc(d.Doc), tag(d.Tag)
		switch {
		case d.Sort != nil:
			s.Sorts = append(s.Sorts, &Sort{d.Sort.Name, d.Sort.Kind == "token", int(d.Sort.Bits), int(d.Sort.Wrap), tg, dc, sp})
		case d.Enum != nil:
			s.Enums = append(s.Enums, &Enum{d.Enum.Name, d.Enum.Members, tg, dc, sp})
		case d.Set != nil:
			s.Sets = append(s.Sets, &Set{d.Set.Name, d.Set.Of, d.Set.Members, tg, dc, sp})
		case d.Message != nil:
			s.Messages = append(s.Messages, &Message{d.Message.Name, d.Message.From, c.fields(d.Message.Fields), tg, dc, sp})
		case d.Channel != nil:
			s.Channels = append(s.Channels, channel(d.Channel, tg, dc, sp))
		case d.Machine != nil:
			s.Machines = append(s.Machines, c.machine(d.Machine, dc, sp))
		case d.Invariant != nil:
			s.Invariants = append(s.Invariants, &Invariant{d.Invariant.Name, d.Invariant.Start, c.expr(d.Invariant.Cond), dc, sp})
		case d.Assert != nil:
			s.Assertions = append(s.Assertions, c.assertion(d.Assert, dc, sp))
		case d.Demand != nil:
			s.Demands = append(s.Demands, c.demand(d.Demand, s.Enums, dc, sp))
		case d.Query != nil:
			s.Queries = append(s.Queries, c.query(d.Query, dc, sp))
		default:
			s.Checks = append(s.Checks, d.Check...)
		}
	}
	return s
}

func channel(g *gChannel, t Tag, dc []string, sp diag.Span) *Channel {
	ch := &Channel{Name: g.Name, From: g.From, To: g.To, Tag: t, Doc: dc, Span: sp}
	for _, o := range g.Options {
		switch {
		case o.Capacity != nil:
			ch.Capacity = *o.Capacity
		case o.Over != nil:
			ch.Within = *o.Over
		case o.Any:
			ch.Within = -1
		case o.Loses != nil:
			ch.Loses, ch.Oldest, ch.Loss = true, o.Loses.Oldest, o.Loses.odds()
		case o.Delays != nil:
			ch.Delay = interval(o.Delays)
		case o.Lives != nil:
			ch.Lives = *o.Lives
		case o.Word == "waits":
			ch.Waits = true
		case o.Word == "repeats":
			ch.Repeats = true
		case o.Word == "corrupts":
			ch.Corrupts = true
		}
	}
	return ch
}

func (c *converter) fields(gs []*gField) []*Field {
	var out []*Field
	for _, g := range gs {
		out = append(out, &Field{g.Name, typ(g.Type), g.For, g.Wire, tag(g.Tag), doc(g.Doc), c.span(g.Pos, g.EndPos)})
	}
	return out
}

// typ converts a type; whether a name is an enumeration, a number or a token is known once names are resolved.
func typ(g *gType) Type {
	t := Type{Scope: g.Scope, Len: g.Len}
	switch {
	case g.Lo != nil:
		t.Kind, t.Lo, t.Hi = Range, *g.Lo, g.Hi
	case g.Name == "bool":
		t.Kind = Bool
	case g.Name == "payload":
		t.Kind = Payload
	default:
		t.Kind, t.Name = Number, g.Name
	}
	return t
}

func (c *converter) params(gs []*gParam) []*Param {
	var out []*Param
	for _, g := range gs {
		out = append(out, &Param{g.Name, typ(g.Type), c.span(g.Pos, g.EndPos)})
	}
	return out
}

func interval(g *gInterval) Interval {
	if g.Cap == nil {
		return Interval{g.First, g.First}
	}
	return Interval{g.First, *g.Cap}
}

func (c *converter) machine(g *gMachine, dc []string, sp diag.Span) *Machine {
	m := &Machine{Name: g.Name, Crashes: g.Crashes, Budget: g.Budget, Drift: g.Drift, Erased: g.Erased, Doc: dc, Span: sp}
	for _, i := range g.Items {
		sp, dc, tg := c.span(i.Pos, i.EndPos), doc(i.Doc), tag(i.Tag)
		switch {
		case i.Var != nil:
			v := &Var{Name: i.Var.Name, Type: typ(i.Var.Type), Layer: i.Layer, Any: i.Var.Any, Tag: tg, Doc: dc, Span: sp}
			if i.Var.While != nil {
				v.While = c.expr(i.Var.While)
			}
			if n := i.Var.Init; n != nil && n.Int != nil {
				v.Init, v.Start = *n.Int, strconv.FormatUint(uint64(*n.Int), 10)
			} else if n != nil {
				v.Start = n.Name
			}
			m.Vars = append(m.Vars, v)
		case i.Record != nil:
			m.Records = append(m.Records, &Record{i.Record.Name, i.Record.Slots, c.fields(i.Record.Fields), tg, dc, sp})
		case i.Timer != nil:
			t := &Timer{Name: i.Timer.Name, Layer: i.Layer, Per: i.Timer.Per, Outlives: outlived(i.Timer.Outlives), Tag: tg, Doc: dc, Span: sp}
			if i.Timer.Single != nil {
				t.Spans = []Interval{interval(i.Timer.Single)}
			}
			for _, e := range i.Timer.Entries {
				t.Spans = append(t.Spans, interval(e.Interval))
			}
			m.Timers = append(m.Timers, t)
		case i.Memo != nil:
			o := &Memo{Name: i.Memo.Name, Per: i.Memo.Per, Tag: tg, Doc: dc, Span: sp}
			for _, e := range i.Memo.Entries {
				o.Entries = append(o.Entries, MemoEntry{e.N, e.Age})
			}
			m.Memos = append(m.Memos, o)
		case i.Journal != nil:
			m.Journal = &Journal{i.Journal.Name, i.Journal.N, tg, dc, sp}
		case i.On != nil:
			m.Events = append(m.Events, c.on(i.On, tg, dc, sp))
		case i.Free != nil:
			e := &Event{Kind: OnFree, Name: i.Free.Name, Params: c.params(i.Free.Params), Body: c.block(i.Free.Body), Tag: tg, Doc: dc, Span: sp}
			if i.Free.When != nil {
				e.When = c.expr(i.Free.When)
			}
			m.Events = append(m.Events, e)
		case i.Tail != nil:
			m.Tails = append(m.Tails, &Tail{i.Tail.Name, c.params(i.Tail.Params), c.block(i.Tail.Body), tg, dc, sp})
		}
	}
	return m
}

func (c *converter) on(g *gOn, t Tag, dc []string, sp diag.Span) *Event {
	e := &Event{Name: g.Name, Param: g.Param, Body: c.block(g.Body), Tag: t, Doc: dc, Span: sp}
	switch {
	case g.Timer:
		e.Kind = OnTimer
	case g.Name == "call":
		e.Kind = OnCall
	case g.Name == "return":
		e.Kind = OnReturn
	case g.Name == "restart":
		e.Kind = OnRestart
	default:
		e.Kind = OnMessage
	}
	if g.When != nil {
		e.When = c.expr(g.When)
	}
	return e
}

func (c *converter) block(g *gBlock) []*Stage {
	var out []*Stage
	if g == nil {
		return nil
	}
	for _, s := range g.Stages {
		out = append(out, &Stage{tag(s.Tag), doc(s.Doc), c.stmt(s), c.span(s.Pos, s.EndPos)})
	}
	return out
}

func (c *converter) fieldValues(gs []*gFieldValue) []FieldValue {
	var out []FieldValue
	for _, g := range gs {
		out = append(out, FieldValue{g.Name, c.expr(g.Value)})
	}
	return out
}

func (c *converter) stmt(g *gStage) Stmt {
	switch {
	case g.When != nil:
		return &When{c.expr(g.When.Cond), c.block(g.When.Then), c.block(g.When.Else)}
	case g.End:
		return &End{}
	case g.Send != nil:
		return &Send{g.Send.Name, c.fieldValues(g.Send.Fields)}
	case g.Persist != nil:
		return &Persist{g.Persist.Name, c.fieldValues(g.Persist.Fields), false}
	case g.Commit != nil:
		return &Persist{g.Commit.Name, c.fieldValues(g.Commit.Fields), true}
	case g.Start != nil:
		s := &Start{Timer: g.Start.Timer, Again: g.Start.How == "again"}
		if g.Start.Per != nil {
			s.Per = c.expr(g.Start.Per)
		}
		return s
	case g.Cancel != "":
		return &Cancel{g.Cancel}
	case g.Invoke != nil:
		return &Invoke{c.ref(g.Invoke.Fn), c.expr(g.Invoke.Arg)}
	case g.Complete != nil:
		return &Complete{c.ref(g.Complete.Outcome), c.ref(g.Complete.Fn), c.expr(g.Complete.Answer)}
	case g.Report != nil:
		return &Report{c.ref(g.Report.Outcome), c.ref(g.Report.Fn), c.expr(g.Report.Answer), c.expr(g.Report.Args)}
	case g.Do != nil:
		return &Do{g.Do.Tail, c.exprs(g.Do.Args)}
	case g.Note != nil:
		n := &Note{What: g.Note.What}
		if g.Note.Fn != nil {
			n.Fn = c.expr(g.Note.Fn)
		}
		return n
	case g.Breach != "":
		return &Breach{g.Breach}
	case g.Ask != "":
		return &Ask{g.Ask}
	case g.Remember != nil:
		r := g.Remember
		return &Remember{r.Memo, c.ref(r.Apply.Fn), c.expr(r.Apply.Arg), c.expr(r.Answer)}
	case g.Forget != "":
		return &Forget{g.Forget}
	}
	return &Assign{c.ref(g.Assign.Target), c.expr(g.Assign.Value)}
}

func (c *converter) ref(g *gRef) Expr {
	sp := c.span(g.Pos, g.EndPos)
	switch {
	case g.Field != "":
		return &Select{g.Name, g.Field, sp}
	case g.At != nil:
		return &Index{g.Name, c.expr(g.At), sp}
	case g.Name == "true" || g.Name == "false":
		v := uint32(0)
		if g.Name == "true" {
			v = 1
		}
		return &Literal{v, true}
	case g.Name == "none":
		return &None{}
	}
	return &Name{g.Name, sp}
}

func (c *converter) exprs(gs []*gOr) []Expr {
	var out []Expr
	for _, g := range gs {
		out = append(out, c.expr(g))
	}
	return out
}

func (c *converter) expr(g *gOr) Expr {
	var x Expr
	for _, a := range g.X {
		y := c.and(a)
		if x == nil {
			x = y
		} else {
			x = &Binary{"||", x, y}
		}
	}
	return x
}

func (c *converter) and(g *gAnd) Expr {
	var x Expr
	for _, a := range g.X {
		y := c.cmp(a)
		if x == nil {
			x = y
		} else {
			x = &Binary{"&&", x, y}
		}
	}
	return x
}

func (c *converter) cmp(g *gCmp) Expr {
	x := c.sum(g.X)
	switch {
	case g.Set != "":
		return &In{x, g.Set}
	case g.Op != "":
		return &Binary{g.Op, x, c.sum(g.Y)}
	}
	return x
}

func (c *converter) sum(g *gSum) Expr {
	x := c.prod(g.X)
	for _, r := range g.Rest {
		x = &Binary{r.Op, x, c.prod(r.Y)}
	}
	return x
}

func (c *converter) prod(g *gProd) Expr {
	x := c.unary(g.X)
	for _, r := range g.Rest {
		x = &Binary{r.Op, x, c.unary(r.Y)}
	}
	return x
}

func (c *converter) unary(g *gUnary) Expr {
	if g.Not != nil {
		return &Not{c.unary(g.Not)}
	}
	p := g.Prim
	switch {
	case p.Int != nil:
		return &Literal{Value: *p.Int}
	case p.Paren != nil:
		return c.expr(p.Paren)
	case p.Call != nil:
		return &Call{p.Call.Fn, c.exprs(p.Call.Args), c.span(p.Call.Pos, p.Call.EndPos)}
	}
	return c.ref(p.Ref)
}
