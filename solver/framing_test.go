package solver

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

// The JSON of a plan over a serial line says what its print says of frames, and that of another plan nothing.
func TestFraming(t *testing.T) {
	source, err := os.ReadFile("../corpus/accepted/burn.sprocket")
	if err != nil {
		t.Fatal(err)
	}
	p := plan(t, "burn.sprocket", string(source))
	f := JSON(p).Interfaces[0].Framing
	if f == nil {
		t.Fatal("no framing over a serial line")
	}
	longest := 0
	for _, m := range p.Wire {
		longest = max(longest, m.Max)
	}
	if f.Codes != "cobs" || f.More < 2 || f.Largest != longest+f.More {
		t.Errorf("%+v, and the longest datagram has %d bytes", *f, longest)
	}
	said := fmt.Sprintf("each in a frame of %d B more at most, its codes (COBS) and a zero: up to %d B", f.More, f.Largest)
	if out := text(t, p); !strings.Contains(out, said) {
		t.Errorf("%q is not in\n%s", said, out)
	}
	if f := JSON(plan(t, "soil.sprocket", example(t, "soil"))).Interfaces[0].Framing; f != nil {
		t.Errorf("soil has no frames, and %+v", *f)
	}
}
