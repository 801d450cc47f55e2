package random

import (
	"fmt"
	"strings"

	"pgregory.net/rapid"
)

// Calls draws the text of a small system of calls, their handlers and returns, with a value beside the payload: a protocol
// as one would write it, each of whose parts is there, is missing or is wrong. Calls have a number, which may count within
// an epoch of the caller, and the callee may have an epoch of its own, by which it refuses. The channels hold as many
// datagrams as their text states; with capacity 0 it states none, and they lose and repeat. With few, the program calls at
// most twice after each start.
func Calls(t *rapid.T, capacity int, few bool) string {
	g := protocol{gen: gen{t}}
	g.epoch = g.pick("caller epoch", "", "", "", "record", "record", "record", "record", "token", "token", "volatile")
	g.scoped = g.epoch != "" && g.rather("scoped")
	g.boot = g.pick("callee epoch", "", "", "", "record", "token")
	g.two, g.value, g.few = g.yes("two functions"), g.seldom("value"), few
	return g.text(capacity)
}

// protocol is what was drawn of a system of calls.
type protocol struct {
	gen
	epoch, boot             string // where it lives; "" for none
	scoped, two, value, few bool
}

// rather and seldom are true more often, and less often, than not.
func (g gen) rather(label string) bool { return rapid.IntRange(0, 7).Draw(g.t, label) > 0 }
func (g gen) seldom(label string) bool { return rapid.IntRange(0, 4).Draw(g.t, label) == 0 }

// part is a text that is there more often than not.
func (g gen) part(label, text string) string {
	if g.rather(label) {
		return text
	}
	return ""
}

// with is a text, or nothing where a condition does not hold.
func with(cond bool, text string) string {
	if cond {
		return text
	}
	return ""
}

func (g protocol) text(capacity int) string {
	kind := g.pick("kind", "effect", "effect", "pure", "idempotent")
	sets := "set " + kind + " of fn { f }\n"
	if g.two {
		other := g.pick("other kind", "pure", "effect", "idempotent")
		if sets = "set " + kind + " of fn { f" + with(other == kind, ", g") + " }\n"; other != kind {
			sets += "set " + other + " of fn { g }\n"
		}
	}
	if g.seldom("commutes") {
		sets += "set commutes of fn { f }\n"
	}
	channel := func(label string) string {
		if capacity > 0 {
			return strings.ReplaceAll(g.channel(capacity), " corrupts", "") // an altered payload is nobody's
		}
		return " loses repeats" + g.pick(label, "", "", " overtaking 1", " overtaking any")
	}
	id := with(g.epoch != "", "ce: cepoch; ") + "n: num" + with(g.scoped, " in ce") + "; "
	text := "system random;\nnumber num;\n"
	if g.epoch != "" {
		text += with(g.epoch != "token", "number") + with(g.epoch == "token", "token") + " cepoch;\n"
	}
	if g.boot != "" {
		text += with(g.boot != "token", "number") + with(g.boot == "token", "token") + " kepoch;\n"
	}
	text += "enum fn { f" + with(g.two, ", g") + " }\n" + sets +
		"message REQ from caller { fn: fn; " + id + with(g.boot != "", "ke: kepoch; ") + with(g.value, "v: 0..1; ") + "args: payload; }\n" +
		"message ANS from callee { " + id + with(g.value, "v: 0..1; ") + "ans: payload; }\n" +
		with(g.boot != "", "message REJ from callee { "+id+"was: kepoch; ke: kepoch; }\n") +
		"channel up from caller to callee" + channel("up") + ";\nchannel down from callee to caller" + channel("down") + ";\n"
	checks := "check own_answer serial at_most_once honest_outcome final no_stale"
	if g.boot != "" {
		checks += " no_spurious_restart"
	}
	return text + g.caller() + g.callee() + checks + with(g.yes("deadlocks"), " no_deadlock") + ";\n"
}

func (g protocol) caller() string {
	crashes := g.pick("caller crashes", "", " crashes", " crashes")
	if g.few || crashes == "" {
		crashes = g.pick("few crashes", "", " crashes 1")
	}
	mine := g.pick("mine", "m.n == n", "m.n == n", "m.n == n", "!before(m.n, n)", "true")
	if g.epoch != "" {
		mine = g.pick("mine", "m.ce == ce && m.n == n", "m.ce == ce && m.n == n", "m.ce == ce && m.n == n", "m.ce == ce", with(!g.scoped, "m.n == n")+with(g.scoped, "m.ce == ce && !before(m.n, n)"))
	}
	send := "send REQ { fn: fn, " + with(g.epoch != "", "ce: ce, ") + "n: n, " + with(g.boot != "", "ke: ke, ") + with(g.value, "v: x, ") + "args: args };"
	suspects := g.rather("suspects")
	transmit := with(suspects, "maybe = true; ") + send
	finish := "cancel expire; wait = false; "
	vars, next := "var wait: bool; var fn: fn while wait; var args: payload while wait;", "n = next(n); "
	if crashes != "" && !g.scoped && g.rather("stable number") {
		vars, next = vars+" record count 2 slots { n: num; }", "persist count { n: next(n) }; "
	} else {
		vars += " var n: num" + with(g.scoped, " in ce") + ";"
	}
	switch g.epoch {
	case "record":
		vars += fmt.Sprintf(" record identity %s { ce: cepoch; }", g.pick("slots", "2 slots", "2 slots", "2 slots", "1 slot"))
	case "volatile", "token":
		vars += " var ce: cepoch;"
	}
	vars += with(g.few, " var left: 0..2 = 2;") + with(suspects, " var maybe: bool while wait;") + with(g.boot != "", " var ke: kepoch;") + with(g.value, " var x: 0..1;")
	start := ""
	switch g.epoch {
	case "record":
		start = g.part("new epoch", "persist identity { ce: next(ce) };")
	case "volatile":
		start = "ce = next(ce);"
	case "token":
		start = "ce = fresh(cepoch);"
	}
	unknown := "complete timed_out fn(none);"
	if suspects {
		unknown = "when maybe { complete unknown fn(none); end; } complete timed_out fn(none);"
	}
	ends := g.pick("ends", "wait = false; "+unknown, "wait = false; "+unknown, "wait = false; "+unknown, "wait = false; complete unknown fn(none);"+with(suspects, " when maybe { end; }"))
	retries := g.yes("retries")
	text := "machine caller" + crashes + " {\n " + vars + "\n timer expire 5000;" + with(retries, " timer retry 200;") + "\n"
	text += with(start != "", " on restart { "+start+" }\n")
	text += " on call(c) when !wait" + with(g.few, " && left > 0") + " { " + with(g.few, "left = left - 1; ") + g.part("new number", next) +
		"wait = true; fn = c.fn; args = c.args; " + with(suspects, "maybe = false; ") + with(g.value, "x = "+g.pick("x", "1 - x", "0", "1")+"; ") +
		"start expire; " + with(retries, "start retry; ") + "do transmit(); }\n"
	text += with(retries, " on timer retry { when wait { start retry; do transmit(); } }\n") + " on timer expire { " + ends + " }\n"
	text += " on ANS(m) { when !wait { end; } when !(" + mine + ") { end; } " + with(g.value, "when m.v != x { end; } ") + finish + "complete answer fn(m.ans); }\n"
	if g.boot != "" {
		restarted := finish + "complete peer_restarted fn(none);"
		if suspects {
			restarted = "when maybe { " + restarted + " end; } do transmit();"
		}
		text += " on REJ(m) { when !wait { end; } when !(" + mine + ") { end; } " + g.part("echo", "when m.was != ke { end; } ") + "ke = m.ke; " +
			g.pick("rejected", "do transmit();", restarted) + " }\n"
	}
	return text + " tail transmit() { " + transmit + " }\n}\n"
}

func (g protocol) callee() string {
	crashes := g.pick("callee crashes", "", " crashes", " crashes")
	if g.few || crashes == "" {
		crashes = g.pick("few crashes", "", " crashes 1")
	}
	records := g.epoch != "volatile" && g.seldom("records")
	keeps := g.rather("keeps")
	answer := "send ANS { " + with(g.epoch != "", "ce: lce, ") + "n: last, " + with(g.value, "v: y, ") + "ans: ans };"
	again := g.pick("again", with(keeps, "when done { "+answer+" } "), with(keeps, "when done { "+answer+" } "), "")
	before, equal := "before(m.n, last)", "m.n == last"
	if g.epoch != "" {
		equal = g.pick("equal", "m.ce == lce && m.n == last", "m.ce == lce && m.n == last", "m.ce == lce && m.n == last", "m.ce == lce", with(g.scoped, "m.ce == lce && m.n == last")+with(!g.scoped, "m.n == last"))
		if g.epoch == "token" {
			before = g.pick("before", "m.ce == lce && before(m.n, last)", "m.ce == lce && before(m.n, last)", "m.ce != lce && lce != none")
		} else {
			whole := "before(m.ce, lce) || m.ce == lce && before(m.n, last)"
			before = g.pick("before", whole, whole, whole, "before(m.ce, lce)", "m.ce == lce && before(m.n, last)")
		}
	}
	two := g.epoch == "" && g.seldom("remembers two") // without an order, and so only for a while
	if two {
		before = "m.n == former"
	}
	vars := with(two, "var former: num; ") + "var last: num" + with(g.scoped, " in lce") + ";" + with(g.epoch != "", " var lce: cepoch;") + " var busy: bool;" +
		with(keeps, " var done: bool; var ans: payload while done;") + with(g.value, " var y: 0..1;")
	start := ""
	record := "persist intent { " + with(g.epoch != "", "rce: m.ce, ") + "rn: m.n }; "
	if records {
		vars += " record intent " + g.pick("slots", "2 slots", "2 slots", "1 slot") + " { " + with(g.epoch != "", "rce: cepoch; ") + "rn: num" + with(g.scoped, " in rce") + "; }"
		start = "when unreadable(intent) { persist intent { " + with(g.epoch != "", "rce: none, ") + "rn: none }; } " + with(g.epoch != "", "lce = rce; ") + "last = rn; "
	}
	switch g.boot {
	case "record":
		vars += " record life 2 slots { boot: kepoch; }"
		start += g.part("new boot", "persist life { boot: next(boot) };")
	case "token":
		vars += " var boot: kepoch;"
		start += "boot = fresh(kepoch);"
	}
	set := with(two, "former = last; ") + with(g.epoch != "", "lce = m.ce; ") + "last = m.n; " + with(keeps, "done = false; ") + "busy = true; " + with(g.value, "y = m.v; ")
	run := g.pick("order", set+"invoke m.fn(m.args);", set+"invoke m.fn(m.args);", "invoke m.fn(m.args); "+set)
	if records {
		run = g.pick("record", record+run, record+run, run+" "+record, "when m.fn == f { "+record+"} "+run)
	}
	fenced := g.pick("fenced", "m.ke != boot", "m.ke != boot", "m.fn == f && m.ke != boot")
	text := "machine callee" + crashes + " {\n " + vars + "\n" + with(start != "", " on restart { "+start+" }\n") + " on REQ(m) { "
	if g.boot != "" {
		text += "when " + fenced + " { send REJ { " + with(g.epoch != "", "ce: m.ce, ") + "n: m.n, was: m.ke, ke: boot }; end; } "
	}
	text += with(two || g.rather("old"), "when "+before+" { end; } ") + "when " + equal + " { " + again + "end; } " + g.part("busy", "when busy { end; } ") + run + " }\n"
	back := strings.ReplaceAll(answer, "ans: ans", "ans: r.ans")
	read := answer // every variable is read
	if !keeps {
		read = strings.ReplaceAll(answer, "ans: ans", "ans: none")
	}
	return text + " on return(r) { busy = false; " + with(keeps, "done = true; ans = r.ans; ") + g.part("answers", back) + " }\n" +
		" free never when busy && !busy" + with(keeps, " && done") + " { " + read + " }\n}\n"
}
