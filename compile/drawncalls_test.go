package compile

import (
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sprocketc/verify/markov"
)

// drawnCalls says to the test in testdata/soilcalls what calls to make.
type drawnCalls struct {
	Fn          string
	Fresh       bool
	Calls       int
	Lose        float64
	Least, Most time.Duration
	Overtake    int
}

type drawnFigure struct{ N, Sum, Squares float64 }

// The figures of soil's calls, made from its machines, against the emitted Go of both peers: 100,000 calls of sample, in
// virtual time, through faultlink's lanes with the declared loss, delay and overtaking. Each mean lies within the model's
// interval, up to 4 times its standard error. `make bench-chance` shows them.
func TestFiguresAgreeWithEmittedCode(t *testing.T) {
	const sigmas = 4
	states, times := 250_000, 1
	if os.Getenv("SPROCKET_BENCH") == "1" { // closer bounds and ten times as many calls
		states, times = 700_000, 10
	}
	r := composed(t, "../corpus/examples/soil.sprocket")
	if err := Chances(t.Context(), r, states); err != nil {
		t.Fatal(err)
	}
	ch := r.Plan.Interface.Channel
	var ask []drawnCalls
	for _, a := range []drawnCalls{{Fn: "sample", Calls: 100_000}, {Fn: "water", Calls: 20_000}, {Fn: "water", Fresh: true, Calls: 20_000}} {
		if a.Calls *= times; a.Fresh {
			a.Calls = min(a.Calls, 100_000) // each start of the gateway uses up one of 131,071 epochs
		}
		a.Lose, a.Least, a.Most, a.Overtake = ch.Loses.P, ch.Delays.Min, ch.Delays.Max, ch.Reorders.Within
		ask = append(ask, a)
	}
	for i, got := range drawSoil(t, r, ask) {
		c := caseOf(t, r, ask[i].Fn, ask[i].Fresh)
		of := c.Fn
		if c.Fresh {
			of += " after a start"
		}
		for _, f := range []struct {
			name string
			k    markov.Interval
		}{{"answered", c.Outcomes[0].P}, {"gateway", c.Datagrams[0]}, {"probe", c.Datagrams[1]}, {"ms", c.Latency}} {
			d := got[f.name]
			mean := d.Sum / d.N
			sigma := math.Sqrt(max(d.Squares/d.N-mean*mean, 1/d.N) / d.N)
			away := max(f.k.Lo-mean, mean-f.k.Hi, 0) / sigma
			t.Logf("%-20s %-10s model %.6f to %.6f   %.0f calls %.6f   standard error %.6f   outside by %.2f of it", of, f.name, f.k.Lo, f.k.Hi, d.N, mean, sigma, away)
			if away > sigmas || int(d.N) != ask[i].Calls {
				t.Errorf("%s: %s is %v, beyond the model's %v..%v by %.1f standard errors", of, f.name, mean, f.k.Lo, f.k.Hi, away)
			}
		}
	}
}

// drawSoil emits both peers of soil in Go and lets them make calls.
func drawSoil(t *testing.T, r *Result, ask []drawnCalls) []map[string]drawnFigure {
	t.Helper()
	dir := t.TempDir()
	write := func(name string, b []byte) {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", []byte("module emitted\n\ngo 1.26\n"))
	files, err := emit(r, Options{Languages: []string{"go"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		write(f.Name, f.Data)
	}
	for _, from := range []string{"../faultlink", "testdata/soilcalls"} {
		names, err := filepath.Glob(from + "/*.go")
		if err != nil || len(names) == 0 {
			t.Fatalf("%s: %v", from, err)
		}
		for _, n := range names {
			b, err := os.ReadFile(n)
			switch base := filepath.Base(n); {
			case err != nil:
				t.Fatal(err)
			case from == "../faultlink" && !strings.HasSuffix(n, "_test.go"):
				write("faultlink/"+base, b)
			case from != "../faultlink":
				write("go/soil/"+base, b)
			}
		}
	}
	text, err := json.Marshal(ask)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", "test", "-count=1", "-timeout=300s", "-run=^TestCalls$", "-v", "./go/soil")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "SOIL_CALLS="+string(text))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var got []map[string]drawnFigure
	for line := range strings.Lines(string(out)) {
		if b, ok := strings.CutPrefix(line, "figures "); ok {
			x := map[string]drawnFigure{}
			if err := json.Unmarshal([]byte(b), &x); err != nil {
				t.Fatal(err)
			}
			got = append(got, x)
		}
	}
	if len(got) != len(ask) {
		t.Fatalf("%d of %d cases in\n%s", len(got), len(ask), out)
	}
	return got
}
