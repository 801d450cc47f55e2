package solver

import (
	"strings"
	"testing"
)

// Too little entropy is a limit of this schema, not of every protocol: the theorem is about callers that have none. The
// clause is part of the contradiction, and more of it is a repair.
func TestTooLittleEntropy(t *testing.T) {
	text := func(peer string) string {
		return "protocol p\npeer gw { emit go; crashes" + peer + " }\npeer pr { emit c }\n" +
			"channel ch { between gw and pr; unit max 64B; loses 10%; repeats; reorders }\ninterface Fi from gw to pr on ch { call f(x u8) u8 { pure } }\n"
	}
	plan(t, "enough", text("; entropy 16 bits"))
	for peer, want := range map[string][]string{
		"; entropy 15 bits": {"no plan in this version", "with 15 random bits too many starts of gw are alike", "entropy 32 bits }  "},
		"":                  {"impossible, not only for us"},
	} {
		p, found := Solve(program(t, "few", text(peer)))
		for _, w := range want {
			if got := render(found); p != nil || !strings.Contains(got, w) || len(want) > 1 && strings.Contains(got, "impossible") {
				t.Errorf("`%s` is not in\n%s", w, got)
			}
		}
	}
}

// The sends that are named are those that the probability counts: what goes out so late that its answer would come too late,
// since both may wait for the pace, is none of them.
func TestSendsAndTheirChance(t *testing.T) {
	text := "protocol p\npeer gw { emit go }\npeer pr { emit c }\n" +
		"channel ch { between gw and pr; unit max 64B; loses 50%; delays 0ms..1ms; rate max 1/s }\ninterface Fi from gw to pr on ch { call f(x u8) u8 { pure; within 5s at % } }\n"
	_, found := Solve(program(t, "late", strings.Replace(text, "at %", "at 60%", 1)))
	if got := render(found); !strings.Contains(got, "3 sends, at most one each 1.01 s") || !strings.Contains(got, "give 57.8125 %") { // 1 - 0.75^3
		t.Error(got)
	}
	if p := plan(t, "late", strings.Replace(text, "at %", "at 57%", 1)); p.Schedules["f"].Sends != 3 {
		t.Errorf("%+v", p.Schedules["f"])
	}
}
