package export

import (
	"fmt"
	"strings"

	"sprocketc/fsm"
)

// How far an event is, in the variable h_stop.
const (
	stopTail  = 1 // the tail is over
	stopEvent = 2 // the event is over, or the peer has crashed
)

// stages prints a list of stages. Behind a stage that may have ended the event, the rest happens only if it has not.
func (g *pml) stages(body []*fsm.Stage, s nameScope) {
	if len(body) == 0 {
		g.p("skip")
		return
	}
	for len(body) > 0 {
		n := 1
		for n < len(body) && !g.mayStop(body[n-1].Stmt, s) {
			n++
		}
		for _, st := range body[:n] {
			g.stage(st.Stmt, s)
		}
		body = body[n:]
		if len(body) == 0 {
			return
		}
		g.p("if")
		g.p(":: h_stop == 0 ->")
		g.in(func() { g.stages(body, s) })
		g.p(":: else")
		g.p("fi;")
		return
	}
}

// mayStop reports whether what follows a stage may not happen.
func (g *pml) mayStop(st fsm.Stmt, s nameScope) bool {
	switch x := st.(type) {
	case *fsm.End:
		return true
	case *fsm.When:
		for _, b := range [][]*fsm.Stage{x.Then, x.Else} {
			for _, k := range b {
				if g.mayStop(k.Stmt, s) {
					return true
				}
			}
		}
	case *fsm.Send, *fsm.Persist, *fsm.Invoke, *fsm.Complete, *fsm.Report:
		return s.x.Crashes
	case *fsm.Do:
		for _, k := range s.x.Tail(x.Tail).Body {
			if _, end := k.Stmt.(*fsm.End); !end && g.mayStop(k.Stmt, s) {
				return true
			}
		}
	}
	return false
}

// asked counts the questions of a stage before they are answered.
func (g *pml) asked(c *lookup) {
	if c.asks > 0 {
		g.p("h_asked = h_asked + %d;", c.asks)
	}
	if c.draws > 0 {
		g.p("drawn = drawn + %d;", c.draws)
	}
}

// fault notes that an expression has no value.
func (g *pml) fault(fault string) {
	if fault != "" {
		g.p("FAULT(%s);", fault)
	}
}

func (g *pml) stage(st fsm.Stmt, s nameScope) {
	c := &lookup{nameScope: s, g: g}
	switch x := st.(type) {
	case *fsm.When:
		cond := c.expr(x.Cond)
		g.asked(c)
		g.fault(cond.fault)
		g.p("if")
		g.p(":: %s ->", cond.v)
		g.in(func() { g.stages(x.Then, s) })
		if len(x.Else) > 0 {
			g.p(":: else ->")
			g.in(func() { g.stages(x.Else, s) })
		} else {
			g.p(":: else")
		}
		g.p("fi;")
	case *fsm.End:
		if s.tail != nil {
			g.p("h_stop = %d;", stopTail)
		} else {
			g.p("h_stop = %d;", stopEvent)
		}
	case *fsm.Assign:
		g.assign(x, c)
	case *fsm.Send:
		g.send(x, c)
		g.visible(s.x, -1)
	case *fsm.Persist:
		g.persist(x, c)
	case *fsm.Start:
		g.running(s.x, x.Timer, 1)
	case *fsm.Cancel:
		g.running(s.x, x.Timer, 0)
	case *fsm.Invoke:
		f, a := c.typed(x.Fn, fsm.Type{Kind: fsm.EnumKind, Name: "fn"}), c.expr(x.Args)
		g.asked(c)
		g.fault(anyOf(f.fault, a.fault))
		g.p("handler_starts(%s, %s);", f.v, a.v)
		g.visible(s.x, -1)
	case *fsm.Complete:
		o, f, a := c.typed(x.Outcome, fsm.Type{Kind: fsm.EnumKind, Name: fsm.OutcomeEnum.Name}), c.typed(x.Fn, fsm.Type{Kind: fsm.EnumKind, Name: "fn"}), c.expr(x.Answer)
		g.asked(c)
		g.fault(anyOf(o.fault, f.fault, a.fault))
		memo := 0
		if o.memo || a.memo {
			memo = 1
		}
		if g.lanes() {
			of := c.expr(x.Args)
			g.p("call_ends(%s, %d, %s, %s);", o.v, memo, a.v, of.v)
		} else {
			g.p("call_ends(%s, %d, %s);", o.v, memo, a.v)
		}
		g.visible(s.x, -1)
	case *fsm.Report:
		o, a, of := c.typed(x.Outcome, fsm.Type{Kind: fsm.EnumKind, Name: fsm.OutcomeEnum.Name}), c.expr(x.Answer), c.expr(x.Args)
		g.asked(c)
		g.fault(anyOf(o.fault, a.fault, of.fault))
		g.p("call_reported(%s, %s, %s);", o.v, a.v, of.v)
		g.visible(s.x, -1)
	case *fsm.Do:
		g.do(x, c)
	case *fsm.Breach:
		g.p("%s = 1;", g.broke[x.Name])
	default: // what layers keep for the program changes nothing that a proof can see
		g.p("skip;")
	}
}

// visible ends a visible action: a crash may come here. record is that of a stable write of one slot, which a crash may
// tear, or -1.
func (g *pml) visible(x *machine, record int) {
	if !x.Crashes {
		return
	}
	g.p("h_did++;")
	g.p("if")
	g.p(":: h_did == cut ->")
	g.in(func() {
		if g.latches != nil {
			g.p("if")
			g.p(":: first_start == 0 -> see()")
			g.p(":: else /* the first start is no moment before its end */")
			g.p("fi;")
		}
		g.p("h_stop = %d;", stopEvent)
		if record >= 0 {
			g.p("if")
			g.p(":: torn ->")
			g.in(func() {
				g.p("torn = 0;")
				for i, l := range x.code.Layout {
					if (l.Kind == fsm.SoundSlot || l.Kind == fsm.FieldSlot) && l.Index == record {
						g.p("%s = 0;", g.slot(x, i))
					}
				}
			})
			g.p(":: else")
			g.p("fi;")
		}
		g.p("crash_%d();", x.index)
	})
	g.p(":: else")
	g.p("fi;")
}

// within prints the check that a value is one of its type.
func (g *pml) within(v string, e fsm.Expr, t fsm.Type) {
	if _, ok := e.(*fsm.Literal); ok || t.Kind != fsm.Range {
		return
	}
	if t.Lo > 0 {
		g.p("FAULT(%s < %d || %s > %d);", v, t.Lo, v, t.Hi)
	} else {
		g.p("FAULT(%s > %d);", v, t.Hi)
	}
}

func (g *pml) assign(x *fsm.Assign, c *lookup) {
	switch t := x.Target.(type) {
	case *fsm.Name:
		at := c.x.code.Slot(t.Name)
		l := c.x.code.Layout[at]
		if l.Layer {
			g.p("skip;")
			return
		}
		v := c.typed(x.Value, l.Type)
		g.asked(c)
		g.fault(v.fault)
		if _, literal := x.Value.(*fsm.Literal); literal || l.Type.Kind != fsm.Range {
			g.p("%s = %s;", g.slot(c.x, at), v.v)
			return
		}
		g.p("h_x[0] = %s;", v.v)
		g.within("h_x[0]", x.Value, l.Type)
		g.p("%s = h_x[0];", g.slot(c.x, at))
	case *fsm.Index:
		l := c.x.code.Layout[c.x.code.Slot(t.Name)]
		n := l.Type.Len
		l.Type.Len = 0
		i, v := c.expr(t.At), c.typed(x.Value, l.Type)
		g.asked(c)
		g.fault(anyOf(i.fault, v.fault))
		g.p("h_x[0] = %s;", i.v)
		g.p("h_x[1] = %s;", v.v)
		g.p("if")
		g.p(":: h_x[0] < %d ->", n)
		g.in(func() {
			g.within("h_x[1]", x.Value, l.Type)
			g.p("%s[h_x[0]] = h_x[1];", g.array(c.x, t.Name))
		})
		g.p(":: else -> h_fault = 1")
		g.p("fi;")
	}
}

func (g *pml) send(x *fsm.Send, c *lookup) {
	msg, index := c.sys().Message(x.Message), 0
	for i, k := range c.sys().Messages {
		if k == msg {
			index = i
		}
	}
	vs := make([]expression, len(msg.Fields))
	given := make([]fsm.Expr, len(msg.Fields))
	var faults []string
	for i := range vs {
		vs[i] = plain("0")
	}
	for _, f := range x.Fields {
		if i := msg.Index(f.Name); i >= 0 {
			vs[i], given[i] = c.typed(f.Value, msg.Fields[i].Type), f.Value
			faults = append(faults, vs[i].fault)
		}
	}
	g.asked(c)
	g.fault(anyOf(faults...))
	for i, v := range vs {
		g.p("h_x[%d] = %s;", i, v.v)
	}
	for i := len(vs); i < g.width; i++ {
		g.p("h_x[%d] = 0;", i)
	}
	fn := msg.Index("fn")
	for i, f := range msg.Fields {
		if set := c.sys().Set(f.For); set != nil && fn >= 0 {
			g.p("if")
			g.p(":: !%s(h_x[%d]) -> h_x[%d] = 0", g.sets[f.For], fn, i)
			g.p(":: else")
			g.p("fi;")
		}
	}
	for i, f := range msg.Fields {
		if given[i] != nil {
			g.within(fmt.Sprintf("h_x[%d]", i), given[i], f.Type)
			if f.Type.Kind == fsm.Range && f.Type.Hi > 255 {
				g.p("if")
				g.p(":: h_x[%d] > 255 -> %s = 1", i, g.broke[Representation])
				g.p(":: else")
				g.p("fi;")
			}
		}
	}
	g.p("put_%d(%d);", c.x.out, index)
}

func (g *pml) persist(x *fsm.Persist, c *lookup) {
	rec := 0
	for i, r := range c.x.Records {
		if r.Name == x.Record {
			rec = i
		}
	}
	type put struct{ slot, v string }
	var puts []put
	var faults []string
	for _, f := range x.Fields {
		at := c.x.code.Slot(f.Name)
		v := c.typed(f.Value, c.x.code.Layout[at].Type)
		puts = append(puts, put{g.slot(c.x, at), v.v})
		faults = append(faults, v.fault)
	}
	g.asked(c)
	g.fault(anyOf(faults...))
	g.p("%s = 1;", g.slot(c.x, c.x.code.Sound(rec)))
	if len(puts) == 1 {
		g.p("%s = %s;", puts[0].slot, puts[0].v)
	} else { // all values are those before any is written
		for i, k := range puts {
			g.p("h_x[%d] = %s;", i, k.v)
		}
		for i, k := range puts {
			g.p("%s = h_x[%d];", k.slot, i)
		}
	}
	if x.Commit && g.once() {
		g.p("effect_commits(in0);")
	}
	if c.x.Records[rec].Slots > 1 {
		rec = -1
	}
	g.visible(c.x, rec)
}

// running sets whether a timer runs; a layer's may always fire.
func (g *pml) running(x *machine, timer string, v int) {
	for _, t := range x.Timers {
		if t.Name == timer && !t.Layer {
			g.p("%s = %d;", g.slot(x, x.code.Running(timer)), v)
			return
		}
	}
	g.p("skip;")
}

func (g *pml) do(x *fsm.Do, c *lookup) {
	t := c.x.Tail(x.Tail)
	var vs, faults []string
	for i, a := range x.Args {
		v := c.typed(a, t.Params[i].Type)
		vs, faults = append(vs, v.v), append(faults, v.fault)
	}
	g.asked(c)
	g.fault(anyOf(faults...))
	if len(vs) == 1 {
		g.p("%s = %s;", g.param(c.x, t, 0), vs[0])
	} else {
		for i, v := range vs {
			g.p("h_x[%d] = %s;", i, v)
		}
		for i := range vs {
			g.p("%s = h_x[%d];", g.param(c.x, t, i), i)
		}
	}
	g.p("%s();", g.tails[t])
	for _, k := range t.Body {
		if g.mayStop(k.Stmt, nameScope{m: c.m, x: c.x, tail: t}) {
			g.p("if")
			g.p(":: h_stop == %d -> h_stop = 0", stopTail)
			g.p(":: else")
			g.p("fi;")
			return
		}
	}
}

// counts are the most questions that an event may ask, and the most visible actions, on one way through it.
type counts struct{ asks, visible int }

func (a counts) and(b counts) counts { return counts{a.asks + b.asks, a.visible + b.visible} }
func (a counts) or(b counts) counts {
	return counts{max(a.asks, b.asks), max(a.visible, b.visible)}
}

// count of a list of stages. It holds also where a part of it is left out.
func (g *pml) count(body []*fsm.Stage, s nameScope) (n counts) {
	for _, st := range body {
		k := counts{}
		c := &lookup{nameScope: s, g: g}
		for _, e := range fsm.Reads(st.Stmt) {
			c.expr(e)
		}
		k.asks = c.asks
		switch x := st.Stmt.(type) {
		case *fsm.When:
			k = k.and(g.count(x.Then, s).or(g.count(x.Else, s)))
		case *fsm.Do:
			t := s.x.Tail(x.Tail)
			k = k.and(g.count(t.Body, nameScope{m: s.m, x: s.x, tail: t}))
		case *fsm.Send, *fsm.Persist, *fsm.Invoke, *fsm.Complete, *fsm.Report:
			k.visible++
		}
		n = n.and(k)
	}
	return
}

// tears reports whether an event may write a record of one slot.
func (g *pml) tears(body []*fsm.Stage, x *machine) (found bool) {
	fsm.WalkStages(body, func(st *fsm.Stage) {
		switch k := st.Stmt.(type) {
		case *fsm.Persist:
			for _, r := range x.Records {
				found = found || r.Name == k.Record && r.Slots == 1
			}
		case *fsm.Do:
			found = found || g.tears(x.Tail(k.Tail).Body, x)
		}
	})
	return
}

// comment writes what a declaration's text says above it.
func (g *pml) comment(doc []string) {
	for _, l := range doc {
		g.p("/* %s */", strings.TrimSpace(oneLine(l)))
	}
}
