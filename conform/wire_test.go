package conform

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"sprocketc/fsm"
	"sprocketc/ir"
)

// A layout worked out by hand: kind 2 in 3 bits, ce 5 in 6 bits, n 1 in 2 bits: 010 000101 01, padded by 5 zero bits.
func TestDatagramByHand(t *testing.T) {
	sys := &fsm.System{
		Sorts: []*fsm.Sort{{Name: "e", Bits: 6}, {Name: "num", Bits: 2, Wrap: 3}},
		Messages: []*fsm.Message{{Name: "A", Fields: []*fsm.Field{
			{Name: "ce", Type: fsm.Type{Kind: fsm.Number, Name: "e"}},
			{Name: "n", Type: fsm.Type{Kind: fsm.Number, Name: "num"}},
			{Name: "args", Type: fsm.Type{Kind: fsm.Payload}},
		}}},
	}
	u8 := []ir.Field{{Name: "x", Type: &ir.Type{Kind: ir.Uint, Bits: 8}}}
	w := &ir.WireMessage{Message: "A", Kind: 2, Fields: []ir.WireField{{Name: "kind", Bits: 3}, {Name: "ce", Bits: 6}, {Name: "n", Bits: 2}},
		Header: 2, Payload: u8, Min: 3, Max: 3}
	for _, c := range []struct {
		sum  int
		seed uint32
		want string
	}{
		{0, 0, "42a007"},
		{1, 0, "42a0075d"},        // CRC-8 (SMBus)
		{2, 0xffff, "42a007d2c8"}, // CRC-16/CCITT-FALSE
		{4, 0, "42a007bc3ca9f6"},  // CRC-32 (zlib)
	} {
		k := *w
		k.Sum, k.Seed = c.sum, c.seed
		k.Min, k.Max = 3+c.sum, 3+c.sum
		got := encode(&k, sys.Messages[0], []uint32{5, 1, 0}, []byte{7})
		if hex.EncodeToString(got) != c.want {
			t.Errorf("sum %d: %x, want %s", c.sum, got, c.want)
		}
		kinds := []*ir.WireMessage{&k}
		if _, fields, payload, why := decode(sys, kinds, got); why != "" || !slices.Equal(fields, []uint32{5, 1, 0}) || string(payload) != "\x07" {
			t.Errorf("sum %d: decoded %v %x %s", c.sum, fields, payload, why)
		}
		refuse := func(b []byte, want string) {
			t.Helper()
			if _, _, _, why := decode(sys, kinds, b); why != want {
				t.Errorf("sum %d: %x is refused for %q, want %q", c.sum, b, why, want)
			}
		}
		refuse(nil, badLength)
		refuse(got[:2], badLength)
		refuse(append(slices.Clone(got), 0), badLength)
		refuse(append([]byte{0x62}, got[1:]...), badKind)
		refuse(seal(&k, []byte{0x42, 0xa1, 7}), badValue) // padding
		refuse(seal(&k, []byte{0x42, 0xe0, 7}), badValue) // n = 3 under modulus 3
		if c.sum > 0 {
			altered := slices.Clone(got)
			altered[2] ^= 0x10
			refuse(altered, badChecksum)
		}
	}
}

// Vectors say what they are for: every reason of a refusal, every action, both ends of the numbers.
func TestVectorsAreVaried(t *testing.T) {
	p, sys := soil(t, "stable")
	want := [][]string{
		{"dropped length", "dropped kind", "dropped checksum", "dropped value", "send", "persist identity", "complete 0", "complete 2",
			"complete 3", "complete 4", "start retry 200", "start retry 400", "start retry 800", "cancel expire", "note made 2", "halt"},
		{"dropped length", "dropped kind", "dropped checksum", "dropped value", "send", "persist epoch", "invoke 0", "invoke 1", "invoke 2",
			"start pace 50", "note started 2", "halt"},
	}
	for i, in := range inputs(p, sys) {
		set, err := Of(in)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]bool{}
		for _, v := range set.Vectors {
			for _, a := range strings.Split(v.Want, " ; ")[1:] {
				for _, w := range want[i] {
					if a == w || strings.HasPrefix(a, w+" ") {
						seen[w] = true
					}
				}
			}
		}
		for _, w := range want[i] {
			if !seen[w] {
				t.Errorf("%s: no vector leads to %q", set.Peer, w)
			}
		}
	}
}

func TestSamplesAreOfTheirTypes(t *testing.T) {
	for _, name := range []string{"soil", "kinds", "plain"} {
		for _, i := range program(t, name+".sprocket").Interfaces {
			for _, c := range i.Calls {
				for _, fields := range [][]ir.Field{c.Params, answer(c)} {
					lo, hi := ir.PayloadBounds(fields)
					got := samples(fields)
					for e, b := range got {
						if _, err := ir.Decode(fields, b); err != nil || b == nil {
							t.Errorf("%s %s: extent %d: %x: %v", name, c.Name, e, b, err)
						}
					}
					if len(got[least]) != lo || hi <= modest && len(got[most]) != hi {
						t.Errorf("%s %s: samples of %d and %d bytes, bounds are %d and %d", name, c.Name, len(got[least]), len(got[most]), lo, hi)
					}
				}
			}
		}
	}
}
