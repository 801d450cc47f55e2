package fsm

import (
	"strings"
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

// A variable starts with a value of its type, by name where it is an enumeration, and prints it so.
func TestInitialValues(t *testing.T) {
	for start, code := range map[string]string{
		"col = green": "", "col = red": "", "bool = true": "", "bool = false": "", "0..3 = 2": "", "1..3 = 1": "",
		"col = banana": "type-mismatch", "col = 9": "type-mismatch", "col = true": "type-mismatch", "bool = 1": "type-mismatch", "bool = red": "type-mismatch",
		"0..3 = red": "type-mismatch", "0..3 = 4": "out-of-range", "num = 5": "type-mismatch", "tag = 5": "type-mismatch", "payload = 1": "type-mismatch",
	} {
		text := "system s;\nnumber num;\ntoken tag;\nenum col { red, green }\nmachine m {\n    var k: " + start + ";\n    free f when %s { k = %s; }\n}\n"
		cond, value := "k == none", "none"
		switch start[:3] {
		case "col":
			cond, value = "k == red", "green"
		case "boo":
			cond, value = "k", "true"
		case "0..", "1..":
			cond, value = "k == 1", "3"
		case "pay":
			text = "system s;\nmessage X from m { p: payload; }\nchannel c from m to o;\nmachine m {\n    var k: " + start + ";\n    free f { send X { p: k }; }\n}\nmachine o { }\n"
		}
		text = strings.Replace(strings.Replace(text, "%s", cond, 1), "%s", value, 1)
		s, ds := Load(&diag.File{Name: "s.fsm", Text: []byte(text)})
		switch {
		case code == "" && len(ds) > 0, code != "" && (len(ds) != 1 || ds[0].Code != code):
			t.Errorf("%s: %v", start, ds)
		case code == "":
			if again, ds := Load(&diag.File{Name: "s.fsm", Text: []byte(s.String())}); len(ds) > 0 || again.Machines[0].Vars[0].Init != s.Machines[0].Vars[0].Init {
				t.Errorf("%s is printed as\n%s", start, s)
			}
		}
	}
	s, _ := Load(&diag.File{Name: "s.fsm", Text: []byte("system s;\nenum col { red, green }\nmachine m {\n    var k: col = green;\n    free f when k == red { k = green; }\n}\n")})
	if v := s.Machines[0].Vars[0]; v.Init != 1 || !strings.Contains(s.String(), "var k: col = green;") {
		t.Errorf("starts with %d:\n%s", v.Init, s)
	}
}

// What a memo recalls goes to the program at once: the proof knows of no other way of it.
func TestRecalledAnswers(t *testing.T) {
	const text = `system s;
enum fn { look, feel }
message X from m { p: payload; }
channel c from m to o;
machine m {
    var kept: payload;
    memo answers for fn;
    on call(c) { when hit(answers, c.fn, c.args) { STAGE } complete answer c.fn(kept); }
    free go { send X { p: kept }; }
    tail give(p: payload) { complete answer look(p); }
}
machine o { }
`
	for stage, want := range map[string]string{
		"complete answer c.fn(recalled(answers)); end;":                                           "",
		"when c.fn == look { complete answer c.fn(recalled(answers)); end; }":                     "",
		"kept = recalled(answers);":                                                               "misplaced-answer",
		"send X { p: recalled(answers) };":                                                        "misplaced-answer",
		"invoke c.fn(recalled(answers));":                                                         "misplaced-answer",
		"do give(recalled(answers)); end;":                                                        "misplaced-answer",
		"remember answers look(kept) = recalled(answers);":                                        "misplaced-answer",
		"end; } else { complete answer c.fn(recalled(answers));":                                  "misplaced-answer",
		"end; } when c.fn == look { complete answer c.fn(recalled(answers)); end;":                "misplaced-answer",
		"end; } when !hit(answers, c.fn, c.args) { complete answer c.fn(recalled(answers)); end;": "misplaced-answer",
	} {
		s := strings.Replace(text, "STAGE", stage, 1)
		_, ds := Load(&diag.File{Name: "s.fsm", Text: []byte(s)})
		if want == "" && len(ds) > 0 || want != "" && (len(ds) != 1 || ds[0].Code != want) {
			t.Errorf("%s: %v", stage, ds)
			continue
		}
		if want != "" {
			if at := ds[0].Labels[0].Span; s[at.Start:at.End] != "recalled(answers)" {
				t.Errorf("%s: at %q", stage, s[at.Start:at.End])
			}
		}
	}
}

// A built-in without arguments is refused wherever it stands.
func TestNoArguments(t *testing.T) {
	for _, fn := range []string{"next", "before", "fresh", "full", "unreadable", "running", "hit", "recalled"} {
		text := "system s;\nnumber num;\nmachine m {\n layer timer pace; var n: num; var x: bool while " + fn + "();\n free go when x || " + fn + "() { when n == " + fn +
			"() && " + fn + "() { n = " + fn + "(); x = !x; } }\n}\ninvariant i: " + fn + "();\nassert a: never " + fn + "();\n"
		_, ds := Load(&diag.File{Name: "s.fsm", Text: []byte(text)})
		if len(ds) == 0 {
			t.Errorf("%s() is accepted", fn)
		}
	}
}

// A parameter has a name of its own: beside a variable's, what is set by it would not be what is read.
func TestParameterNames(t *testing.T) {
	const text = "system s;\nmachine m {\n var x: 0..3; record r 2 slots { y: 0..3; }\n free go(A: 0..3, b: 0..3) { when B == b { x = B; } do t(B, x); }\n" +
		" tail t(C: 0..3, d: 0..3) { persist r { y: C }; when y == d { x = d; } }\n}\n"
	for _, c := range [][3]string{{"a", "c", ""}, {"x", "c", "x"}, {"y", "c", "y"}, {"b", "c", "b"}, {"a", "x", "x"}, {"a", "y", "y"}, {"a", "d", "d"}} {
		s := strings.NewReplacer("A", c[0], "B", c[0], "C", c[1]).Replace(text)
		_, ds := Load(&diag.File{Name: "s.fsm", Text: []byte(s)})
		if c[2] == "" && len(ds) > 0 || c[2] != "" && (len(ds) != 1 || ds[0].Code != "duplicate-name" || !strings.Contains(ds[0].Message, "`"+c[2]+"`")) {
			t.Errorf("%v: %v", c, ds)
		}
	}
}

// Where several calls may be outstanding, each end says of which.
func TestWhoseCallEnds(t *testing.T) {
	const text = `system s;
enum fn { look }
machine m {
    var kept: payload;
    on call(c) { kept = c.args; complete answer c.fn(none) of kept; }
    free give_up { complete timed_out look(none)END; }
}
machine o { }
`
	for end, want := range map[string]string{" of kept": "", "": "missing-field", " of 3": "type-mismatch"} {
		s := strings.Replace(text, "END", end, 1)
		sys, ds := Load(&diag.File{Name: "s.fsm", Text: []byte(s)})
		if want == "" && len(ds) > 0 || want != "" && (len(ds) != 1 || ds[0].Code != want) {
			t.Errorf("%q: %v", end, ds)
		}
		if want == "" {
			if again, ds := Load(&diag.File{Name: "s.fsm", Text: []byte(sys.String())}); len(ds) > 0 || !again.Machines[0].Lanes() {
				t.Errorf("printed as\n%s", sys)
			}
		}
	}
}
