package corpus

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sprocketc/compile"
	"sprocketc/diag"
	"sprocketc/schema"
	"sprocketc/solver"
)

// objectives that are shown; energy is no other than bytes for these programs, flash no other than ram.
var objectives = []string{"bytes", "wear", "ram", "latency"}

// optimising is a program with a clause of its interface.
func optimising(t *testing.T, text, objective string) string {
	t.Helper()
	head := regexp.MustCompile(`(?m)^interface .*\{$`)
	if len(head.FindAllString(text, -1)) != 1 {
		t.Fatal("no interface")
	}
	return head.ReplaceAllString(text, "$0\n    optimise "+objective)
}

// price is what a plan has beside the others, and what it costs.
func price(t *testing.T, r *compile.Result) (chosen, costs string) {
	t.Helper()
	a := solver.JSON(r.Plan)
	if !a.Optimal || a.Objective != strings.Join(r.Plan.Interface.Optimise, ", ") {
		t.Errorf("optimise %s, proven: %v", a.Objective, a.Optimal)
	}
	var b, c strings.Builder
	for _, f := range a.Interfaces[0].Features {
		switch f.Name {
		case schema.CallNumber, schema.Retransmission, schema.CalleeEpoch, schema.IntentRecord:
			fmt.Fprintf(&b, "  %s: %s\n", f.Name, f.Chosen)
		}
	}
	for _, call := range r.Plan.Interface.Calls {
		fmt.Fprintf(&c, "  %s: %.1f B, %.2f datagrams, %.0f ms, %.2g writes\n", call.Name, a.Costs.BytesPerCall[call.Name], a.Costs.DatagramsPerCall[call.Name],
			a.Costs.Latency[call.Name], a.Costs.WritesPerCall[call.Name])
	}
	for _, peer := range []string{"gateway", "probe"} {
		fmt.Fprintf(&c, "  %s: ram %d B, stable %d B, %d writes a start\n", peer, a.Costs.RAM[peer], a.Costs.Stable[peer], a.Costs.WritesPerStart[peer])
	}
	return b.String(), c.String()
}

// One call with an effect between two peers in C: four objectives, four plans. An epoch is written at each start, or a record at
// each call; each plan is verified.
func TestObjectives(t *testing.T) {
	text := strings.Replace(read(t, filepath.Join("accepted", "recorded.sprocket")), "emit go;", "emit c; ", 1)
	var out strings.Builder
	seen := map[string]string{}
	results := map[string]*compile.Result{}
	for _, o := range objectives {
		r, status := checked(t, "recorded.sprocket", optimising(t, text, o), compile.Options{})
		if status != compile.StatusHolds {
			t.Errorf("optimise %s: exit status %d\n%s", o, status, said(t, r))
		}
		chosen, costs := price(t, r)
		if seen[chosen] != "" {
			t.Errorf("optimise %s gives the plan of %s", o, seen[chosen])
		}
		seen[chosen] = o
		results[o] = r
		fmt.Fprintf(&out, "optimise %s\n%s%s\n", o, chosen, costs)
	}
	golden(t, filepath.Join("plans", "objectives.txt"), out.String())
	if p := results["bytes"].Plan; !p.Has(schema.IntentRecord) || p.Has(schema.CalleeEpoch) || p.Costs.WritesPerCall["water"] < 1 || p.Costs.WritesPerStart["probe"] != 0 {
		t.Error("the fewest bytes are no record that is written at each call")
	}
	if p := results["wear"].Plan; p.Has(schema.IntentRecord) || !p.Has(schema.CalleeEpoch) || p.Costs.WritesPerCall["water"] > 1e-6 || p.Costs.WritesPerStart["probe"] != 1 {
		t.Error("the least wear is no epoch that is written at each start")
	}
	for _, o := range objectives { // each is the best in what it is for
		p, best := results[o].Plan, results["ram"].Plan
		if ram := p.Peers["gateway"].RAM + p.Peers["probe"].RAM; ram < best.Peers["gateway"].RAM+best.Peers["probe"].RAM {
			t.Errorf("%s takes less RAM than ram", o)
		}
		if p.Costs.Latency["water"] < results["latency"].Plan.Costs.Latency["water"] {
			t.Errorf("%s is sooner than latency", o)
		}
	}
}

var (
	numberWidth   = regexp.MustCompile(`number num \d+ bits`)
	retryInterval = regexp.MustCompile(`timer retry for fn \{[^}]*\}`)
)

// Soil, where nothing is left to choose but numbers: its plan under ram is that under bytes. The machines differ in the width of
// call numbers and in intervals, on which no proof depends, so what was verified for one holds for all.
func TestSoilObjectives(t *testing.T) {
	text := read(t, filepath.Join("examples", "soil.sprocket"))
	var out strings.Builder
	machines := map[string]bool{}
	plans := map[string]string{}
	for _, o := range objectives {
		r, err := compile.Run(context.Background(), &diag.File{Name: "soil.sprocket", Text: []byte(optimising(t, text, o))}, compile.Compose, compile.Options{})
		if err != nil {
			t.Fatal(err)
		}
		chosen, costs := price(t, r)
		fmt.Fprintf(&out, "optimise %s\n%s%s\n", o, chosen, costs)
		plans[o] = chosen
		machine := numberWidth.ReplaceAllString(schema.Dump(r.System), "number num")
		machines[retryInterval.ReplaceAllString(machine, "timer retry for fn")] = true
	}
	golden(t, filepath.Join("plans", "soil_objectives.txt"), out.String())
	if plans["bytes"] != plans["ram"] || plans["bytes"] == plans["wear"] || plans["bytes"] == plans["latency"] || plans["wear"] == plans["latency"] {
		t.Errorf("%q", plans)
	}
	if len(machines) != 1 {
		t.Errorf("%d machines", len(machines))
	}
	for m := range machines {
		if !strings.Contains(m, "number num;") || !strings.Contains(m, "timer retry for fn\n") {
			t.Error("nothing was left out of account")
		}
	}
}
