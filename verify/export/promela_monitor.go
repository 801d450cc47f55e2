package export

import (
	"fmt"
	"slices"
)

// monitor prints what watches the properties of calls. One call among any number is marked; the calls of lasting effect
// that are made after its end are told apart as late.
func (g *pml) monitor() {
	g.p("/* the colours of payloads, and how far the marked call is */")
	g.p("#define WHITE %d", white)
	g.p("#define MARKED %d", marked)
	g.p("#define LATE %d", late)
	if g.ordered() {
		g.p("#define AFTER %d /* made while the marked call was outstanding */", after)
		g.p("bool order_ran;    /* a call has started that is ordered and was made after the marked one */")
	}
	if g.lanes() {
		g.p("byte others[2];    /* outstanding calls beside the marked one: white ones, and those made after it */")
	}
	g.p("#define PENDING 1  /* made, no outcome yet */")
	g.p("#define OPEN 2     /* ended; nothing was promised about its executions */")
	g.p("#define NOT_RUN 3  /* ended as not run: it must never run */")
	g.p("#define FINISHED 4 /* ended for good: it must not start any more */")
	g.p("byte handler;      /* colour of the running handler; 0: none runs */")
	g.p("byte waiting;      /* colour of the pending call; 0: none is pending */")
	g.p("byte phase, fn_of; /* of the marked call */")
	g.p("byte starts;       /* of its handler: 0, 1, 2 */")
	if g.once() {
		g.p("byte commits;      /* of its effect, where it must be there once: 0, 1, 2 */")
	}
	g.p("bool late_ran;     /* a late call has started */")
	g.p("bool restarted;    /* the callee has restarted since the marked call was made */")
	g.p("bool replied;        /* the marked call's handler ended, and the callee has not restarted since */")
	g.p("byte crashes[%d];   /* of the peers that crash a limited number of times */", len(g.machines))
	g.p("hidden int h_caller_epoch, h_callee_epoch; /* before the step */")
	g.facts()
	g.p("")
	g.p("inline handler_starts(function, colour) {")
	g.in(func() {
		g.moments()
		g.breaks("handler != 0", "serial", ";")
		g.p("handler = (colour == 0 -> WHITE : colour); /* one that was given none runs as well */")
		g.p("if")
		if g.ordered() {
			g.order()
		} else {
			g.p(":: handler == LATE -> late_ran = 1")
		}
		g.p(":: handler == MARKED ->")
		g.in(func() {
			g.p("replied = 0;")
			g.p("starts = (starts < 2 -> starts + 1 : 2);")
			g.p("if")
			g.p(":: %s(fn_of) ->", g.sets["effect"])
			g.in(func() {
				g.breaks("starts == 2", "at_most_once", ";")
				g.p("if")
				g.p(":: phase == NOT_RUN -> %s", g.broken("honest_outcome"))
				g.p(":: phase == FINISHED -> %s", g.broken("final"))
				g.p(":: else")
				g.p("fi")
			})
			if g.once() {
				g.p(":: %s(fn_of) && phase == FINISHED -> %s", g.sets["once"], g.broken("final"))
			}
			g.p(":: else")
			g.p("fi;")
			g.breaks("late_ran", "no_stale", pickText(g.ordered(), ";", ""))
			if g.ordered() {
				g.breaks("order_ran", "ordered", "")
			}
		})
		g.p(":: else")
		g.p("fi")
	})
	g.p("}")
	g.p("")
	g.p("/* outcomes: 0 answer, 1 refused, 2 timed out, 3 unknown, 4 peer restarted */")
	whose, none := "waiting", "waiting == 0"
	if g.lanes() { // the call tells by its arguments which it is
		whose = "of_call"
		none = "!(of_call == MARKED && phase == PENDING || of_call <= WHITE && others[0] > 0 || of_call > MARKED && others[1] > 0)"
		g.p("inline call_ends(outcome, memo, colour, of_call) {")
	} else {
		g.p("inline call_ends(outcome, memo, colour) {")
	}
	g.in(func() {
		g.p("if")
		g.p(":: %s -> %s", none, g.broken("own_answer"))
		g.p(":: else ->")
		g.in(func() {
			g.breaks("outcome == 0 && !memo && colour != "+whose, "own_answer", ";")
			g.p("if")
			g.p(":: %s == MARKED ->", whose)
			g.in(func() {
				g.p("phase = OPEN;")
				if g.outcomes {
					g.p("ended = outcome + 1;")
				}
				if g.once() {
					g.breaks(fmt.Sprintf("outcome == 0 && %s(fn_of) && commits == 0", g.sets["once"]), "exactly_once", ";")
				}
				g.p("if")
				g.p(":: outcome == 0 && %s(fn_of) -> phase = FINISHED", g.sets["effect"])
				if g.once() {
					g.p(":: outcome == 0 && %s(fn_of) -> phase = FINISHED", g.sets["once"])
				}
				g.p(":: (outcome == 1 || outcome == 2) && %s(fn_of) ->", g.sets["effect"])
				g.in(func() {
					g.breaks("starts > 0", "honest_outcome", ";")
					g.p("phase = NOT_RUN")
				})
				g.p(":: outcome == 4 ->")
				g.in(func() {
					g.p("if")
					switch {
					case !g.mortal():
						g.p(":: true -> %s", g.broken("no_spurious_restart"))
					case g.epoch[0] < 0:
						g.p(":: !restarted -> %s", g.broken("no_spurious_restart"))
					default: // a call that was sent under no epoch must have been made before a restart
						under := "0"
						for _, f := range g.opt.Epoch.Carried {
							under += fmt.Sprintf(" || fn_of == %d", f)
						}
						g.p(":: (h_caller_epoch == 0 || !(%s)) && !restarted -> %s", under, g.broken("no_spurious_restart"))
						g.p(":: h_caller_epoch != 0 && (%s) && h_caller_epoch == h_callee_epoch -> %s", under, g.broken("no_spurious_restart"))
					}
					g.p(":: else")
					g.p("fi;")
					g.p("phase = (%s(fn_of) -> FINISHED : OPEN)", g.sets["effect"])
				})
				g.p(":: else")
				g.p("fi")
			})
			g.p(":: else")
			g.p("fi;")
			if g.lanes() {
				g.left()
			} else {
				g.p("waiting = 0")
			}
		})
		g.p("fi")
	})
	g.p("}")
	g.p("")
	g.reports()
}

// order prints what is seen of a start that is not the marked call's, where executions keep the order of calls.
func (g *pml) order() {
	stale := "0"
	if g.checks["no_stale"] {
		stale = fmt.Sprintf("(!%s(function) && !%s(fn_of) && !%s(fn_of))", g.sets["pure"], g.sets["pure"], g.sets["commutes"])
	}
	both := fmt.Sprintf("%s(function) && %s(fn_of)", g.sets["ordered"], g.sets["ordered"])
	g.p(":: handler == LATE || handler == AFTER ->")
	g.in(func() {
		g.breaks("handler == AFTER && starts == 0", "ordered", ";")
		g.p("late_ran = (handler == LATE && %s -> 1 : late_ran);", stale)
		g.p("order_ran = (%s -> 1 : order_ran)", both)
	})
}

// left prints which calls are outstanding once one has ended.
func (g *pml) left() {
	g.p("if")
	g.p(":: of_call <= WHITE -> others[0]--")
	g.p(":: of_call > MARKED -> others[1]--")
	g.p(":: else")
	g.p("fi;")
	g.p("waiting = (phase == PENDING -> MARKED : (others[0] + others[1] > 0 -> WHITE : 0))")
}

// reports prints what watches calls for which the program does not wait any more, and the commits of effects.
func (g *pml) reports() {
	g.p("inline call_reported(outcome, colour, of_call) {")
	g.in(func() {
		g.p("if")
		g.p(":: outcome == 0 ->")
		g.in(func() {
			g.breaks("colour != of_call", "own_answer", ";")
			g.p("if")
			g.p(":: of_call == MARKED ->")
			g.in(func() {
				if g.once() {
					g.breaks(fmt.Sprintf("%s(fn_of) && commits == 0", g.sets["once"]), "exactly_once", ";")
				}
				g.p("phase = FINISHED")
			})
			g.p(":: else")
			g.p("fi")
		})
		g.p(":: else")
		g.p("fi")
	})
	g.p("}")
	g.p("")
	if !g.once() {
		return
	}
	g.p("inline effect_commits(colour) {")
	g.in(func() {
		g.p("if")
		g.p(":: colour == MARKED && %s(fn_of) ->", g.sets["once"])
		g.in(func() {
			g.p("commits = (commits < 2 -> commits + 1 : 2);")
			g.breaks("commits == 2", "exactly_once", "")
		})
		g.p(":: else")
		g.p("fi")
	})
	g.p("}")
	g.p("")
}

// broken is what a property is broken by: a flag, where it is asked for.
func (g *pml) broken(property string) string {
	if slices.Contains(g.props, property) {
		return g.broke[property] + " = 1"
	}
	return "skip"
}

// breaks prints that a condition breaks a property; behind it stands a semicolon or nothing.
func (g *pml) breaks(cond, property, end string) {
	g.p("if")
	g.p(":: %s -> %s", cond, g.broken(property))
	g.p(":: else")
	g.p("fi%s", end)
}
