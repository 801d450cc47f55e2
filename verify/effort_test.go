package verify

import (
	"context"
	"strings"
	"testing"
)

// Conditions are bounded as the search is: numbers that are reused are tried one by one only where they are few, and the end
// of the context ends a condition too.
func TestConditionsAreBounded(t *testing.T) {
	text := func(modulus string) string {
		return `system s; number num modulo ` + modulus + `; enum fn { toggle } set effect of fn { toggle }
message REQ from caller { a: num; b: num; c: num; args: payload; }
message ANS from callee { a: num; b: num; c: num; ans: payload; }
channel up from caller to callee loses repeats; channel down from callee to caller loses repeats;
machine caller { var n: num; var wait: bool; timer retry;
 on call(c) when !wait { wait = true; n = next(n); start retry; send REQ { a: n, b: n, c: n, args: c.args }; }
 on timer retry { wait = false; complete unknown toggle(none); }
 on ANS(m) { when wait && m.a == n && m.b == n && m.c == n { wait = false; cancel retry; complete answer toggle(m.ans); } } }
machine callee { var a: num; var b: num; var c: num; on REQ(m) { when m.a != a { a = m.a; b = m.b; c = m.c; invoke toggle(m.args); } }
 on return(r) { send ANS { a: a, b: b, c: c, ans: r.ans }; } }
check serial;
`
	}
	m := newModel(t, text("32"))
	for i, wide := range map[int]bool{0: true, 1: true} {
		if e := m.newBlock(Options{}); e.ign[i].wide != wide || e.ign[i].work > 0 {
			t.Errorf("%s: %v, %d datagrams were tried", m.Code[i].M.Name, e.ign[i].wide, e.ign[i].work)
		}
	}
	m = newModel(t, text("4"))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if e := m.newBlock(Options{Context: ctx}); e.ign[0].wide || !e.ign[0].spent() || e.ign[0].work+e.ign[1].work > 2000 {
		t.Errorf("%d datagrams were tried after the end", e.ign[0].work+e.ign[1].work)
	}
	if b := m.block(Options{Context: ctx}); !strings.Contains(b.limit, "interrupted") || b.complete {
		t.Errorf("limit %q", b.limit)
	}
}
