package verify

import (
	"math"
	"slices"

	"sprocketc/fsm"
)

// canonGap lies between two ranks, so that what next makes of a rank, also several times in a step with crashes, is seen
// to be new.
const canonGap = 8

// farApart is the distance from which on two values of a restarting group are only known to be that far apart.
const farApart = 4

// restarts says in which groups of a sort counting may begin again below values that are still in use, since it lives
// in volatile memory: there the distance of values is kept as well as their order.
type restarts int

const (
	never    restarts = iota
	unscoped          // only while there is no scope yet
	always
)

// canon gives states that differ only in the names of unbounded values one form: numbers become ranks within their
// group (order is kept, distance is not), tokens are numbered as they first occur, and the colours of a call that no
// property can ask about any more are washed out.
type canon struct {
	m        *Model
	num      *numbers
	sorts    []int // those without any scope first, since they may be scopes
	token    []bool
	scoped   []bool // every place of the sort has a scope; else it is ordered as one
	restart  []restarts
	paySlots [][]int // by machine
	payField [][]int // by message

	vals, scopes, ranks []uint32 // scratch
}

func newCanon(m *Model) *canon {
	c := &canon{m: m, num: m.numbers()}
	n := len(c.num.sorts)
	c.token, c.scoped = make([]bool, n), make([]bool, n)
	for i := range c.scoped {
		c.scoped[i] = true
		c.token[i] = m.Sys.Sort(c.num.sorts[i]).Token
	}
	see := func(p place, none int) { c.scoped[p.sort] = c.scoped[p.sort] && p.scope > none }
	for _, ps := range c.num.slots {
		for _, p := range ps {
			see(p, -1)
		}
	}
	for _, ps := range c.num.field {
		for _, p := range ps {
			see(p, 0)
		}
	}
	if m.outside() != "" {
		clear(c.scoped) // values of several scopes meet: they have one order
	}
	for _, scoped := range []bool{false, true} {
		for i := range n {
			if c.scoped[i] == scoped {
				c.sorts = append(c.sorts, i)
			}
		}
	}
	for _, k := range m.Code {
		var at []int
		for i, x := range k.Layout {
			if (x.Kind == fsm.VarSlot || x.Kind == fsm.FieldSlot) && x.Type.Kind == fsm.Payload && !x.Layer {
				at = append(at, i)
			}
		}
		c.paySlots = append(c.paySlots, at)
	}
	for _, x := range m.Sys.Messages {
		var at []int
		for i, f := range x.Fields {
			if f.Type.Kind == fsm.Payload {
				at = append(at, 1+i)
			}
		}
		c.payField = append(c.payField, at)
	}
	c.findRestarts()
	return c
}

// findRestarts looks for volatile variables that are counted up.
func (c *canon) findRestarts() {
	c.restart = make([]restarts, len(c.num.sorts))
	for i, x := range c.m.Sys.Machines {
		if !x.Crashes && !x.Erased {
			continue
		}
		k := c.m.Code[i]
		counted := func(e fsm.Expr) {
			call, ok := e.(*fsm.Call)
			if !ok || call.Fn != "next" {
				return
			}
			n, ok := call.Args[0].(*fsm.Name)
			if !ok || k.Slot(n.Name) < 0 {
				return
			}
			// a record of one slot can be torn, and counting begins again
			if l := k.Layout[k.Slot(n.Name)]; l.Kind != fsm.VarSlot && (l.Kind != fsm.FieldSlot || k.M.Records[l.Index].Slots > 1) {
				return
			}
			t := k.Layout[k.Slot(n.Name)].Type
			s := slices.Index(c.num.sorts, t.Name)
			if s < 0 {
				return
			}
			mode := always
			if at := k.Slot(t.Scope); t.Scope != "" && at >= 0 && c.scoped[s] {
				// a scope from stable memory or drawn at random is a new one after a crash
				if k.Layout[at].Kind == fsm.FieldSlot || k.Layout[at].Type.Kind == fsm.Token {
					mode = unscoped
				}
			}
			c.restart[s] = max(c.restart[s], mode)
		}
		x.Stages(func(s *fsm.Stage) {
			for _, e := range fsm.Reads(s.Stmt) {
				fsm.WalkExpr(e, counted)
			}
		})
	}
}

// unranked says why ranks do not fit a system, or "".
func (c *canon) unranked() string {
	why := ""
	for _, x := range c.m.Sys.Machines {
		look := func(e fsm.Expr) {
			fsm.WalkExpr(e, func(e fsm.Expr) {
				b, ok := e.(*fsm.Binary)
				if !ok {
					return
				}
				for _, side := range []fsm.Expr{b.X, b.Y} {
					if n, ok := side.(*fsm.Call); ok && n.Fn == "next" && c.unbounded(x, n.Args[0]) {
						why = "`" + fsm.Text(b) + "` asks for the distance of two numbers that are never reused, and only their order is kept"
					}
				}
			})
		}
		for _, e := range x.Events {
			look(e.When)
		}
		x.Stages(func(s *fsm.Stage) {
			for _, e := range fsm.Reads(s.Stmt) {
				look(e)
			}
		})
	}
	return why
}

// unbounded reports whether an argument of next is of a sort that is renamed; a name that cannot be told is.
func (c *canon) unbounded(x *fsm.Machine, e fsm.Expr) bool {
	if n, ok := e.(*fsm.Name); ok {
		k := fsm.Compile(c.m.Sys, x)
		if at := k.Slot(n.Name); at >= 0 {
			s := c.m.Sys.Sort(k.Layout[at].Type.Name)
			return s == nil || s.Wrap == 0
		}
	}
	for _, s := range c.m.Sys.Sorts {
		if s.Wrap == 0 && !s.Token {
			return true
		}
	}
	return false
}

// Reasons for which a state cannot be represented.
const (
	notLargest = "next is applied to a number that is not the largest in use of its group, and how far away that is was not kept"
	tooMany    = "more numbers are in use at once than the checker can tell apart"
)

// apply renames in place; the words are the caller's own copies. A state in which a run begins is new in all its values.
func (c *canon) apply(w *World, words [][]flying, begin bool) (fault string) {
	c.wash(w, words)
	for _, s := range c.sorts {
		c.gather(s, w, words)
		if c.token[s] {
			fault = c.rankTokens()
		} else {
			fault = c.rankNumbers(c.restart[s], begin)
		}
		if fault != "" {
			return fault
		}
		c.scatter(s, w, words)
	}
	return ""
}

// each calls f for every place of a sort, always in the same order.
func (c *canon) each(s int, w *World, words [][]flying, local func(l fsm.State, p place), carried func(m *Msg, p place)) {
	for i, ps := range c.num.slots {
		for _, p := range ps {
			if p.sort == s {
				local(w.L[i], p)
			}
		}
	}
	for _, word := range words {
		for j := range word {
			m := &word[j].msg
			for _, p := range c.num.field[m[0]] {
				if p.sort == s {
					carried(m, p)
				}
			}
		}
	}
}

func (c *canon) gather(s int, w *World, words [][]flying) {
	c.vals, c.scopes = c.vals[:0], c.scopes[:0]
	add := func(v, scope uint32) {
		if !c.scoped[s] {
			scope = 0
		}
		c.vals, c.scopes = append(c.vals, v), append(c.scopes, scope)
	}
	c.each(s, w, words, func(l fsm.State, p place) {
		scope := uint32(0)
		if p.scope >= 0 {
			scope = l[p.scope]
		}
		add(l[p.at], scope)
	}, func(m *Msg, p place) {
		scope := uint32(0)
		if p.scope > 0 {
			scope = uint32(m[p.scope])
		}
		add(uint32(m[p.at]), scope)
	})
}

func (c *canon) scatter(s int, w *World, words [][]flying) {
	i := 0
	c.each(s, w, words, func(l fsm.State, p place) { l[p.at] = c.ranks[i]; i++ }, func(m *Msg, p place) { m[p.at] = uint8(c.ranks[i]); i++ })
}

func (c *canon) rankTokens() string {
	c.ranks = append(c.ranks[:0], c.vals...)
	next := uint32(0)
	for i, v := range c.vals {
		if v == 0 {
			continue
		}
		first := i
		for j := range i {
			if c.vals[j] == v {
				first = j
				break
			}
		}
		if first < i {
			c.ranks[i] = c.ranks[first]
			continue
		}
		next++
		c.ranks[i] = next
	}
	if next >= freshValue {
		return tooMany
	}
	return ""
}

func (c *canon) rankNumbers(mode restarts, begin bool) string {
	c.ranks = c.ranks[:0]
	for i, v := range c.vals {
		if v == 0 {
			c.ranks = append(c.ranks, 0)
			continue
		}
		rank := uint32(0)
		if mode == always || mode == unscoped && c.scopes[i] == 0 {
			r, ok := c.place(i, begin)
			if !ok {
				return notLargest
			}
			rank = r
		} else {
			rank = 1
			for j, u := range c.vals {
				if c.scopes[j] != c.scopes[i] || u == 0 {
					continue
				}
				if u/canonGap > v/canonGap && v%canonGap != 0 && !begin {
					return notLargest
				}
				if u < v && !c.earlier(j) {
					rank++
				}
			}
		}
		if rank*canonGap >= freshValue-canonGap {
			return tooMany
		}
		c.ranks = append(c.ranks, rank*canonGap)
	}
	return ""
}

// place is the rank of value i where distances up to farApart are kept. A value that next has just made lies as far
// above the rank that it was made of; ok is false where the value above that was only known to be far away.
func (c *canon) place(i int, begin bool) (rank uint32, ok bool) {
	at := func(v uint32) uint32 {
		if begin {
			return v
		}
		return v/canonGap + v%canonGap
	}
	v := c.vals[i]
	group := func(f func(u uint32)) {
		for j, u := range c.vals {
			if c.scopes[j] == c.scopes[i] && u != 0 {
				f(u)
			}
		}
	}
	if !begin && v%canonGap != 0 {
		above := uint32(math.MaxUint32)
		group(func(u uint32) {
			if u%canonGap == 0 && u/canonGap > v/canonGap {
				above = min(above, u/canonGap)
			}
		})
		if above != math.MaxUint32 && above-v/canonGap >= farApart {
			return 0, false
		}
	}
	for low := uint32(0); low < at(v); {
		next := at(v)
		group(func(u uint32) {
			if a := at(u); a > low {
				next = min(next, a)
			}
		})
		rank += min(next-low, farApart)
		low = next
	}
	return rank, true
}

// earlier reports whether the value at j stands before j in the same group.
func (c *canon) earlier(j int) bool {
	for i := range j {
		if c.vals[i] == c.vals[j] && c.scopes[i] == c.scopes[j] {
			return true
		}
	}
	return false
}

// wash lets the monitor forget a marked call that has ended and can neither arrive nor be sent any more.
func (c *canon) wash(w *World, words [][]flying) {
	if w.Env.Phase == notMade {
		return
	}
	arrive := false
	for i, at := range c.paySlots {
		for _, k := range at {
			arrive = arrive || c.m.alive(w.Env, w.L[i][k]) && (i != c.m.Callee || c.m.runs[i][k]) // an answer that nobody sends back
		}
	}
	for _, word := range words {
		for _, f := range word {
			for _, k := range c.payField[f.msg[0]] {
				arrive = arrive || c.m.alive(w.Env, uint32(f.msg[k]))
			}
		}
	}
	if !c.m.settle(&w.Env, arrive) {
		return
	}
	for i, at := range c.paySlots {
		for _, k := range at {
			if distinct(w.L[i][k]) {
				w.L[i][k] = white
			}
		}
	}
	for _, word := range words {
		for j := range word {
			for _, k := range c.payField[word[j].msg[0]] {
				if distinct(uint32(word[j].msg[k])) {
					word[j].msg[k] = white
				}
			}
		}
	}
}
