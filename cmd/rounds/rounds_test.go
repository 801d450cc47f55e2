package main

import (
	"bytes"
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sprocketc/compile"
)

// What is emitted survives deaths at any step, and what was written by hand is seen to break under the same.
func TestRounds(t *testing.T) {
	torn := 0
	for _, s := range shows {
		t.Run(s.name, func(t *testing.T) {
			ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)
			defer stop()
			out := &bytes.Buffer{}
			rounds := 16
			if s.name == "gateway" {
				rounds = 40 // few of what is written by hand break
			}
			o := options{seed: 2, rounds: rounds, byHand: rounds, root: "../..", unproven: true}
			brief := *s
			brief.life = lives{8, 10} // so that a few rounds have many deaths
			r, err := brief.proven(ctx, out, o)
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			own, hands, err := brief.work(ctx, out, o, r)
			t.Logf("\n%s", out)
			if err != nil {
				t.Fatal(err)
			}
			if list := own.breaches(s.effect); len(list) > 0 {
				t.Errorf("emitted: %s", strings.Join(list, "; "))
			}
			if own.died == 0 || own.ran == 0 {
				t.Errorf("calls that died with their gateway: %d, executions: %d", own.died, own.ran)
			}
			torn += own.torn
			if ends := own.answered + own.unknown + own.timedOut + own.restarted + own.refused + own.died; ends != own.rounds {
				t.Errorf("%d ends of %d calls", ends, own.rounds)
			}
			for i, h := range hands {
				if h.ranTwice+h.wrong == 0 {
					t.Errorf("%s: nothing ran twice, and no answer is wrong", s.byHand[i].name)
				}
			}
		})
	}
	if torn == 0 {
		t.Error("no death tore a write to stable memory")
	}
}

// The emitted C peers talk to each other, over a terminal and over UDP, and survive deaths at any step: they keep what they
// promised in files. Time has to pass here, so only the counts are looked at.
func TestRoundsInC(t *testing.T) {
	torn := 0
	for name, gateway := range map[string]string{"burn": "burn_host", "gateway": "sleepy_gateway"} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)
			defer stop()
			s := *find(name)
			s.life = lives{16, 20}
			r, err := s.read(ctx, options{root: "../.."}, s.program, compile.Emit, compile.Options{Unproven: true, Languages: []string{"c"}})
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			bin, err := s.buildInC(ctx, dir, r, gateway)
			if err != nil {
				t.Fatal(err)
			}
			c := &course{show: &s, bin: bin, dir: filepath.Join(dir, "run"), seed: 3, rounds: 40, inC: true}
			events, err := c.run(ctx)
			if err != nil {
				t.Fatal(err)
			}
			got, err := s.judge(c.rounds, events)
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s; %v deaths\n%s", c.line.said(), c.deaths, table([]string{"in C"}, []*tally{got}))
			if list := got.breaches(s.effect); len(list) > 0 {
				t.Error(strings.Join(list, "; "))
			}
			if got.answered == 0 || got.died == 0 || got.ran == 0 || c.deaths["node"] == 0 {
				t.Errorf("answered %d, died with their gateway %d, executions %d, deaths of the node %d", got.answered, got.died, got.ran, c.deaths["node"])
			}
			if ends := got.answered + got.unknown + got.timedOut + got.restarted + got.refused + got.died; ends != got.rounds {
				t.Errorf("%d ends of %d calls", ends, got.rounds)
			}
			torn += got.torn
		})
	}
	if torn == 0 {
		t.Error("no death tore a write to stable memory")
	}
}

// What the judge says of a file of events.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		show, events, want string
	}{
		{"burn", "gateway boot,node boot,gateway start 0,node run 0,gateway end 0 answered true", ""},
		{"burn", "gateway start 0,node run 0,node torn,node boot,node run 0,gateway end 0 answered true", "1 calls burnt more than once, one of them 2 times"},
		{"burn", "gateway start 0,node run 0,gateway end 0 answered false", "1 wrong answers"},
		{"burn", "gateway start 0,gateway end 0 answered true", "1 wrong answers"},
		{"burn", "gateway start 0,node run 0,gateway end 0 timed_out -", "1 said not to have run, and had"},
		{"burn", "gateway start 0,gateway end 0 unknown -,node run 0", ""},
		{"burn", "gateway start 0,gateway boot", ""},
		{"burn", "gateway start 0", "1 without an end"},
		{"burn", "gateway start 0,gateway end 0 unknown -,gateway start 1,node run 1,node run 0,gateway end 1 answered false", "1 burnt after a later call"},
		{"reboot", "gateway start 0,node run 1,node boot,gateway end 0 restarted -,gateway told 0 answered 1 1", ""},
		{"reboot", "gateway start 0,node run 1,node boot,gateway end 0 restarted -,gateway told 0 answered 0 1", "1 wrong answers to what ran last"},
		{"gateway", "gateway start 0,gateway end 0 failed -", "1 given up, though the node was there"},
		{"gateway", "gateway start 0,gateway start 1", "2 without an end"},
		{"gateway", "gateway start 1", `line 1 of the events: "gateway start 1"`},
		{"gateway", "node run 3", `line 1 of the events: "node run 3"`},
		{"gateway", "gateway start 0,gateway end 0 unknown -,gateway end 0 unknown -", `line 3 of the events: "gateway end 0 unknown -"`},
	} {
		events := strings.Split(c.events, ",")
		rounds := max(strings.Count(c.events, "gateway start"), 1)
		s := find(c.show)
		got := ""
		if v, err := s.judge(rounds, events); err != nil {
			got = err.Error()
		} else {
			got = strings.Join(v.breaches(s.effect), "; ")
		}
		if got != c.want {
			t.Errorf("%s: %q, not %q", c.events, got, c.want)
		}
	}
}
