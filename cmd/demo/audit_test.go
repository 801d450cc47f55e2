package main

import (
	"strings"
	"testing"
)

// three calls, one of each kind; the probe's and the gateway's file as they are when all goes well.
var (
	three = []call{{sample, 7, 0}, {schedule, 3, 0}, {water, 0, 4}}

	goodGateway = "boot|start 0 1|end 0 2 answered 7/21/7/1.1|start 1 3|end 1 4 answered -|start 2 5|end 2 6 answered dry"
	goodProbe   = "boot|run sample 7 0 1.1 1|run schedule 3 0 - 3|run water 0 4 - 5"
)

func judged(t *testing.T, calls []call, gateway, probe string, outages ...outage) *verdict {
	t.Helper()
	v, err := judge(calls, &record{gateway: strings.Split(gateway, "|"), probe: strings.Split(probe, "|"), outages: outages})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestJudge(t *testing.T) {
	replace := func(in, old, new string) string {
		t.Helper()
		if !strings.Contains(in, old) {
			t.Fatalf("%q is not in %q", old, in)
		}
		return strings.Replace(in, old, new, 1)
	}
	for _, c := range []struct {
		name, gateway, probe, want string
	}{
		{"all is well", goodGateway, goodProbe, ""},
		{"another plot", replace(goodGateway, "7/21", "8/24"), goodProbe, "1 sample with a wrong answer"},
		{"another moisture", replace(goodGateway, "7/21", "7/22"), goodProbe, "1 sample with a wrong answer"},
		{"another battery", replace(goodGateway, "21/7", "21/8"), goodProbe, "1 sample with a wrong answer"},
		{"an execution that never was", replace(goodGateway, "1.1", "1.2"), goodProbe, "1 sample with a wrong answer"},
		{"another outcome", replace(goodGateway, "dry", "done"), goodProbe, "1 water with a wrong answer"},
		{"an answer and no execution", goodGateway, replace(goodProbe, "|run schedule 3 0 - 3", ""), "1 schedule with a wrong answer"},
		{"an effect twice", goodGateway, goodProbe + "|boot|run water 0 4 - 9", "1 effect ran twice"},
		{"an idempotent call twice", goodGateway, replace(goodProbe, "|run water", "|run schedule 3 0 - 4|run water"), ""},
		{"an idempotent call late", goodGateway, goodProbe + "|run schedule 3 0 - 9", "1 schedule ran after a later call"},
		{"timed out and ran", replace(goodGateway, "answered dry", "timed_out -"), goodProbe, "1 water with a wrong outcome"},
		{"unknown and ran", replace(goodGateway, "answered dry", "unknown -"), goodProbe, ""},
		{"left open", replace(goodGateway, "|end 2 6 answered dry", ""), goodProbe, "1 water neither ended nor died with its gateway"},
		{"died", replace(goodGateway, "end 2 6 answered dry", "boot"), goodProbe, ""},
		{"never made", replace(goodGateway, "|start 2 5|end 2 6 answered dry", ""), goodProbe, "1 water neither ended nor died with its gateway"},
	} {
		if got := strings.Join(judged(t, three, c.gateway, c.probe).breaches(), "; "); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestJudgeRefusesNonsense(t *testing.T) {
	for _, c := range []struct{ gateway, probe string }{
		{"boot|start 3 1", "boot"},
		{"boot|start x 1", "boot"},
		{"boot|end 0 1 answered 7/21/7/1.1", "boot"},
		{"boot|start 0 1|start 1 1", "boot"},
		{"boot|start 0 1|end 0 2 answered 7/21/7/1.1|start 0 3", "boot"},
		{"boot|start 0", "boot"},
		{"boot", "run water 1 1 - 1"}, // never called
		{"boot", "runs"},
	} {
		if _, err := judge(three, &record{gateway: strings.Split(c.gateway, "|"), probe: strings.Split(c.probe, "|")}); err == nil {
			t.Errorf("accepted: %q and %q", c.gateway, c.probe)
		}
	}
}

// A sample may be answered by the memo until a call that changes something, and not after.
func TestJudgeMemo(t *testing.T) {
	calls := []call{{sample, 7, 0}, {sample, 7, 0}, {water, 0, 4}, {sample, 7, 0}}
	gateway := "boot|start 0 1|end 0 2 answered 7/21/7/1.1|start 1 3|end 1 4 answered 7/21/7/1.1|start 2 5|end 2 6 answered dry|start 3 7|end 3 8 answered 7/21/7/"
	probe := "boot|run sample 7 0 1.1 1|run water 0 4 - 5"
	v := judged(t, calls, gateway+"1.2", probe+"|run sample 7 0 1.2 7")
	if len(v.breaches()) > 0 || v.remembered != 1 {
		t.Errorf("%v, %d from the memo", v.breaches(), v.remembered)
	}
	if v := judged(t, calls, gateway+"1.1", probe); len(v.breaches()) != 1 || v.fates[3].wrong == "" {
		t.Errorf("an old reading after an effect: %v", v.breaches())
	}
}

// A kill touches what was in flight until the restart, and the next call that has to learn the new epoch.
func TestJudgeTouched(t *testing.T) {
	calls := []call{{sample, 1, 0}, {sample, 2, 0}, {sample, 3, 0}, {water, 0, 0}, {water, 0, 1}}
	gateway := "boot|start 0 1|end 0 2 answered 1/3/1/1.1|start 1 3|end 1 4 timed_out -|start 2 5|end 2 6 answered 3/9/3/2.1|start 3 7|end 3 8 restarted -|start 4 9|end 4 10 answered dry"
	probe := "boot|run sample 1 0 1.1 1|boot|run sample 3 0 2.1 3|run water 0 1 - 8"
	v := judged(t, calls, gateway, probe, outage{from: 4, to: 4, probe: true}) // while call 1 is in flight
	var touched []int
	for i, f := range v.fates {
		if f.touched {
			touched = append(touched, i)
		}
	}
	if len(touched) != 2 || touched[0] != 1 || touched[1] != 3 || v.untouched != 3 || v.answered != 3 || v.share() != 1 {
		t.Errorf("touched %v, %d of %d answered", touched, v.answered, v.untouched)
	}
	if v := judged(t, calls, gateway, probe); v.untouched != 5 || v.answered != 3 || v.share() >= demanded {
		t.Errorf("without a kill %d of %d answered", v.answered, v.untouched)
	}
}

func TestMix(t *testing.T) {
	calls := mix(1, 2000)
	count := map[kind]int{}
	seen := map[call]bool{}
	for _, c := range calls {
		count[c.kind]++
		if c.kind.fenced() && seen[c] {
			t.Errorf("%v is called twice", c)
		}
		seen[c] = true
		if c.a > 0xffff || c.b > 0xff || c.kind != schedule && c.a > 0xff {
			t.Errorf("%v has arguments out of range", c)
		}
	}
	if count[sample] != 900 || count[schedule] != 500 || count[water] != 600 {
		t.Errorf("mixed %v", count)
	}
}

func TestPlanKills(t *testing.T) {
	var gateway, probe, both int
	kills := planKills(1, 2000, 26)
	for i, k := range kills {
		if k.gateway {
			gateway++
		}
		if k.probe {
			probe++
		}
		if k.gateway && k.probe {
			both++
		}
		if k.call < 0 || k.call >= 2000 || i > 0 && k.call < kills[i-1].call {
			t.Errorf("kill %d is at call %d", i, k.call)
		}
	}
	if gateway < 5 || probe < 20 || both == 0 {
		t.Errorf("gateway %d, probe %d, both %d", gateway, probe, both)
	}
	for calls := 1; calls < 40; calls++ {
		for _, k := range planKills(1, calls, min(calls, 9)) {
			if k.call < 0 || k.call >= calls {
				t.Errorf("of %d calls, a kill at %d", calls, k.call)
			}
		}
	}
}
