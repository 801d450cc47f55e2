package schema

import (
	"fmt"
	"math/rand"
	"slices"
	"strings"
	"testing"

	"sprocketc/fsm"
	"sprocketc/ir"
)

func laid(t *testing.T, p *ir.Plan) (*ir.Plan, *fsm.System) {
	t.Helper()
	s, err := System(p)
	if err != nil {
		t.Fatal(err)
	}
	Layout(p, s)
	return p, s
}

func typed(p *ir.Plan) *ir.Plan {
	byteType := &ir.Type{Kind: ir.Uint, Bits: 8}
	p.Interface.Calls[0].Params = []ir.Field{{Name: "plot", Type: byteType}}
	p.Interface.Calls[0].Result = &ir.Type{Kind: ir.Text, Max: 24}
	p.Interface.Calls[2].Params = []ir.Field{{Name: "plot", Type: byteType}, {Name: "litres", Type: byteType}}
	return p
}

func TestSoilWire(t *testing.T) {
	p, _ := laid(t, typed(soilPlan()))
	var got []string
	for _, w := range p.Wire {
		text := fmt.Sprintf("%d %s %s %d..%d:", w.Kind, w.Message, w.Fn, w.Min, w.Max)
		for _, f := range w.Fields {
			text += fmt.Sprintf(" %s:%d", f.Name, f.Bits)
		}
		got = append(got, text)
	}
	want := []string{
		"0 REQ sample 8..8: kind:3 ce:17 n:15",
		"1 REQ schedule 9..9: kind:3 ce:17 n:15 ke:17",
		"2 REQ water 11..11: kind:3 ce:17 n:15 ke:17",
		"3 ANS sample 8..32: kind:3 ce:17 n:15",
		"4 ANS schedule 7..7: kind:3 ce:17 n:15",
		"5 ANS water 7..7: kind:3 ce:17 n:15",
		"6 REJ  11..11: kind:3 ce:17 n:15 was:17 ke:17",
		"7 OLD  5..5: kind:3 last:17",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if m := p.Peers["probe"]; m.Stable != 12 || len(m.Records) != 1 || m.Records[0].SlotSize != 6 || m.Records[0].Slots != 2 {
		t.Errorf("%+v", m)
	}
}

// A datagram is not taken for another kind's, nor for that of a program whose layout differs in anything.
func TestSeedsDiffer(t *testing.T) {
	seeds := map[uint32]string{}
	for name, change := range map[string]func(*ir.Plan){
		"as it is":     func(*ir.Plan) {},
		"other name":   func(p *ir.Plan) { p.Program.Name = "toil" },
		"other width":  func(p *ir.Plan) { p.Widths["num"] = 14 },
		"other text":   func(p *ir.Plan) { p.Interface.Calls[0].Result = &ir.Type{Kind: ir.Text, Max: 40} },
		"other params": func(p *ir.Plan) { p.Interface.Calls[2].Params[1].Type = &ir.Type{Kind: ir.Uint, Bits: 32} },
	} {
		p := typed(soilPlan())
		change(p)
		laid(t, p)
		again := typed(soilPlan())
		change(again)
		laid(t, again)
		for i, w := range p.Wire {
			text := describe(&w)
			if p.Program.Name != "soil" {
				text = p.Program.Name + " " + text
			}
			if other := seeds[w.Seed]; other != "" && other != text {
				t.Errorf("%s: %q and %q have one seed", name, other, text)
			}
			seeds[w.Seed] = text
			if w.Seed != again.Wire[i].Seed || w.Seed > 0xffff {
				t.Errorf("%s: seed %x, then %x", name, w.Seed, again.Wire[i].Seed)
			}
		}
	}
	if len(seeds) < 8+8+7+1+1 { // OLD has no call number
		t.Errorf("%d seeds", len(seeds))
	}
}

// Blank memory is no record, whatever the start value was to be.
func TestBlankSlotsFail(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	changed := 0
	for range 60 {
		size := 4 + r.Intn(9)
		zeros, ones := make([]byte, size-2), []byte(strings.Repeat("\xff", size-2))
		wanted := r.Uint32()
		if r.Intn(2) == 0 { // one that fails to fail: the register that a blank slot runs to its own sum
			for s := range uint32(1 << 16) {
				if ir.CRC16(uint16(s), ones) == 0xffff {
					wanted = s
					break
				}
			}
			changed++
		}
		seed := uint16(recordSeed(wanted, size))
		if ir.CRC16(seed, zeros) == 0 || ir.CRC16(seed, ones) == 0xffff {
			t.Fatalf("slot of %d bytes, seed %#x", size, seed)
		}
	}
	if changed == 0 {
		t.Error("no bad start value was tried")
	}
}

// What a way is declared to add to a datagram is what it adds.
func TestCarriesAreTrue(t *testing.T) {
	off := map[string][]string{CallerEpoch: {CallerEpoch, CallerChallenge}, CalleeEpoch: {CalleeEpoch, ChallengeEcho, OutcomeRestart}, Checksum: {Checksum}}
	for _, d := range Declarations {
		if d.Name == CallNumber || len(off[d.Name]) == 0 {
			if d.Name != CallNumber && len(d.Ways) > 0 && len(d.Ways[0].Carries) > 0 {
				t.Errorf("%s is not tried", d.Name)
			}
			continue
		}
		with, _ := laid(t, typed(soilPlan()))
		without, _ := laid(t, typed(soilPlan(off[d.Name]...)))
		way := d.Ways[0]
		if d.Name == Checksum {
			way = d.Ways[1]
		}
		size := func(p *ir.Plan, message, fn string) int {
			for _, w := range p.Wire {
				if w.Message == message && w.Fn == fn {
					n := 8 * w.Sum
					for _, f := range w.Fields[1:] {
						n += f.Bits
					}
					return n
				}
			}
			return 0
		}
		for _, message := range []string{"REQ", "ANS"} {
			for _, c := range with.Interface.Calls {
				declared := 0
				for _, x := range way.Carries {
					if x.Message == message && (!x.Fenced || Fenced(c)) {
						declared += x.Bits + with.Widths[x.Sort]
					}
				}
				if got := size(with, message, c.Name) - size(without, message, c.Name); got != declared {
					t.Errorf("%s adds %d bits to %s of %s, declared %d", d.Name, got, message, c.Name, declared)
				}
			}
		}
	}
}

// Whatever a declaration names is there: goals, features, ways.
func TestDeclarationsAreClosed(t *testing.T) {
	goals := map[string]bool{}
	for _, g := range Goals {
		goals[g.Name] = false
		calls := 0
		for _, f := range g.When {
			if f.OfCall() {
				calls++
			}
		}
		if calls > 1 || g.Else == "" {
			t.Errorf("goal %s", g.Name)
		}
	}
	for _, d := range Declarations {
		for _, g := range d.Gives {
			if _, ok := goals[g]; !ok {
				t.Errorf("%s gives %s", d.Name, g)
			}
			goals[g] = true
		}
		for _, n := range d.Needs {
			owner := n.Source == "" || slices.ContainsFunc(d.Ways, func(w Way) bool { return w.Source == n.Source })
			if Declare(n.Feature) == nil || !owner {
				t.Errorf("%s needs %+v", d.Name, n)
			}
		}
		if d.Sentence == "" || Find(d.Name) == nil {
			t.Errorf("%s", d.Name)
		}
	}
	for g, given := range goals {
		if !given {
			t.Errorf("nothing gives %s", g)
		}
	}
	for _, x := range Theorems {
		if _, ok := goals[x.Goal]; x.Goal != "" && !ok || x.Message == "" || x.Why == "" {
			t.Errorf("%+v", x)
		}
	}
}

// What does not change how a datagram is read leaves its seed: the name of a parameter, and a bound of as many bits.
func TestSeedsStay(t *testing.T) {
	old, renamed := typed(soilPlan()), typed(soilPlan())
	renamed.Interface.Calls[2].Params[1].Name = "pints"
	renamed.Interface.Calls[0].Result = &ir.Type{Kind: ir.Uint, Bits: 16, Refined: true, Hi: 1000}
	old.Interface.Calls[0].Result = &ir.Type{Kind: ir.Uint, Bits: 16, Refined: true, Hi: 900}
	laid(t, old)
	laid(t, renamed)
	for i, w := range old.Wire {
		if n := renamed.Wire[i]; n.Seed != w.Seed {
			t.Errorf("%s of %s: seed %x, then %x", w.Message, w.Fn, w.Seed, n.Seed)
		}
	}
}

// Where a call is kept, its kinds and those of the control messages stay as they are when calls come and go.
func TestKeptKinds(t *testing.T) {
	kinds := func(p *ir.Plan, calls ...*ir.Call) map[string]int {
		p.Interface.Calls = calls
		laid(t, p)
		out := map[string]int{}
		for i, w := range p.Wire {
			out[w.Message+" "+w.Fn] = w.Kind
			if w.Fields[0].Bits != keptKind {
				t.Errorf("the kind has %d bits", w.Fields[0].Bits)
			}
			if i > 0 && w.Kind <= p.Wire[i-1].Kind {
				t.Errorf("kind %d behind %d", w.Kind, p.Wire[i-1].Kind)
			}
		}
		return out
	}
	p := typed(soilPlan())
	calls := p.Interface.Calls
	calls[2].Keep = &ir.Clause{}
	few, all := kinds(p, calls[2]), kinds(p, calls[2], calls[0], calls[1])
	if len(few) >= len(all) || len(few) < 4 {
		t.Fatalf("%v, then %v", few, all)
	}
	for name, kind := range few {
		if all[name] != kind {
			t.Errorf("%s is %d, then %d", name, kind, all[name])
		}
	}
}
