package main

import (
	"context"
	"fmt"
	"math"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"testing"

	"sprocketc/compile"
	"sprocketc/compile/target"
	"sprocketc/diag"
	"sprocketc/ir"
)

// near is how far an estimate of flash may be off.
const near = 0.05

// What a plan says of flash and RAM is what the compiler gives: flash within near on every target whose compiler is there
// (one is for two of them), RAM to the byte; on Cortex-M0+ so says the map of the linker too. For burn, over a serial line,
// and soil; with SPROCKET_ALL for every peer of the corpus that is emitted as C, as `make bench-cost` does it.
func TestEstimatesOfTheCorpus(t *testing.T) {
	if !target.All[0].Installed() {
		t.Fatalf("%s is not installed: make setup", target.All[0].Compiler())
	}
	t.Chdir("../..")
	texts, err := corpus()
	if err != nil {
		t.Fatal(err)
	}
	least := 12
	if os.Getenv("SPROCKET_ALL") == "" {
		least = 2
		texts = slices.DeleteFunc(texts, func(text [2]string) bool { return text[0] != "burn.sprocket" && text[0] != "soil.sprocket" })
	}
	peers, worst := 0, map[string]float64{}
	for _, text := range texts {
		r, dir := emitted(t, text[0], text[1])
		for _, peer := range []*ir.Peer{r.Plan.Interface.From, r.Plan.Interface.To} {
			if !slices.ContainsFunc(peer.Emit, func(e ir.Emit) bool { return e.Language == "c" }) {
				continue
			}
			peers++
			said := r.Plan.Peers[peer.Name]
			for _, chip := range target.All {
				if !chip.Installed() {
					continue
				}
				flash, err := compile.MeasureFlash(t.Context(), chip, r, dir, peer.Name)
				if err != nil {
					t.Fatal(err)
				}
				off := float64(said.FlashOn[chip.Name])/float64(flash) - 1
				worst[chip.Name] = max(worst[chip.Name], math.Abs(off))
				if math.Abs(off) > near {
					t.Errorf("%s, %s: about %d bytes of flash on %s, measured %d (%+.1f %%); make bench-cost refreshes the table",
						text[0], peer.Name, said.FlashOn[chip.Name], chip.Name, flash, 100*off)
				}
			}
			ram, err := compile.MeasureRAM(t.Context(), target.All[0], r, dir, peer.Name)
			if err != nil {
				t.Fatal(err)
			}
			if ram != said.RAM {
				t.Errorf("%s, %s: %d bytes of RAM, measured %d", text[0], peer.Name, said.RAM, ram)
			}
			flash, ram := mapped(t, dir)
			if off := float64(said.Flash)/float64(flash) - 1; math.Abs(off) > near || ram != said.RAM {
				t.Errorf("%s, %s: about %d bytes of flash and %d of RAM, and the linker's map has %d (%+.1f %%) and %d",
					text[0], peer.Name, said.Flash, said.RAM, flash, 100*off, ram)
			}
		}
	}
	for _, chip := range target.All {
		if off, measured := worst[chip.Name]; measured {
			t.Logf("%d peers, flash on %s off by %.1f %% at most", peers, chip.Name, 100*off)
		}
	}
	if peers < least {
		t.Errorf("%d peers in C", peers)
	}
}

// contribution is a section of an object in the map of the linker, whose long names have a line of their own.
var contribution = regexp.MustCompile(`(?m)^ \.(text|rodata|data|bss)\S*\s+0x[0-9a-f]+\s+0x([0-9a-f]+)\s+\S+\.o$`)

// mapped links the objects that were last measured for a Cortex-M0+, and reads off the linker's map what they take: what stays in
// flash, and what is in RAM, which is their context. The objects are gone then.
func mapped(t *testing.T, dir string) (flash, ram int) {
	t.Helper()
	chip := target.All[0]
	objects, err := filepath.Glob(filepath.Join(dir, "*."+chip.Name+".o"))
	if err != nil || len(objects) < 2 {
		t.Fatal(objects, err)
	}
	args := append(slices.Clone(chip.Flags), "-nostdlib", "-Wl,--unresolved-symbols=ignore-all", "-Wl,--entry=0", "-Wl,-Map=linked.map", "-o", "linked.elf")
	cmd := exec.Command(chip.Compiler(), append(args, objects...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text, err := os.ReadFile(filepath.Join(dir, "linked.map"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range contribution.FindAllStringSubmatch(string(text), -1) {
		n, err := strconv.ParseInt(m[2], 16, 64)
		if err != nil {
			t.Fatal(err)
		}
		if m[1] != "bss" {
			flash += int(n)
		}
		if m[1] == "bss" || m[1] == "data" {
			ram += int(n)
		}
	}
	for _, o := range objects {
		if err := os.Remove(o); err != nil {
			t.Fatal(err)
		}
	}
	return flash, ram
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
	if err := write(file, table, target.All); err != nil {
		t.Fatal(err)
	}
	table["a"]["cortex-m0plus"], table["a"]["avr"] = 3, 0
	if err := write(file, table, target.All[:1]); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if want := "term,cortex-m0plus,cortex-m4,rv32,avr\na,3.0,0.0,0.0,7.0\nb,2.0,0.0,0.0,0.0\n"; err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
}
