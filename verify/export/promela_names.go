package export

import (
	"fmt"

	"sprocketc/fsm"
)

// renaming prints the form of a state that is compared: what differs only in the names of unbounded values is one state.
func (g *pml) renaming() {
	places := 1
	for _, s := range g.sorts {
		places = max(places, len(s.slots)+len(s.fields)*16*len(g.sys.Channels))
	}
	g.p("hidden Datagram h_spare;")
	g.p("hidden int h_n, h_low, h_next, h_at, h_r, h_above;")
	g.p("hidden int h_value[%d], h_scope[%d], h_rank[%d];", places, places, places)
	g.p("hidden byte h_first[%d];", places)
	g.p("")
	g.forget()
	g.ranks()
	for i, s := range g.sorts {
		g.p("/* %s %s */", map[bool]string{true: "token", false: "number"}[s.Token], s.Name)
		g.p("inline rename_%d() {", i)
		g.in(func() {
			g.p("h_n = 0;")
			g.places(s, func(value, scope string) {
				if !s.scoped || scope == "" {
					scope = "0"
				}
				g.p("h_value[h_n] = %s; h_scope[h_n] = %s; h_n++;", value, scope)
			})
			switch {
			case s.Token:
				g.p("rank_tokens();")
			case s.restart == always:
				g.p("rank_numbers(1);")
			case s.restart == unscoped:
				g.p("rank_numbers(h_scope[h_i] == 0);")
			default:
				g.p("rank_numbers(0);")
			}
			g.p("h_n = 0;")
			g.places(s, func(value, _ string) { g.p("%s = h_rank[h_n]; h_n++;", value) })
		})
		g.p("}")
		g.p("")
	}
	g.p("inline rename() {")
	g.in(func() {
		g.p("forget();")
		g.tidy()
		for i := range g.sorts {
			g.p("rename_%d();", i)
		}
		g.tidy() // renaming changes the order
		g.p("skip")
	})
	g.p("}")
	g.p("")
}

func (g *pml) tidy() {
	for i := range g.sys.Channels {
		g.p("tidy_%d();", i)
	}
}

// places calls f for every place of a sort: its variable, and that of the scope, "" for none.
func (g *pml) places(s *sort, f func(value, scope string)) {
	for _, p := range s.slots {
		x, scope := g.machines[p.of], ""
		if p.scope >= 0 {
			scope = g.slot(x, p.scope)
		}
		f(g.slot(x, p.at), scope)
	}
	for i, c := range g.sys.Channels {
		any := false
		for _, p := range s.fields {
			any = any || g.sys.Messages[p.of].From == c.From
		}
		if !any {
			continue
		}
		d := g.chans[i] + "[h_i]"
		g.p("for (h_i : 0 .. %s_n - 1) {", g.chans[i])
		g.in(func() {
			g.p("if")
			for k, x := range g.sys.Messages {
				if x.From != c.From || !hasField(s, k) {
					continue
				}
				g.p(":: %s.kind == %d ->", d, k+1)
				g.in(func() {
					for _, p := range s.fields {
						if p.of != k {
							continue
						}
						scope := ""
						if p.scope >= 0 {
							scope = field(d, p.scope)
						}
						f(field(d, p.at), scope)
					}
				})
			}
			g.p(":: else")
			g.p("fi")
		})
		g.p("};")
	}
}

func hasField(s *sort, message int) bool {
	for _, p := range s.fields {
		if p.of == message {
			return true
		}
	}
	return false
}

// ranks prints how values are replaced by their ranks. A value that next has just made is a rank and something more.
func (g *pml) ranks() {
	g.p("/* tokens are numbered as they first occur */")
	g.p("inline rank_tokens() {")
	g.in(func() {
		g.p("h_to = 0;")
		g.p("for (h_i : 0 .. h_n - 1) {")
		g.in(func() {
			g.p("h_rank[h_i] = 0;")
			g.p("if")
			g.p(":: h_value[h_i] != 0 ->")
			g.in(func() {
				g.p("for (h_j : 0 .. h_i - 1) {")
				g.in(func() {
					g.p("if")
					g.p(":: h_value[h_j] == h_value[h_i] -> h_rank[h_i] = h_rank[h_j]")
					g.p(":: else")
					g.p("fi")
				})
				g.p("}")
				g.p("if")
				g.p(":: h_rank[h_i] == 0 -> h_to++; h_rank[h_i] = h_to")
				g.p(":: else")
				g.p("fi")
			})
			g.p(":: else")
			g.p("fi")
		})
		g.p("}")
		g.p("if")
		g.p(":: h_to >= %d -> %s = 1", fresh, g.broke[Representation])
		g.p(":: else")
		g.p("fi")
	})
	g.p("}")
	g.p("")
	g.p("/* where a run begins, values are as they are */")
	g.p("#define AT(v) (first_start -> (v) : (v) / %d + (v) %% %d)", gap, gap)
	g.p("#define NEW(v) (!first_start && (v) %% %d != 0)", gap)
	g.p("#define PEERS(k) (h_value[k] != 0 && h_scope[k] == h_scope[h_i])")
	g.p("")
	g.p("/* numbers keep their order among those of one scope; where counting may begin again below values that are still in")
	g.p("   use, since it rests on volatile memory, their distance up to %d as well. What next makes of a number that is not", farApart)
	g.p("   the largest cannot be placed where it is not known how far away the next larger one is. */")
	g.p("inline rank_numbers(distant) {")
	g.in(func() {
		g.p("for (h_i : 0 .. h_n - 1) {")
		g.in(func() {
			g.p("h_first[h_i] = (h_value[h_i] != 0);")
			g.p("for (h_j : 0 .. h_i - 1) {")
			g.in(func() {
				g.p("if")
				g.p(":: h_value[h_j] == h_value[h_i] && h_scope[h_j] == h_scope[h_i] -> h_first[h_i] = 0")
				g.p(":: else")
				g.p("fi")
			})
			g.p("}")
		})
		g.p("}")
		g.p("for (h_i : 0 .. h_n - 1) {")
		g.in(func() {
			g.p("h_r = 0;")
			g.p("h_above = 10000; /* the next larger rank */")
			g.p("if")
			g.p(":: NEW(h_value[h_i]) ->")
			g.in(func() {
				g.p("for (h_j : 0 .. h_n - 1) {")
				g.in(func() {
					g.p("if")
					g.p(":: PEERS(h_j) && h_value[h_j] / %d > h_value[h_i] / %d && h_value[h_j] / %d < h_above && (!(distant) || h_value[h_j] %% %d == 0) ->", gap, gap, gap, gap)
					g.in(func() { g.p("h_above = h_value[h_j] / %d", gap) })
					g.p(":: else")
					g.p("fi")
				})
				g.p("}")
			})
			g.p(":: else")
			g.p("fi;")
			g.p("if")
			g.p(":: h_value[h_i] == 0")
			g.p(":: h_value[h_i] != 0 && (distant) ->")
			g.in(func() {
				g.p("if")
				g.p(":: h_above < 10000 && h_above - h_value[h_i] / %d >= %d -> %s = 1", gap, farApart, g.broke[Representation])
				g.p(":: else")
				g.p("fi;")
				g.p("h_low = 0;")
				g.p("do")
				g.p(":: h_low < AT(h_value[h_i]) ->")
				g.in(func() {
					g.p("h_next = AT(h_value[h_i]);")
					g.p("for (h_j : 0 .. h_n - 1) {")
					g.in(func() {
						g.p("if")
						g.p(":: PEERS(h_j) && AT(h_value[h_j]) > h_low && AT(h_value[h_j]) < h_next -> h_next = AT(h_value[h_j])")
						g.p(":: else")
						g.p("fi")
					})
					g.p("}")
					g.p("h_r = h_r + (h_next - h_low < %d -> h_next - h_low : %d);", farApart, farApart)
					g.p("h_low = h_next")
				})
				g.p(":: else -> break")
				g.p("od")
			})
			g.p(":: else ->")
			g.in(func() {
				g.p("if")
				g.p(":: h_above < 10000 -> %s = 1", g.broke[Representation])
				g.p(":: else")
				g.p("fi;")
				g.p("h_r = 1;")
				g.p("for (h_j : 0 .. h_n - 1) {")
				g.in(func() {
					g.p("if")
					g.p(":: h_first[h_j] && PEERS(h_j) && h_value[h_j] < h_value[h_i] -> h_r++")
					g.p(":: else")
					g.p("fi")
				})
				g.p("}")
			})
			g.p("fi;")
			g.p("if")
			g.p(":: h_r * %d >= %d -> %s = 1", gap, fresh-gap, g.broke[Representation])
			g.p(":: else")
			g.p("fi;")
			g.p("h_rank[h_i] = h_r * %d", gap)
		})
		g.p("}")
	})
	g.p("}")
	g.p("")
}

// forget prints what becomes of a marked call that has ended, runs no more and can neither arrive nor be sent: it is as
// good as never marked, since no machine sees a colour.
func (g *pml) forget() {
	g.p("inline forget() {")
	g.in(func() {
		g.p("if")
		g.p(":: phase == 0")
		g.p(":: else ->")
		g.in(func() {
			g.p("if")
			g.p(":: phase != PENDING -> restarted = 0; replied = 0")
			g.p(":: else")
			g.p("fi;")
			if g.keeps { // an assertion asks for it
				return
			}
			g.p("h_to = 0; /* the marked call may still arrive */")
			for i, x := range g.machines {
				for _, at := range g.arrive[i] {
					g.p("h_to = h_to || %s;", g.alive(g.slot(x, at)))
				}
			}
			g.carried(func(place string) { g.p("h_to = h_to || %s;", g.alive(place)) })
			g.p("if")
			g.p(":: phase >= OPEN && !h_to && handler != MARKED ->")
			g.in(func() {
				if g.ordered() {
					g.p("order_ran = 0;")
				}
				if g.lanes() {
					g.p("others[0] = others[0] + others[1]; others[1] = 0;")
				}
				g.p("phase = 0; fn_of = 0; starts = 0; late_ran = 0; restarted = 0; replied = 0;")
				if g.once() {
					g.p("commits = 0;")
				}
				washed := func(place string) { g.p("%s = (%s -> WHITE : %s);", place, g.told(place, "LATE"), place) }
				washed("handler")
				washed("waiting")
				for i, x := range g.machines {
					for _, at := range g.pays[i] {
						v := g.slot(x, at)
						g.p("%s = (%s == MARKED || %s -> WHITE : %s);", v, v, g.told(v, "LATE"), v)
					}
				}
				g.carried(washed)
			})
			g.p(":: else")
			g.p("fi")
		})
		g.p("fi")
	})
	g.p("}")
	g.p("")
}

// alive reports whether a payload can still show something of the marked call: its own, or one of a call made while it was
// outstanding, which must not run unless it did.
func (g *pml) alive(place string) string {
	if g.ordered() {
		return fmt.Sprintf("(%s == MARKED || %s == AFTER && starts == 0)", place, place)
	}
	return place + " == MARKED"
}

// told reports whether a payload has a colour, or that of what was made while the marked call was outstanding.
func (g *pml) told(place, colour string) string {
	if g.ordered() {
		return fmt.Sprintf("%s == %s || %s == AFTER", place, colour, place)
	}
	return place + " == " + colour
}

// noneOutstanding prints that nothing is of what lanes and order add to the monitor.
func (g *pml) noneOutstanding() {
	if g.ordered() {
		g.p("order_ran = 0;")
	}
	if g.lanes() {
		g.p("others[0] = 0; others[1] = 0;")
	}
}

// carried calls f for every payload that a datagram carries.
func (g *pml) carried(f func(place string)) {
	for i, c := range g.sys.Channels {
		for k, x := range g.sys.Messages {
			if x.From != c.From {
				continue
			}
			for at, fd := range x.Fields {
				if fd.Type.Kind != fsm.Payload {
					continue
				}
				d := g.chans[i] + "[h_i]"
				g.p("for (h_i : 0 .. %s_n - 1) {", g.chans[i])
				g.in(func() {
					g.p("if")
					g.p(":: %s.kind == %d ->", d, k+1)
					g.in(func() { f(field(d, at)) })
					g.p(":: else")
					g.p("fi")
				})
				g.p("};")
			}
		}
	}
}

// field of a datagram.
func field(d string, at int) string { return fmt.Sprintf("%s.f[%d]", d, at) }
