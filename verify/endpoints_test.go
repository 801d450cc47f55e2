package verify

import (
	"fmt"
	"os"
	"testing"

	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/schema"
)

// endpoints are the local states of both machines in a set of worlds, apart from what the engines are free to differ in:
// numbers are ranked by those of the machines alone, payloads are there or not, an idle caller's number is masked.
func endpoints(m *Model, worlds []World) map[string]bool {
	num, id := m.numbers(), m.identityOf()
	out := map[string]bool{}
	for _, w := range worlds {
		w = w.clone()
		if id != nil && w.Env.Call == 0 {
			w.L[m.Caller][id.own[len(id.own)-1]] = 0
		}
		for i, c := range m.Code {
			for j, s := range c.Layout {
				if s.Kind == fsm.VarSlot && s.Type.Kind == fsm.Payload && w.L[i][j] > 0 {
					w.L[i][j] = 1
				}
			}
		}
		if _, err := num.rename(w.L, nil); err != nil {
			panic(err)
		}
		mark := Monitor{}
		if w.Env.Phase == pending { // later the engines forget the mark at different times
			mark = w.Env
		}
		out[fmt.Sprint(w.L, w.Env.Run > 0, w.Env.Call > 0, mark)] = true
	}
	return out
}

// The endpoint states that block words reach are those that exact words reach.
func TestSameEndpoints(t *testing.T) {
	for _, c := range []struct {
		agreeCase
		capacity int
	}{
		{agreeCase{name: "no crash", calls: effect, off: []string{schema.CallerEpoch, schema.CalleeEpoch}}, 2},
		{agreeCase{name: "no crash, overtaking 1", calls: effect, off: []string{schema.CallerEpoch, schema.CalleeEpoch}, within: 1}, 3},
		{agreeCase{name: "no crash, any", calls: effect, off: []string{schema.CallerEpoch, schema.CalleeEpoch}, within: -1}, 2},
		{agreeCase{name: "two kinds", calls: []ir.Kind{ir.Pure, ir.Effect}, off: []string{schema.CallerEpoch, schema.CalleeEpoch}}, 2},
		{agreeCase{name: "callee crashes", calls: effect, callee: true, off: []string{schema.CallerEpoch}}, 2},
		{agreeCase{name: "callee crashes, overtaking 1", calls: effect, callee: true, off: []string{schema.CallerEpoch}, within: 1, large: true}, 2},
		{agreeCase{name: "caller crashes", calls: effect, caller: true, off: []string{schema.CalleeEpoch}}, 2},
		{agreeCase{name: "intent", calls: effect, caller: true, callee: true, off: []string{schema.IntentRecord, schema.CalleeEpoch}}, 2},
		{agreeCase{name: "both crash", large: true, calls: effect, caller: true, callee: true}, 2},
		{agreeCase{name: "idempotent", calls: idempotent, callee: true, off: []string{schema.CallerEpoch}}, 2},
	} {
		if c.large && os.Getenv("SPROCKET_ALL") == "" {
			continue
		}
		sys := composed(t, c.plan())
		for _, x := range sys.Machines {
			x.Erased = false // these plans have nothing that holds against a blank peer, and searches end where a number comes back
		}
		m, err := NewModel(sys)
		if err != nil {
			t.Fatal(err)
		}
		b := m.block(Options{MaxStates: 50_000})
		x := m.newExact(Options{MaxStates: 400_000}, c.capacity)
		r := x.run()
		got, want := endpoints(m, b.worlds), endpoints(m, x.p.actors[0].states)
		more, less := 0, 0
		for k := range got {
			if !want[k] {
				more++
			}
		}
		for k := range want {
			if !got[k] {
				less++
				if less < 4 {
					t.Log(k)
				}
			}
		}
		if more+less > 0 || len(b.broken) > 0 || b.limit != "" || r.property != "" || r.stopped {
			t.Errorf("%s: not the same", c.name)
		}
		t.Logf("%s: %d pairs, %d only in block words, %d only in exact words; %d states (%v %q), %d (%v %q)", c.name, len(got), more, less, b.states, b.broken, b.limit, r.states, r.property, r.limit)
	}
}
