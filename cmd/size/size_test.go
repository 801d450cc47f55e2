package main

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// near is how far off a row of the page may be: the next version of a compiler moves a few bytes.
const near = 0.05

// page as rows, by what they are of.
func committed(t *testing.T) map[row]row {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", page))
	if err != nil {
		t.Fatal(err)
	}
	_, table, ok := strings.Cut(string(text), head)
	if !ok {
		t.Fatalf("%s has no table", page)
	}
	rows := map[row]row{}
	for _, line := range strings.SplitAfter(strings.TrimSuffix(table, "\n"), "\n") {
		r, ok := parse(line)
		if !ok || strings.TrimSuffix(r.String(), "\n") != strings.TrimSuffix(line, "\n") {
			t.Fatalf("%s: no row: %q", page, line)
		}
		rows[key(r)] = r
	}
	return rows
}

func key(r row) row { return row{functions: r.functions, side: r.side, what: r.what, core: r.core} }

// The page has a row for each measurement, and what is emitted and written by hand for one function and for ten takes what it says.
// (Fifty are many seconds of compilers.)
func TestPageSaysWhatIsMeasured(t *testing.T) {
	if _, err := exec.LookPath(tools + "gcc"); err != nil {
		t.Fatalf("%sgcc is not installed: make setup", tools)
	}
	rows := committed(t)
	if want := len(counts) * len(stacks) * len(cores) * len(sideNames); len(rows) != want {
		t.Errorf("%s has %d rows, not %d", page, len(rows), want)
	}
	for _, n := range counts[:2] {
		for _, s := range stacks[:2] {
			made, err := measure(s, n, "")
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range made {
				said, ok := rows[key(r)]
				if !ok {
					t.Errorf("%s has no row for %+v", page, key(r))
				}
				for _, x := range [][2]int{{said.text, r.text}, {said.data, r.data}, {said.bss, r.bss}, {said.stack, r.stack}} {
					if math.Abs(float64(x[0]-x[1])) > near*float64(x[1])+8 {
						t.Errorf("the page says\n%sand measured is\n%s`make bench-size` writes it anew", said, r)
						break
					}
				}
			}
		}
	}
}

// The deepest path counts, not the longest; a circle, a pointer or a missing function is not known.
func TestDeepest(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.ci")
	text := `node: { title: "main" label: "main\nx.c:1:5\n8 bytes (static)\n0 dynamic objects" }
node: { title: "x.c:wide" label: "wide\nx.c:2:5\n100 bytes (static)\n0 dynamic objects" }
node: { title: "x.c:thin" label: "thin\nx.c:3:5\n16 bytes (static)\n0 dynamic objects" }
node: { title: "leaf" label: "leaf\nx.c:4:5\n24 bytes (dynamic,bounded)\n0 dynamic objects" }
node: { title: "round" label: "round\nx.c:5:5\n8 bytes (static)\n0 dynamic objects" }
node: { title: "pointer" label: "pointer\nx.c:6:5\n8 bytes (static)\n0 dynamic objects" }
node: { title: "grows" label: "grows\nx.c:7:5\n8 bytes (dynamic)\n1 dynamic objects" }
node: { title: "__indirect_call" label: "Indirect Call Placeholder" shape : ellipse }
edge: { sourcename: "main" targetname: "x.c:wide" label: "x.c:1:9" }
edge: { sourcename: "main" targetname: "x.c:thin" label: "x.c:1:9" }
edge: { sourcename: "x.c:thin" targetname: "leaf" label: "x.c:3:9" }
edge: { sourcename: "round" targetname: "round" label: "x.c:5:9" }
edge: { sourcename: "pointer" targetname: "__indirect_call" label: "x.c:6:9" }
`
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	g := graph{frame: map[string]int{}, calls: map[string][]string{}, fixed: map[string]bool{}}
	if err := g.read(file); err != nil {
		t.Fatal(err)
	}
	for fn, want := range map[string]int{"main": 108, "x.c:thin": 40, "round": -1, "pointer": -1, "grows": -1, "elsewhere": -1} {
		got, known := g.deepest(fn)
		if !known {
			got = -1
		}
		if got != want {
			t.Errorf("%s takes %d bytes, not %d", fn, got, want)
		}
	}
}
