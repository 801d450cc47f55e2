package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const soil = "../../corpus/examples/soil.sprocket"

// play builds the peers of a program without proof, lets them make calls under kills, and judges them.
func play(t *testing.T, program string, calls, kills int) (*record, *verdict, string) {
	t.Helper()
	for _, tool := range []string{"cc", "go"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is not installed: make setup", tool)
		}
	}
	ctx, stop := context.WithTimeout(context.Background(), 5*time.Minute)
	defer stop()
	out := &bytes.Buffer{}
	d := demo{program: program, seed: 7, calls: calls, speed: 20, kill: kills, unproven: true, stdout: out, stderr: out}
	r, err := d.compile(ctx)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	rec, v, err := d.soak(ctx, t.TempDir(), r)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := v.print(out, r, rec); err != nil {
		t.Fatal(err)
	}
	c := &chart{r: r, rec: rec, v: v, calls: mix(d.seed, d.calls), speed: d.speed}
	if err := c.print(out); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", out)
	return rec, v, out.String()
}

// Both emitted peers keep what was proven, on a bad link and through kills.
func TestSoil(t *testing.T) {
	rec, v, out := play(t, soil, 120, 8)
	if list := v.breaches(); len(list) > 0 {
		t.Error(strings.Join(list, "; "))
	}
	if rec.killedGateway != 1 || rec.killedProbe < 7 {
		t.Errorf("killed: gateway %d, probe %d", rec.killedGateway, rec.killedProbe)
	}
	for k, made := range map[kind]int{sample: 54, schedule: 30, water: 36} {
		got := v.kinds[k]
		if got.made != made {
			t.Errorf("%v: %d made, want %d", k, got.made, made)
		}
		if ends := got.answered + got.timedOut + got.unknown + got.restarted + got.refused + got.died; ends != made {
			t.Errorf("%v: %d ends of %d calls", k, ends, made)
		}
		if got.answered == 0 || got.ran == 0 {
			t.Errorf("%v: %d answered, %d ran", k, got.answered, got.ran)
		}
	}
	_, drawn, found := strings.Cut(out, "as the link saw it")
	if !found || !strings.Contains(drawn, "▶ runs") || !strings.Contains(drawn, "REQ water ce=") || !strings.Contains(drawn, "lost") {
		t.Errorf("the chart shows no call:%s", drawn)
	}
	for line := range strings.Lines(drawn) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 120 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if rec.toProbe.Lost == 0 || rec.toGateway.Repeated == 0 {
		t.Error("a link without faults")
	}
}

// The accounting sees what a protocol breaks: without duplicate suppression a repeated request runs again.
func TestBrokenProtocolIsSeen(t *testing.T) {
	text, err := os.ReadFile(soil)
	if err != nil {
		t.Fatal(err)
	}
	end := bytes.LastIndexByte(text, '}')
	broken := filepath.Join(t.TempDir(), "soil.sprocket")
	if err := os.WriteFile(broken, append(text[:end:end], "\n    force { duplicate suppression off }\n}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	_, v, out := play(t, broken, 80, 0)
	if v.kinds[water].ranTwice == 0 {
		t.Error("no effect ran twice")
	}
	if !strings.Contains(out, "\nbroken ") {
		t.Error("the report does not say so")
	}
}
