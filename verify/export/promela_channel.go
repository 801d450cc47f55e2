package export

import (
	"fmt"

	"sprocketc/fsm"
)

// channels prints what the channels do with datagrams: an array, oldest first.
func (g *pml) channels() {
	w := g.width
	g.p("inline copy(to, from) {")
	g.in(func() {
		g.p("to.kind = from.kind; to.age = from.age; to.again = from.again;")
		for i := range w {
			g.p("to.f[%d] = from.f[%d];", i, i)
		}
	})
	g.p("}")
	g.p("")
	g.p("inline clear(d) {")
	g.in(func() {
		g.p("d.kind = 0; d.age = 0; d.again = 0;")
		for i := range w {
			g.p("d.f[%d] = 0;", i)
		}
	})
	g.p("}")
	g.p("")
	g.p("/* h_to becomes 1 where a is more than b, -1 where it is less, 0 where they are the same */")
	g.p("inline compare(a, b) {")
	g.in(func() {
		g.p("if")
		g.p(":: a.kind > b.kind -> h_to = 1")
		g.p(":: a.kind < b.kind -> h_to = -1")
		for i := range w {
			g.p(":: else ->")
			g.depth++
			g.p("if")
			g.p(":: a.f[%d] > b.f[%d] -> h_to = 1", i, i)
			g.p(":: a.f[%d] < b.f[%d] -> h_to = -1", i, i)
		}
		g.p(":: else -> h_to = 0")
		for range w {
			g.p("fi")
			g.depth--
		}
		g.p("fi")
	})
	g.p("}")
	g.p("")
	for i, c := range g.sys.Channels {
		g.channel(i, c)
	}
}

func (g *pml) channel(i int, c *fsm.Channel) {
	ch, n, room := g.chans[i], g.chans[i]+"_n", g.room(c)
	words := ""
	for _, w := range []struct {
		is   bool
		word string
	}{{c.Loses && !c.Oldest, " loses"}, {c.Oldest, " loses oldest"}, {c.Waits, " waits"}, {c.Repeats, " repeats"}, {c.Corrupts, " corrupts"}, {c.Within < 0, " overtaking any"}, {c.Within > 0, fmt.Sprintf(" overtaking %d", c.Within)}} {
		if w.is {
			words += w.word
		}
	}
	g.p("/* channel %s from %s to %s%s */", c.Name, c.From, c.To, words)
	g.p("inline put_%d(message) {", i)
	g.in(func() {
		g.p("h_sends++;")
		same := ""
		if c.Within < 0 && c.Repeats {
			same = "h_k == 1"
			// a set: what is in it already is not put in again
			g.p("h_k = 0;")
			g.p("for (h_i : 0 .. %s - 1) {", n)
			g.in(func() {
				cond := fmt.Sprintf("%s[h_i].kind == message + 1", ch)
				for k := range g.width {
					cond += fmt.Sprintf(" && %s[h_i].f[%d] == h_x[%d]", ch, k, k)
				}
				g.p("if")
				g.p(":: %s -> h_k = 1", cond)
				g.p(":: else")
				g.p("fi")
			})
			g.p("}")
		}
		g.p("if")
		if same != "" {
			g.p(":: %s", same)
			g.p(":: %s != 1 && %s < %s ->", "h_k", n, room)
		} else {
			g.p(":: %s < %s ->", n, room)
		}
		g.in(func() {
			g.p("%s[%s].kind = message + 1;", ch, n)
			for k := range g.width {
				g.p("%s[%s].f[%d] = h_x[%d];", ch, n, k, k)
			}
			g.p("%s++;", n)
		})
		if c.Loses && !c.Waits {
			g.p(":: else /* it is lost */")
		} else {
			g.p(":: else -> undone = 1 /* it is not taken: the step does not happen */")
		}
		g.p("fi")
	})
	g.p("}")
	g.p("")
	g.p("/* takes datagram pick out, or, where it may come again, keeps it; what it overtakes too far is gone */")
	g.p("inline take_%d() {", i)
	g.in(func() {
		g.p("h_k = 0;")
		g.p("h_j = !%s[pick].again;", ch)
		g.p("for (h_i : 0 .. %s - 1) {", n)
		g.in(func() {
			g.p("if")
			if c.Within >= 0 {
				g.p(":: h_i < pick && h_j && %s[h_i].age >= %d ->", ch, c.Within)
				g.in(func() {
					if c.Loses {
						g.p("undone = 1 /* it has to be lost first */")
						return
					}
					g.p("if")
					g.p(":: !%s[h_i].again -> undone = 1 /* it may not be overtaken yet */", ch)
					g.p(":: else")
					g.p("fi")
				})
				g.p(":: h_i < pick && h_j && %s[h_i].age < %d ->", ch, c.Within)
				g.in(func() {
					g.p("%s[h_i].age++;", ch)
					g.p("copy(%s[h_k], %s[h_i]);", ch, ch)
					g.p("h_k++")
				})
			}
			g.p(":: h_i == pick && !keep")
			g.p(":: h_i == pick && keep ->")
			g.in(func() {
				g.p("copy(%s[h_k], %s[h_i]);", ch, ch)
				g.p("%s[h_k].again = 1;", ch)
				g.p("h_k++")
			})
			g.p(":: else ->")
			g.in(func() {
				g.p("copy(%s[h_k], %s[h_i]);", ch, ch)
				g.p("h_k++")
			})
			g.p("fi")
		})
		g.p("}")
		g.shrink(i)
	})
	g.p("}")
	g.p("")
	g.p("inline tidy_%d() {", i)
	g.in(func() {
		if c.Within >= 0 && c.Loses {
			g.p("%s[0].again = 0 /* nothing is left to be aged by it, and it may go either way */", ch)
			return
		} else if c.Within >= 0 {
			g.p("skip")
			return
		}
		// without an order it is sorted, and age means nothing; repeated at will it is a set
		g.p("for (h_i : 0 .. %s - 1) {", n)
		g.in(func() {
			g.p("%s[h_i].age = 0;", ch)
			if c.Repeats {
				g.p("%s[h_i].again = 0;", ch)
			}
		})
		g.p("}")
		g.p("for (h_i : 1 .. %s - 1) {", n)
		g.in(func() {
			g.p("h_k = h_i;")
			g.p("do")
			g.p(":: h_k > 0 ->")
			g.in(func() {
				g.p("compare(%s[h_k - 1], %s[h_k]);", ch, ch)
				g.p("if")
				g.p(":: h_to == 1 ->")
				g.in(func() {
					g.p("copy(h_spare, %s[h_k]);", ch)
					g.p("copy(%s[h_k], %s[h_k - 1]);", ch, ch)
					g.p("copy(%s[h_k - 1], h_spare);", ch)
					g.p("h_k--")
				})
				g.p(":: else -> break")
				g.p("fi")
			})
			g.p(":: else -> break")
			g.p("od")
		})
		g.p("}")
		if !c.Repeats {
			return
		}
		g.p("h_k = 0;")
		g.p("for (h_i : 0 .. %s - 1) {", n)
		g.in(func() {
			g.p("h_to = 1;")
			g.p("if")
			g.p(":: h_k > 0 -> compare(%s[h_i], %s[h_k - 1])", ch, ch)
			g.p(":: else")
			g.p("fi;")
			g.p("if")
			g.p(":: h_to != 0 ->")
			g.in(func() {
				g.p("copy(%s[h_k], %s[h_i]);", ch, ch)
				g.p("h_k++")
			})
			g.p(":: else")
			g.p("fi")
		})
		g.p("}")
		g.shrink(i)
	})
	g.p("}")
	g.p("")
}

// shrink makes h_k the number of a channel's datagrams.
func (g *pml) shrink(i int) {
	ch := g.chans[i]
	g.p("for (h_i : h_k .. %s_n - 1) {", ch)
	g.in(func() { g.p("clear(%s[h_i])", ch) })
	g.p("}")
	g.p("%s_n = h_k", ch)
}
