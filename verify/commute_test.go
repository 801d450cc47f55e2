package verify

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// Steps that commute are taken in one order only, and nothing is lost by that: against a search in a map that takes all.
func TestCommutingSteps(t *testing.T) {
	compared, commuted := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		pick := func(label string, from ...string) string { return rapid.SampledFrom(from).Draw(rt, label) }
		channel := func() string {
			c := fmt.Sprint(" capacity ", rapid.IntRange(1, 3).Draw(rt, "capacity"))
			overtaking := pick("overtaking", "", "", " overtaking 1", " overtaking any")
			if loses := pick("loses", "", " loses", " loses", " loses oldest"); overtaking == "" || loses != " loses oldest" {
				c += loses
			}
			return c + pick("repeats", "", " repeats") + pick("waits", "", " waits") + overtaking
		}
		machine := func(name, out, in string) string {
			send := func(v string) string { return fmt.Sprintf("send %s { v: %s }; ", out, v) }
			take := func() string {
				return pick("take", "x = m.v; ", send("m.v"), send("x"), "x = (x + 1) % 3; "+send("m.v"), "when m.v == x { x = (x + 1) % 3; } ", "when m.v != x { x = m.v; "+send("2 - m.v")+"} ")
			}
			return fmt.Sprintf("machine %s {\n var x: 0..2;\n free go when %s { %sx = (x + 1) %% 3; }\n on %s(m) { %s}\n}\n", name,
				pick("when", "x < 2", "x == 0", "x != 1"), pick("go", "", send("x"), send("x"), send("x")+send("2 - x"), send("0")), in, take())
		}
		text := "system commuting;\nmessage A from one { v: 0..2; }\nmessage B from two { v: 0..2; }\nchannel up from one to two" + channel() +
			";\nchannel down from two to one" + channel() + ";\n" + machine("one", "A", "B") + machine("two", "B", "A") + pick("check", "", "check no_deadlock;\n")
		m := drawn(rt, text)
		want := searchParts(m.newParts(0, false), 20_000)
		if want.states >= 20_000 {
			return
		}
		got := m.newExact(Options{}, 0).run()
		compared++
		if got.commuted > 0 {
			commuted++
		}
		if got.property != want.broken || want.broken == "" && (got.states != want.states || got.transitions > want.transitions) {
			rt.Fatalf("%q, %d states, %d transitions, in a map %+v\n%s", got.property, got.states, got.transitions, want, text)
		}
	})
	t.Logf("%d systems compared, %d of them with steps in one order only", compared, commuted)
	if compared < 50 || commuted < 40 {
		t.Errorf("only %d systems compared, %d of them with steps in one order only", compared, commuted)
	}
}
