package verify

import (
	"testing"

	"pgregory.net/rapid"

	"sprocketc/verify/random"
)

// Block words, with every reduction that the machines allow, against exact words on random systems of calls: what exact
// words break never holds in block words, and what block words break has a run.
func TestBlocksOnRandomCalls(t *testing.T) {
	total := map[string]int{}
	rapid.Check(t, func(rt *rapid.T) {
		text := random.Calls(rt, 0, false)
		v := agree(t, drawn(rt, text).source, 2_000, 1_000)
		o := v.outcome()
		total[o]++
		if o == missed || o == falseAlarm {
			rt.Fatalf("%s: %v\n%s", o, v, text)
		}
	})
	t.Log(total)
	if total[agreed] < 20 {
		t.Errorf("only %d systems were decided by both", total[agreed])
	}
}
