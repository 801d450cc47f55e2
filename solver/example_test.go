package solver

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"sprocketc/schema"
)

// Each example's contradiction in the program's text: its members, in order, and for each a weaker text.
var weaker = map[string][][2]string{
	"amnesia":  {{"crashes", ""}, {"reorders", ""}, {"effect", "pure"}},
	"deadline": {{"delays 40ms..90ms", "delays 4ms..9ms"}, {"within 60ms at 99%", "within 600ms at 99%"}},
	"oneway":   {{"from a to b", "between a and b"}, {"call ask() u8", ""}},
}

// What the example says that takes no part.
var idle = map[string][]string{
	"amnesia":  {"over udp; ", "unit max 64B; ", "repeats; "},
	"deadline": {"over udp; ", "unit max 64B; "},
	"oneway":   {"over udp; ", "unit max 64B; ", "; loses 5%"},
}

func TestContradictionsAreSmallest(t *testing.T) {
	for name, members := range weaker {
		source := example(t, "impossible/"+name)
		_, found := Solve(program(t, name, source))
		if len(found) != 1 || found[0].Code != "unsatisfiable" || found[0].Ground != "impossible" {
			t.Fatalf("%s: %s", name, render(found))
		}
		var said []string
		for _, l := range found[0].Labels {
			said = append(said, l.Span.Text())
		}
		var want []string
		for _, m := range members {
			want = append(want, m[0])
		}
		if !slices.Equal(said, want) {
			t.Errorf("%s: %q", name, said)
		}

		alone := source
		for _, text := range idle[name] {
			if !strings.Contains(alone, text) {
				t.Fatalf("%s has no %q", name, text)
			}
			alone = strings.Replace(alone, text, "", 1)
		}
		if _, found := Solve(program(t, name, alone)); len(found) != 1 || found[0].Ground != "impossible" {
			t.Errorf("%s alone: %s", name, render(found))
		}

		for i, l := range found[0].Labels {
			weak := source[:l.Span.Start] + members[i][1] + source[l.Span.End:]
			if members[i][1] == "" && strings.HasPrefix(members[i][0], "call") {
				weak = source[:l.Span.Start] + source[strings.LastIndex(source, "}"):]
			}
			p, found := lower(name, weak)
			if p == nil && len(found) == 1 && found[0].Code == "no-calls" {
				continue // nothing is left that could contradict
			}
			if p == nil {
				t.Errorf("%s without %s: %s", name, members[i][0], render(found))
				continue
			}
			plan, found := Solve(p)
			if plan == nil {
				t.Errorf("%s without %s: %s", name, members[i][0], render(found))
			}
		}
		// Every repair that is shown mends the text.
		if len(found[0].Repairs) == 0 {
			t.Errorf("%s has no repair", name)
		}
		for _, r := range found[0].Repairs {
			plan(t, name+" with "+r.Message, apply(source, r.Edits))
		}
	}
}

// The grounds of semantics, one program each: what is impossible is not called "no plan", nor the other way round.
func TestGrounds(t *testing.T) {
	const head = "protocol p\npeer a { emit c%s }\npeer b { emit c%s }\nchannel c { between a and b%s }\ninterface i from a to b on c { call f() u8 { %s } }\n"
	for _, c := range []struct{ a, b, channel, call, want string }{
		{"", "", "", "pure", "plan"},
		{"", "; crashes", "; reorders", "pure", "plan"},
		{"", "; crashes", "; reorders", "idempotent; commutes", "plan"},
		{"", "; crashes", "; reorders", "idempotent", "impossible"},
		{"", "; crashes", "; reorders", "effect", "impossible"},
		{"", "; crashes", "; reorders", "effect; commutes", "impossible"},
		{"", "; crashes", "; reorders within 4", "effect", "no plan"},
		{"", "; crashes", "", "effect", "plan"}, // asked first (Attiya, Dolev, Welch 1995)
		{"", "; crashes", "", "idempotent", "plan"},
		{"", "; crashes", "; delays 1ms..2ms", "effect; within 1s at 90%", "no plan"},
		{"", "; crashes", "; reorders; lives 5s", "effect", "plan"}, // waited out (Spinelli 1988)
		{"", "; crashes; stable 4B", "; reorders; lives 5s", "idempotent", "plan"},
		{"", "; crashes; entropy 1 bits", "; reorders; lives 5s", "effect", "plan"},
		{"", "; crashes", "; reorders; lives 24d", "effect; within 12h", "plan"},
		{"", "; crashes", "; reorders; lives 24d", "effect; within 5d", "no plan"}, // longer than a timer runs
		{"; crashes", "", "; reorders; lives 5s", "pure", "no plan"},
		{"", "; crashes; stable 12B", "; reorders", "effect", "plan"},
		{"", "; crashes; stable 11B", "; reorders", "effect", "no plan"},
		{"", "; crashes; stable 12B", "; reorders", "idempotent", "plan"},
		{"", "; crashes; entropy 32 bits", "; reorders", "effect", "plan"},
		{"; crashes", "", "; reorders", "pure", "impossible"},
		{"; crashes", "", "", "pure", "no plan"},
		{"; crashes; stable 12B", "", "; reorders", "effect", "plan"},
		{"; crashes; entropy 32 bits", "", "; reorders", "pure", "plan"},
		{"; crashes; entropy 32 bits", "", "; reorders", "effect", "no plan"},
		{"; crashes; entropy 32 bits", "", "; reorders", "effect; commutes", "no plan"},
		{"; crashes; entropy 32 bits", "", "; repeats", "effect", "plan"},
		{"", "", "; loses 50%; rate max 10/s", "pure; within 150ms at 80%", "impossible"}, // two fit each way: 56.25 %
		{"", "", "; loses 50%; rate max 10/s", "pure; within 150ms at 50%", "no plan"},    // one each for one: 43.75 %
		{"", "", "; loses 50%; rate max 10/s", "pure; within 350ms at 43%", "plan"},
		{"", "", "; delays 40ms..90ms", "pure; within 79ms", "impossible"},
		{"", "", "; delays 40ms..90ms", "pure; within 80ms", "plan"},
		{"", "", "; delays 20s..21s", "pure", "impossible"},
		{"", "", "; delays 20s..21s", "pure; within 1min", "plan"},
		{"", "", "; corrupts unseen 0.1%; unit max 8B", "pure", "plan"},
		{"", "", "; corrupts unseen 0.0000001%; unit max 8B", "pure", "no plan"},
		{"", "; ram max 30B", "", "pure", "no plan"},
	} {
		source := strings.NewReplacer("peer a { emit c%s }", "peer a { emit c"+c.a+" }", "peer b { emit c%s }", "peer b { emit c"+c.b+" }",
			"a and b%s", "a and b"+c.channel, "{ %s }", "{ "+c.call+" }").Replace(head)
		plan, found := Solve(program(t, "p", source))
		got := "plan"
		if plan == nil {
			got = found[0].Ground
		}
		if got != c.want {
			t.Errorf("%q, %q, %q, %q: %s, not %s\n%s", c.a, c.b, c.channel, c.call, got, c.want, render(found))
		}
	}
}

func TestUnsupported(t *testing.T) {
	const two = "interface i from a to b on c { call f() { pure } }\ninterface j from a to b on c { call g() { pure } }\n"
	const one = "interface i from a to b on c { call f() { pure }; %s }\n"
	for _, c := range []struct{ over, interfaces, code, at string }{
		{"", two, "several-interfaces", "interface j from a to b on c"},
		{"; over unix", strings.Replace(one, "%s", "", 1), "unsupported-transport", "over unix"},
		{"; over udp", strings.Replace(one, "%s", "force { duplicate supression off }", 1), "unknown-feature", "duplicate supression off"},
		{"; over udp", strings.Replace(one, "%s", "force { number width 33 }", 1), "out-of-range", "number width 33"},
		{"; over udp", strings.Replace(one, "%s", "force { checksum width 12 }", 1), "out-of-range", "checksum width 12"},
		{"; over udp", strings.Replace(one, "%s", "force { checksum size 8 }", 1), "unknown-parameter", "checksum size 8"},
		{"; over udp", strings.Replace(one, "%s", "force { memo on }", 1), "out-of-range", "memo on"},
		{"; over udp", strings.Replace(one, "%s", "force { any epoch off }", 1), "out-of-range", "any epoch off"},
		{"; over udp", strings.Replace(one, "%s", "force { number width 3; call number off }", 1), "conflicting-force", "call number off"},
		{"; over udp", strings.Replace(one, "%s", "force { number width 3; call number width 4 }", 1), "conflicting-force", "call number width 4"},
		{"; over udp", strings.Replace(one, "%s", "force { callee epoch on }", 1), "unsatisfiable", "callee epoch on"},
	} {
		p, found := Solve(program(t, "p", "protocol p\npeer a { emit c }\npeer b { emit c }\nchannel c { between a and b"+c.over+" }\n"+c.interfaces))
		if p != nil || len(found) != 1 || found[0].Code != c.code || !strings.HasPrefix(found[0].Primary().Text(), c.at) {
			t.Errorf("%s, %s: %s", c.over, c.interfaces, render(found))
		}
		if c.code == "unknown-feature" && !strings.Contains(render(found), "`duplicate suppression`") {
			t.Errorf("no suggestion: %s", render(found))
		}
	}
}

// A quiet start is the last resort: a plan that costs bytes or a write is taken instead.
func TestQuietStartIsTheLastResort(t *testing.T) {
	const head = "protocol p\npeer a { emit c }\npeer b { emit c; crashes%s }\nchannel c { between a and b; lives 5s%s }\ninterface i from a to b on c { call f() { effect } }\n"
	for _, c := range []struct{ has, channel, want string }{
		{"", "; reorders", schema.QuietStart},
		{"", "", schema.AskingFirst},
		{"; stable 64B", "; reorders", schema.IntentRecord},
		{"; stable 4B", "; reorders", schema.QuietStart},
		{"; entropy 32 bits", "; reorders", schema.CalleeEpoch},
	} {
		plan, found := Solve(program(t, "p", fmt.Sprintf(head, c.has, c.channel)))
		if plan == nil {
			t.Fatalf("%+v: %s", c, render(found))
		}
		for _, f := range []string{schema.QuietStart, schema.AskingFirst, schema.IntentRecord, schema.CalleeEpoch} {
			if plan.Has(f) != (f == c.want) {
				t.Errorf("%+v: %s is %v", c, f, plan.Has(f))
			}
		}
		if quiet := 35350 * time.Millisecond; plan.Has(schema.QuietStart) != (plan.Quiet == quiet) || plan.Quiet > 0 && plan.Quiet != quiet {
			t.Errorf("%+v: quiet for %v", c, plan.Quiet)
		}
	}
}
