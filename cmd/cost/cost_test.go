package main

import (
	"context"
	"fmt"
	"math"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sprocketc/compile"
	"sprocketc/diag"
	"sprocketc/ir"
)

// near is how far an estimate of flash may be off.
const near = 0.05

// What a plan says of flash and RAM is what the compiler gives for every peer of the corpus that is emitted as C: flash
// within near on every target whose compiler is there (one is for two of them), RAM to the byte.
func TestEstimatesOfTheCorpus(t *testing.T) {
	if _, err := exec.LookPath("arm-none-eabi-gcc"); err != nil {
		t.Fatal("arm-none-eabi-gcc is not installed: make setup")
	}
	t.Chdir("../..")
	texts, err := corpus()
	if err != nil {
		t.Fatal(err)
	}
	peers, worst := 0, map[string]float64{}
	for _, text := range texts {
		r, dir := emitted(t, text[0], text[1])
		for _, peer := range []*ir.Peer{r.Plan.Interface.From, r.Plan.Interface.To} {
			if !slices.ContainsFunc(peer.Emit, func(e ir.Emit) bool { return e.Language == "c" }) {
				continue
			}
			peers++
			core := r.Program.Name + "_" + peer.Name
			said := r.Plan.Peers[peer.Name]
			for _, target := range targets {
				if _, err := exec.LookPath(target.tools + "gcc"); err != nil {
					continue
				}
				flash, err := target.flash(r, dir, peer.Name)
				if err != nil {
					t.Fatal(err)
				}
				off := float64(said.FlashOn[target.name])/float64(flash) - 1
				worst[target.name] = max(worst[target.name], math.Abs(off))
				if math.Abs(off) > near {
					t.Errorf("%s, %s: about %d bytes of flash on %s, measured %d (%+.1f %%); make bench-cost refreshes the table",
						text[0], peer.Name, said.FlashOn[target.name], target.name, flash, 100*off)
				}
			}
			if r.Plan.Interface.Channel.Over == "serial" {
				core += "_serial"
			}
			if ram := sizeOfContext(t, dir, core); ram != said.RAM {
				t.Errorf("%s, %s: %d bytes of RAM, measured %d", text[0], peer.Name, said.RAM, ram)
			}
		}
	}
	for _, target := range targets {
		if off, measured := worst[target.name]; measured {
			t.Logf("%d peers, flash on %s off by %.1f %% at most", peers, target.name, 100*off)
		}
	}
	if peers < 12 {
		t.Errorf("%d peers in C", peers)
	}
}

// sizeOfContext is the size of a peer's context on the target: that of a variable in a file of its own.
func sizeOfContext(t *testing.T, dir, core string) int {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, "ram.c"), fmt.Appendf(nil, "#include \"%s.h\"\n%s context;\n", core, core), 0o644); err != nil {
		t.Fatal(err)
	}
	tools := targets[0]
	if _, err := in(dir, tools.tools+"gcc", append([]string{"-std=c99", "-Os", "-ffreestanding", "-fno-common", "-c", "-o", "ram.o", "ram.c"}, tools.flags...)...); err != nil {
		t.Fatal(err)
	}
	text, err := in(dir, tools.tools+"size", "ram.o")
	if err != nil {
		t.Fatal(err)
	}
	var code, data, bss int
	if _, err := fmt.Sscan(strings.SplitN(text, "\n", 2)[1], &code, &data, &bss); err != nil {
		t.Fatal(err)
	}
	return bss
}

func emitted(t *testing.T, name, text string) (*compile.Result, string) {
	t.Helper()
	r, err := compile.Run(context.Background(), &diag.File{Name: name, Text: []byte(text)}, compile.Emit, compile.Options{Unproven: true, Languages: []string{"c"}})
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	dir := t.TempDir()
	for _, f := range r.Files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(f.Name)), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return r, dir
}

// A sum of parts is found again, from samples that are a little off.
func TestFitFindsTheParts(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	parts := map[string]float64{"code": 500, "call": 90, "feature": 240, "field": 17}
	var samples []sample
	for i := range 200 {
		s := sample{name: fmt.Sprintf("random%d", i), terms: map[string]float64{"code": 1, "call": float64(1 + r.Intn(4)), "feature": float64(r.Intn(2)), "field": float64(r.Intn(9))}}
		sum := 0.0
		for term, n := range s.terms {
			sum += n * parts[term]
		}
		s.bytes = map[string]float64{"chip": math.Round(sum * (1 + 0.01*(r.Float64()-0.5)))}
		samples = append(samples, s)
	}
	x := solve(samples, "chip", nil, nil)
	for term, bytes := range parts {
		if math.Abs(x[term]-bytes) > 5 {
			t.Errorf("%s: %.1f bytes, not %.0f", term, x[term], bytes)
		}
	}
	if mean, worst := off(samples, "chip", x); mean > 0.005 || worst > 0.01 {
		t.Errorf("mean %.4f, worst %.4f", mean, worst)
	}
}

// Columns of targets that were not measured survive a refresh.
func TestOtherColumnsStay(t *testing.T) {
	file := filepath.Join(t.TempDir(), "flash.csv")
	table := map[string]map[string]float64{"a": {"cortex-m0plus": 1, "avr": 7}, "b": {"cortex-m0plus": 2}}
	if err := write(file, table, targets); err != nil {
		t.Fatal(err)
	}
	table["a"]["cortex-m0plus"], table["a"]["avr"] = 3, 0
	if err := write(file, table, targets[:1]); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if want := "term,cortex-m0plus,cortex-m4,rv32,avr\na,3.0,0.0,0.0,7.0\nb,2.0,0.0,0.0,0.0\n"; err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
}
