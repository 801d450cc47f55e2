package random

import (
	"strings"

	"pgregory.net/rapid"
)

// Outliving draws the text of a small system of calls in which timers of both peers may outlive datagrams or calls. They
// are started by starts and by other events, cancelled, and started again by themselves. With starts they are started by
// starts alone.
func Outliving(t *rapid.T, capacity int, starts bool) string {
	g := gen{t}
	channel := func() string { return strings.ReplaceAll(g.channel(capacity), " corrupts", "") + " lives 10" } // an altered payload may be another call's
	some := func(label string, from ...string) string { return g.pick(label, append(from, "", "")...) }
	outlives := func(who string) string {
		return g.pick(who, "outlives calls", "outlives calls", "outlives datagrams", "")
	}
	again := func(label, timer string) string {
		if starts {
			return ""
		}
		return some(label, "start "+timer+";", "cancel "+timer+";")
	}
	req, ans := "send REQ { v: "+g.pick("v", "0", "1")+", n: n, args: args };", "send ANS { v: "+g.pick("v", "0", "1")+", n: last, ans: ans };"
	finish := func(how string) string {
		body := []string{some("before", req), "wait = false;", "complete " + how + ";", some("after", req), again("ends", "rest")}
		return strings.Join(body, " ")
	}
	return "system random;\nnumber num;\nenum fn { f }\nset effect of fn { f }\nset lasting of fn { f }\n" +
		"message REQ from caller { v: 0..1; n: num; args: payload; }\nmessage ANS from callee { v: 0..1; n: num; ans: payload; }\n" +
		"channel up from caller to callee" + channel() + ";\nchannel down from callee to caller" + channel() + ";\n" +
		"machine caller" + g.pick("caller crashes", "", "", " crashes 1") + " {\n var wait: bool; var left: 0..2 = 2; var n: num; var args: payload while wait;\n" +
		" timer retry 5; timer expire 50; timer rest 100 " + outlives("rest") + ";\n" +
		" on restart { " + some("boot", "start rest;") + " }\n" +
		" on call(c) when !wait && left > 0 { left = left - 1; wait = true; " + g.pick("new", "n = next(n);", "n = next(n);", "n = next(n);", "n = next(n);", "") + " args = c.args; start expire; " + some("retries", "start retry;") + " " + again("called", "rest") + " " + req + " }\n" +
		" on timer retry { when wait { " + req + " " + some("more", "start retry;") + " } }\n" +
		" on timer expire { when wait { " + finish("unknown f(none)") + " } }\n" +
		" on timer rest { " + again("rested", "rest") + some("rest sends", req) + " }\n" +
		" on ANS(m) { when wait && " + g.pick("cond", "m.n == n", "m.v == 1", "running(rest)", "left == 1") + " { " + finish("answer f(m.ans)") + " } }\n}\n" +
		"machine callee" + g.pick("callee crashes", "", " crashes 1", " crashes 1") + " {\n var last: num; var ans: payload; var b: bool; var run: bool;\n timer quiet 100 " + outlives("quiet") + ";\n" +
		" on restart { " + some("callee sends", ans) + g.pick("wake", "start quiet; ", "start quiet; ", "start quiet; ", "") + some("callee sends too", ans) + " }\n" +
		" on timer quiet { b = !b; " + again("woken", "quiet") + some("quiet sends", ans) + " }\n" +
		" on REQ(m) { " + g.pick("quiet", "when running(quiet) { end; } ", "when running(quiet) { end; } ", "when running(quiet) { end; } ", "when b { end; } ") +
		g.pick("twice", "when !before(last, m.n) { end; } ", "when !before(last, m.n) { "+ans+" end; } ", "when m.n == last { end; } ") + g.pick("busy", "when run { end; }", "when run { end; }", "") +
		" last = m.n; run = true; " + again("asked", "quiet") + "invoke f(m.args);" + " " + again("invoked", "quiet") + some("echo", ans) + " }\n" +
		" on return(r) { ans = r.ans; run = false; " + some("answers", ans, ans) + again("returned", "quiet") + " }\n" +
		" free never when running(quiet) && last == none && b && !b && run { " + ans + " }\n}\n" +
		"within caller for fn { f: 60 };\ncheck at_most_once" + g.pick("check", "", " no_deadlock") + ";\n"
}
