package main

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"sprocketc/codegen"
)

// table reads the rows of the page: those of peers, their sum, and how many branches the reasons have.
func table(t *testing.T) (rows map[string]row, sum row, reasons rest) {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	_, after, ok := strings.Cut(string(text), rowsHead)
	peers, why, ok2 := strings.Cut(after, reasonsHead)
	if !ok || !ok2 {
		t.Fatalf("%s lacks a table", page)
	}
	rows = map[string]row{}
	for _, line := range strings.Split(peers, "\n") {
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		if len(cells) != 6 {
			continue
		}
		r := row{peer: cells[0]}
		if _, err := fmt.Sscan(strings.Join(cells[1:], " "), &r.all, &r.vectors, &r.events, &r.left, &r.fuzzed); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if r.all != r.events+r.left || r.vectors > r.events || r.fuzzed > r.left {
			t.Errorf("%q does not add up", line)
		}
		if r.peer == "all" {
			sum = r
		} else {
			rows[r.peer] = r
		}
	}
	for _, line := range strings.Split(strings.TrimSpace(why), "\n") {
		cells := strings.SplitN(strings.Trim(line, "| "), " | ", 4)
		var n rest
		if _, err := fmt.Sscan(cells[1]+" "+cells[2], &n.left, &n.fuzzed); err != nil || len(cells) != 4 || len(cells[3]) < 20 {
			t.Fatalf("%q is no reason", line)
		}
		reasons.left, reasons.fuzzed = reasons.left+n.left, reasons.fuzzed+n.fuzzed
	}
	return rows, sum, reasons
}

// The page has a row for each peer in C, all that is left has a reason, and what it says of a small peer is what is measured, but for
// what another gcc counts otherwise.
func TestPageOfCoverage(t *testing.T) {
	if _, err := exec.LookPath("gcov"); err != nil {
		t.Fatal("gcov is not installed: make setup")
	}
	t.Chdir("../..")
	rows, sum, reasons := table(t)
	list, err := peers("")
	if err != nil {
		t.Fatal(err)
	}
	var total row
	var small codegen.Input
	for _, p := range list {
		name := codegen.CName(p.Plan.Program.Name, p.Peer.Name)
		r, ok := rows[name]
		if !ok {
			t.Errorf("%s has no row for %s: make coverage-c", page, name)
		}
		total = row{"all", total.all + r.all, total.vectors + r.vectors, total.events + r.events, total.left + r.left, total.fuzzed + r.fuzzed}
		if name == "counters_probe" {
			small = p
		}
	}
	if len(rows) != len(list) || total != sum || reasons != (rest{sum.left, sum.fuzzed}) {
		t.Errorf("%d rows for %d peers; they add up to %+v, and the page says %+v; its reasons have %+v", len(rows), len(list), total, sum, reasons)
	}
	c, err := cover(t.Context(), small, 0)
	if err != nil {
		t.Fatal(err)
	}
	got, unknown := rowOf(c, map[string]rest{})
	want := rows[got.peer]
	for _, x := range [][2]int{{got.all, want.all}, {got.vectors, want.vectors}, {got.events, want.events}} {
		if math.Abs(float64(x[0]-x[1])) > 0.05*float64(x[1]) {
			t.Errorf("the page says\n%sand measured is\n%smake coverage-c writes it anew", want, got)
			break
		}
	}
	if len(unknown) > 0 {
		t.Errorf("no reason is known of %v", unknown)
	}
}

// A branch that nothing takes and that no reason explains is told, and so is one that is taken although it is said that it cannot be.
func TestBranchesWithoutAReason(t *testing.T) {
	odd := branch{function: "of_its_own", text: "if (x) {"}
	wrong := branch{function: "invoke", text: "switch (fn) {", fuzzed: true}
	c := &covered{name: "peer", every: 1, branches: []branch{odd, wrong, {vectors: true}, {entries: true}, {function: "enter", fuzzed: true}}}
	left := map[string]rest{}
	r, unknown := rowOf(c, left)
	if !slices.Equal(unknown, []branch{odd, wrong}) || r != (row{"peer", 5, 1, 2, 3, 2}) || left["misuse"] != (rest{1, 1}) {
		t.Errorf("%v, %+v, %v", unknown, r, left)
	}
}
