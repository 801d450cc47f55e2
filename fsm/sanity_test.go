package fsm

import (
	"testing"

	"sprocketc/diag"
)

// What a layer knows is hidden from the proof, which lets a stage go both ways: a condition that cannot is refused.
func TestHiddenConditions(t *testing.T) {
	const machine = "system s;\nnumber num;\nmachine m {\n layer var held: bool; layer timer pace; var n: num; var x: 0..1 while %;\n free go when % { n = next(n); x = 1; held = true; start pace; }\n" +
		" free stop when x == 1 { when held || running(pace) || full(n) { x = 0; n = none; } }\n}\n"
	for _, c := range []struct {
		while, when, invariant string
		refused                bool
	}{
		{"n != none", "x == 0", "m.x == 0 || m.x == 1", false},
		{"held", "x == 0", "m.x == 0", true},
		{"!running(pace)", "x == 0", "m.x == 0", true},
		{"n != none", "x == 0 && held", "m.x == 0", true},
		{"n != none", "!running(pace)", "m.x == 0", true},
		{"n != none", "!full(n)", "m.x == 0", true},
		{"n != none", "x == 0", "!m.held", true},
	} {
		text := ""
		left := []string{c.while, c.when}
		for _, r := range machine {
			if r == '%' {
				text, left = text+left[0], left[1:]
			} else {
				text += string(r)
			}
		}
		_, ds := Load(&diag.File{Name: "s.fsm", Text: []byte(text + "invariant i: " + c.invariant + ";\n")})
		refused := len(ds) > 0
		for _, d := range ds {
			if d.Code != "hidden-condition" {
				t.Errorf("%+v: %s: %s", c, d.Code, d.Message)
			}
		}
		if refused != c.refused {
			t.Errorf("%+v: refused %v", c, refused)
		}
	}
}
