package verify

import (
	"slices"

	"sprocketc/fsm"
)

// A datagram is dead when its receiver ignores it now and in every later state. Whether it does is not argued from a
// plan's feature: the receiver is run, from its present state, through everything that it may meet (calls, returns,
// timers, crashes, and datagrams with any values), and in every state that comes up the datagram is delivered and must
// change nothing. That is a greatest fixpoint over pairs of a local state and a datagram, kept as a table: numbers are
// renamed to ranks, so pairs recur.

// ignorer answers for one machine.
type ignorer struct {
	m       *Model
	num     *numbers
	machine int
	ordered map[string]bool     // sorts on which the machine uses before
	verdict map[string]*ignored // by pair in ranks
	asked   map[string]*ignored // by pair as it came
	// answers: the machine may answer the datagram; what it may send is part of the verdict
	answers bool
	id      *identity
	effort
}

func (m *Model) ignorer(machine int, num *numbers, id *identity, answers bool) *ignorer {
	m = m.watching(func(string) bool { return false }) // what a machine meets here may break properties: it goes on
	g := &ignorer{m: m, num: num, machine: machine, ordered: map[string]bool{}, verdict: map[string]*ignored{}, asked: map[string]*ignored{}, answers: answers, id: id}
	g.wide = m.tooMany(machine)
	m.expressions(machine, func(e fsm.Expr, typeOf func(fsm.Expr) (fsm.Type, bool)) {
		if c, ok := e.(*fsm.Call); ok && c.Fn == "before" {
			for _, a := range c.Args {
				t, _ := typeOf(a)
				g.ordered[t.Name] = true
			}
		}
	})
	g.wide = g.wide || g.orders()
	return g
}

// ignored is the verdict on a datagram: whether it is ignored for ever, and what may be sent in answer to it.
type ignored struct {
	dead    bool
	answers []answer
}

// answer is what may be sent in answer to a datagram: a message, and for each of its fields from 1 the field of the
// datagram whose number it repeats, or 0 for any number.
type answer struct {
	message uint8
	from    Msg
}

// maxClosure bounds one fixpoint; beyond it a datagram counts as live, which is always sound.
const maxClosure = 4000

// foreign is the colour of a payload that no machine holds yet.
const foreign = 200

// node of the fixpoint: a local state and the datagram, in ranks of two, so that odd values lie between.
type node struct {
	l   fsm.State
	m   Msg
	top []uint32 // largest rank by sort
}

// ranked renames the numbers of a pair by order alone, scoped ones within their scope.
func (g *ignorer) ranked(l fsm.State, m Msg) node {
	n := node{slices.Clone(l), m, make([]uint32, len(g.num.sorts))}
	vs := map[group][]uint32{}
	g.places(l, m, func(k group, v uint32, _ func(uint32)) { vs[k] = append(vs[k], v) }, &n)
	for k, v := range vs {
		slices.Sort(v)
		vs[k] = slices.Compact(v)
		n.top[k.sort] = max(n.top[k.sort], uint32(2*len(vs[k])))
	}
	g.places(l, m, func(k group, v uint32, set func(uint32)) {
		i, _ := slices.BinarySearch(vs[k], v)
		set(uint32(2*i + 2))
	}, &n)
	return n
}

// places calls f for every number of a pair that is not none, with its group and a way to set it in n.
func (g *ignorer) places(l fsm.State, m Msg, f func(k group, v uint32, set func(uint32)), n *node) {
	for _, p := range g.num.slots[g.machine] {
		if l[p.at] != 0 {
			k := group{sort: p.sort}
			if p.scope >= 0 {
				k.scope = l[p.scope]
			}
			f(k, l[p.at], func(v uint32) { n.l[p.at] = v })
		}
	}
	for _, p := range g.num.field[m[0]] {
		if m[p.at] != 0 {
			k := group{sort: p.sort}
			if p.scope > 0 {
				k.scope = uint32(m[p.scope])
			}
			f(k, uint32(m[p.at]), func(v uint32) { n.m[p.at] = uint8(v) })
		}
	}
}

func (n *node) key(barred uint16) string {
	b := make([]byte, 0, len(n.l)+len(n.m)+2)
	for _, v := range n.l {
		b = appendValue(b, v)
	}
	b = append(b, n.m[:]...)
	return string(append(b, byte(barred), byte(barred>>8)))
}

// bar is a message field whose values come from one variable of the sender that only grows, so that a value which is
// neither there nor in flight never comes again.
type bar struct {
	message, field int // field from 1
	slot           int // of the sender
}

// bars finds them for the messages that a machine sends.
func (m *Model) bars(sender int, num *numbers) []bar {
	var out []bar
	c := m.Code[sender]
	for i, x := range m.Sys.Messages {
		for _, p := range num.field[i] {
			slot, ok := -1, x.From == c.M.Name && p.scope < 0
			c.M.Stages(func(s *fsm.Stage) {
				if snd, is := s.Stmt.(*fsm.Send); is && snd.Message == x.Name {
					for _, f := range snd.Fields {
						if f.Name != x.Fields[p.at-1].Name {
							continue
						}
						n, is := f.Value.(*fsm.Name)
						if !is || c.Slot(n.Name) < 0 || slot >= 0 && slot != c.Slot(n.Name) {
							ok = false
							continue
						}
						slot = c.Slot(n.Name)
					}
				}
			})
			if ok && slot >= 0 && grows(c, c.Layout[slot].Name) {
				out = append(out, bar{i, p.at, slot})
			}
		}
	}
	return out
}

// grows reports whether a variable is only ever set to none, to its own next, or to a fresh token.
func grows(c *fsm.Code, name string) bool {
	ok := true
	check := func(e fsm.Expr) {
		switch x := e.(type) {
		case *fsm.None:
			return
		case *fsm.Call:
			if len(x.Args) == 0 {
				break
			}
			if n, is := x.Args[0].(*fsm.Name); is && (x.Fn == "fresh" || x.Fn == "next" && n.Name == name) {
				return
			}
		}
		ok = false
	}
	c.M.Stages(func(s *fsm.Stage) {
		switch x := s.Stmt.(type) {
		case *fsm.Assign:
			if n, is := x.Target.(*fsm.Name); is && n.Name == name {
				check(x.Value)
			}
		case *fsm.Persist:
			for _, f := range x.Fields {
				if f.Name == name {
					check(f.Value)
				}
			}
		}
	})
	return ok
}

// mask says which numbers of a datagram can come again in which barred field: bit b*4+p for bar b and the datagram's
// p-th number. present tells whether a value is still there for a bar.
func (g *ignorer) mask(m Msg, bars []bar, present func(b bar, v uint8) bool) (k uint16) {
	for i, b := range bars {
		for j, p := range g.num.field[m[0]] {
			if i*4+j < 16 && j < 4 && g.sortOf(b) == p.sort && !present(b, m[p.at]) {
				k |= 1 << (i*4 + j)
			}
		}
	}
	return
}

func (g *ignorer) sortOf(b bar) int {
	for _, p := range g.num.field[b.message] {
		if p.at == b.field {
			return p.sort
		}
	}
	return -1
}

// barred reports whether a field of a message cannot have a value any more.
func (g *ignorer) barred(n *node, bars []bar, mask uint16, message, field int, v uint8) bool {
	for i, b := range bars {
		if b.message != message || b.field != field {
			continue
		}
		for j, p := range g.num.field[n.m[0]] {
			if i*4+j < 16 && j < 4 && mask>>(i*4+j)&1 == 1 && n.m[p.at] == v {
				return true
			}
		}
	}
	return false
}

// ignores reports whether the machine ignores the datagram now and ever after, but for answers to it. mask says which of
// the datagram's own numbers the fields of bars cannot carry any more.
func (g *ignorer) ignores(l fsm.State, m Msg, bars []bar, mask uint16) *ignored {
	m = m.Plain()
	for i, f := range g.m.Sys.Messages[m[0]].Fields {
		if f.Type.Kind == fsm.Payload {
			m[1+i] = foreign // to store it is a change, whatever is stored there now
		}
	}
	raw := node{l: l, m: m}
	ask := raw.key(mask)
	if v, ok := g.asked[ask]; ok {
		return v
	}
	v := g.fixpoint(l, m, bars, mask)
	g.asked[ask] = v
	return v
}

func (g *ignorer) fixpoint(l fsm.State, m Msg, bars []bar, mask uint16) *ignored {
	start := g.ranked(l, m)
	key := start.key(mask)
	if v, ok := g.verdict[key]; ok {
		return v
	}
	seen := map[string]bool{key: true}
	order := []string{key}
	todo := []node{start}
	v := &ignored{dead: true}
	g.begin()
	for len(todo) > 0 && v.dead {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if !g.noop(n, v) || len(seen) > maxClosure || g.spent() {
			v.dead = false
			break
		}
		g.each(&n, bars, mask, func(next fsm.State, nexts []fsm.Next) {
			if g.reuses(&n, nexts) {
				v.dead = false
			}
			k := g.ranked(next, n.m)
			s := k.key(mask)
			if seen[s] || !v.dead {
				return
			}
			if known, ok := g.verdict[s]; ok {
				v.dead = v.dead && known.dead
				for _, a := range known.answers {
					v.add(a)
				}
				return
			}
			seen[s] = true
			order = append(order, s)
			todo = append(todo, k)
		})
	}
	if v.dead {
		for _, s := range order {
			g.verdict[s] = v
		}
	} else {
		g.verdict[key] = v
	}
	return v
}

func (v *ignored) add(a answer) {
	if !slices.Contains(v.answers, a) {
		v.answers = append(v.answers, a)
	}
}

// reuses reports whether a number was counted up from one that is not the largest of its group in the pair: then it may
// come to equal one of the datagram's, which ranks would not show. What is counted up from a message's field is held
// against the identity alone; the engine checks the step itself against everything that is alive.
func (g *ignorer) reuses(n *node, nexts []fsm.Next) bool {
	found := false
	for _, x := range nexts {
		k := group{slices.Index(g.num.sorts, x.Sort), x.Scope}
		for _, p := range g.num.field[n.m[0]] {
			if p.sort != k.sort || p.scope > 0 && uint32(n.m[p.scope]) != k.scope || uint32(n.m[p.at]) <= x.From {
				continue
			}
			if x.Own || g.id == nil || slices.Contains(g.id.field[n.m[0]], p.at) {
				found = true
			}
		}
	}
	return found
}

// noop delivers the datagram: nothing may change, and nothing may be done but to answer.
func (g *ignorer) noop(n node, v *ignored) bool {
	e := g.m.receive(g.machine, n.m)
	if e == nil {
		return true
	}
	ok := true
	g.m.exec(g.machine, n.l, e, g.m.fields(n.m), func(_ []bool, r fsm.Result) {
		if !slices.Equal(r.State, n.l) || r.Fault != "" {
			ok = false
		}
		for _, f := range r.Effects {
			switch f.Kind {
			case fsm.DidSend:
				x, fits := g.m.msg(f)
				a, plain := g.answerTo(n.m, x)
				ok = ok && g.answers && fits && plain
				v.add(a)
			case fsm.DidStart, fsm.DidCancel, fsm.DidNote:
			default:
				ok = false
			}
		}
	})
	return ok
}

// answerTo tells which numbers of an answer are the datagram's own. plain is false where an answer has fields other than
// numbers and payloads.
func (g *ignorer) answerTo(m, x Msg) (a answer, plain bool) {
	a.message, plain = x[0], true
	for i, f := range g.m.Sys.Messages[x[0]].Fields {
		at := slices.IndexFunc(g.num.field[x[0]], func(p place) bool { return p.at == 1+i })
		if at < 0 {
			plain = plain && f.Type.Kind == fsm.Payload
			continue
		}
		for _, p := range g.num.field[m[0]] {
			same := g.m.Sys.Messages[m[0]].Fields[p.at-1].Name == f.Name // of two that are equal the namesake
			if p.sort == g.num.field[x[0]][at].sort && m[p.at] == x[1+i] && (a.from[1+i] == 0 || same) {
				a.from[1+i] = uint8(p.at)
			}
		}
	}
	return
}

// each calls f for every local state that one event can lead to.
func (g *ignorer) each(n *node, bars []bar, mask uint16, f func(fsm.State, []fsm.Next)) {
	g.steps(n, bars, mask, func(s Step) { f(s.Next.L[g.machine], s.Nexts) })
}

// steps calls f for every step that one event at the machine can make, whatever its peer sends.
func (g *ignorer) steps(n *node, bars []bar, mask uint16, f func(Step)) {
	m := g.m
	w := World{L: make([]fsm.State, len(m.Code)), Env: Monitor{Call: white}} // a call may end
	for i, c := range m.Code {
		w.L[i] = c.Blank()
	}
	w.L[g.machine] = n.l
	step := func(ss []Step) {
		for _, s := range ss {
			f(s)
		}
	}
	c := m.Code[g.machine]
	for _, e := range c.M.Events {
		a := Action{Machine: g.machine, Event: e, After: -1}
		switch e.Kind {
		case fsm.OnCall:
			for _, fn := range m.Fns {
				if a.In = []uint32{fn, white}; c.Enabled(n.l, e, a.In...) {
					step(m.Steps(w, a, nil))
				}
			}
		case fsm.OnReturn:
			a.In = []uint32{white}
			step(m.Steps(w, a, nil))
		case fsm.OnTimer, fsm.OnFree:
			for _, in := range m.inputs(e) {
				if c.Enabled(n.l, e, in...) {
					a.In = in
					step(m.Steps(w, a, nil))
				}
			}
		case fsm.OnMessage:
			for _, in := range g.messages(n, e.Name, bars, mask) {
				a.In = m.fields(in)
				step(m.Steps(w, a, nil))
			}
		}
	}
	if c.M.Crashes {
		step(m.Crash(w, g.machine))
	}
}

// messages lists the datagrams that the machine may meet: fields with every value of small types, and of numbers one
// value for each position among those of the pair, and as many others as there are fields of the sort.
func (g *ignorer) messages(n *node, name string, bars []bar, mask uint16) []Msg {
	msg := g.m.Sys.Message(name)
	index := slices.Index(g.m.Sys.Messages, msg)
	var base Msg
	base[0] = uint8(index)
	out := []Msg{base}
	defer func() { g.work += len(out) }()
	others := map[int]uint32{} // fields of a sort so far
	for i, f := range msg.Fields {
		var vs []uint8
		sort := -1
		for _, p := range g.num.field[index] {
			if p.at == 1+i {
				sort = p.sort
			}
		}
		switch {
		case sort >= 0:
			others[sort]++
			for v := uint32(0); v <= n.top[sort]+2*others[sort]-1; v++ {
				between := v%2 == 1
				if !between && v > n.top[sort] {
					continue
				}
				if between && v <= n.top[sort] && !g.ordered[g.num.sorts[sort]] {
					continue // without an order, one value that equals none stands for all
				}
				if !between && g.barred(n, bars, mask, index, 1+i, uint8(v)) {
					continue
				}
				vs = append(vs, uint8(v))
			}
		case f.Type.Kind == fsm.Payload:
			vs = []uint8{white}
		case f.Type.Kind == fsm.EnumKind && f.Type.Name == "fn":
			for _, fn := range g.m.Fns {
				vs = append(vs, uint8(fn))
			}
		case f.Type.Kind == fsm.EnumKind:
			vs = span(0, uint32(len(g.m.Sys.Enum(f.Type.Name).Members)-1))
		case f.Type.Kind == fsm.Bool:
			vs = []uint8{0, 1}
		case f.Type.Kind == fsm.Range:
			vs = span(f.Type.Lo, f.Type.Hi)
		default: // a reused number
			if s := g.m.Sys.Sort(f.Type.Name); s != nil && s.Wrap > 0 {
				vs = span(0, uint32(s.Wrap-1))
			}
		}
		var next []Msg
		for _, m := range out {
			for _, v := range vs {
				m[1+i] = v
				next = append(next, m)
			}
		}
		out = next
	}
	return out
}
