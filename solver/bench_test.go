package solver

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// tenfold is soil with ten times its calls.
func tenfold(t testing.TB) string {
	data, err := os.ReadFile("../corpus/examples/soil.sprocket")
	if err != nil {
		t.Fatal(err)
	}
	text := string(data)
	at := strings.Index(text, "    // Reads a plot.")
	body := text[at:strings.LastIndex(text, "}")]
	var b strings.Builder
	b.WriteString(text[:at])
	for i := range 10 {
		b.WriteString(strings.NewReplacer("call sample", fmt.Sprintf("call sample%d", i), "call schedule", fmt.Sprintf("call schedule%d", i),
			"call water", fmt.Sprintf("call water%d", i)).Replace(body))
	}
	return b.String() + "}\n"
}

// The work of a solver does not grow with the number of calls, but for what each of them costs: as many candidates are compared.
func TestTenTimesAsManyCalls(t *testing.T) {
	for _, o := range []string{"", "ram", "wear", "latency, ram"} {
		with := func(text string) string {
			const head = "interface Field from gateway to probe on radio {\n"
			if o == "" {
				return text
			}
			return strings.Replace(text, head, head+"    optimise "+o+"\n", 1)
		}
		small, _ := Solve(program(t, "soil", with(example(t, "soil"))))
		large := program(t, "tenfold", with(tenfold(t)))
		for _, p := range large.Peers { // the same plan is wanted, and it takes more
			p.RAM, p.Flash = nil, nil
		}
		big, found := Solve(large)
		if big == nil {
			t.Fatalf("%s: %s", o, render(found))
		}
		if small.Tried > 40 || big.Tried > small.Tried+4 || len(big.Interface.Calls) != 10*len(small.Interface.Calls) {
			t.Errorf("%q: %d candidates, and %d for ten times as many calls", o, small.Tried, big.Tried)
		}
	}
}

// Most searches are settled by propagation: a solver of the library is set up for few of them, and each is small.
func TestFewSearchesAskTheLibrary(t *testing.T) {
	for name, most := range map[string]int{"burn": 60, "kept": 60, "counters": 2} {
		data, err := os.ReadFile("../corpus/accepted/" + name + ".sprocket")
		if err != nil {
			t.Fatal(err)
		}
		var work effort
		if _, _, err := composed(program(t, name, string(data)), settings{}, nil, func(q *problem) error {
			if _, err := q.contradictions(); err != nil {
				return err
			}
			_, err := q.cheapest()
			work = effort{q.plan.work.searches + q.theory.work.searches, q.plan.work.asked + q.theory.work.asked}
			return err
		}); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d searches, %d of them asked", name, work.searches, work.asked)
		if work.searches == 0 || work.asked > most {
			t.Errorf("%s: %d of %d searches asked the library, and not at most %d", name, work.asked, work.searches, most)
		}
	}
}

func BenchmarkSolve(b *testing.B) {
	files, err := filepath.Glob("../corpus/accepted/*.sprocket")
	if err != nil || len(files) == 0 {
		b.Fatal(err)
	}
	texts := map[string]string{"tenfold": tenfold(b)}
	for _, f := range append(files, "../corpus/examples/soil.sprocket") {
		data, err := os.ReadFile(f)
		if err != nil {
			b.Fatal(err)
		}
		texts[strings.TrimSuffix(filepath.Base(f), ".sprocket")] = string(data)
	}
	for name, text := range texts {
		b.Run(name, func(b *testing.B) {
			p, found := lower(name, text)
			if p == nil {
				b.Fatal(render(found))
			}
			for _, peer := range p.Peers {
				peer.RAM, peer.Flash = nil, nil
			}
			for b.Loop() {
				if plan, found := Solve(p); plan == nil {
					b.Fatal(render(found))
				}
			}
		})
	}
}

func BenchmarkPrices(b *testing.B) {
	text, err := os.ReadFile("../corpus/examples/soil.sprocket")
	if err != nil {
		b.Fatal(err)
	}
	p, _ := lower("soil", string(text))
	best, found := Solve(p)
	if best == nil {
		b.Fatal(render(found))
	}
	for b.Loop() {
		if _, err := Prices(best); err != nil {
			b.Fatal(err)
		}
	}
}
