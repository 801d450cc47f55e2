package codegen

import "testing"

func TestNames(t *testing.T) {
	for _, c := range []struct{ in, exported, local, c string }{
		{"sample", "Sample", "sample", "sample"},
		{"last_ce", "LastCe", "lastCe", "last_ce"},
		{"Reading", "Reading", "reading", "reading"},
		{"ANS", "ANS", "ans", "ans"},
		{"plotID_x", "PlotIDX", "plotIDX", "plot_id_x"},
		{"HTTPServer", "HTTPServer", "httpServer", "http_server"},
		{"type", "Type", "type_", "type"},
		{"int", "Int", "int_", "int_"},
		{"while", "While", "while", "while_"},
		{"_9", "X9", "x9", "x9"},
		{"", "X", "x", "x"},
	} {
		if got := GoName(c.in); got != c.exported {
			t.Errorf("GoName(%q) = %q, want %q", c.in, got, c.exported)
		}
		if got := GoLocal(c.in); got != c.local {
			t.Errorf("GoLocal(%q) = %q, want %q", c.in, got, c.local)
		}
		if got := CName(c.in); got != c.c {
			t.Errorf("CName(%q) = %q, want %q", c.in, got, c.c)
		}
	}
	if got := CName("soil", "probe", "onReq"); got != "soil_probe_on_req" {
		t.Errorf("CName of parts = %q", got)
	}
	if got := CMacro("soil", "Max"); got != "SOIL_MAX" {
		t.Errorf("CMacro = %q", got)
	}
	if got := GoPackage("Two_Words"); got != "twowords" {
		t.Errorf("GoPackage = %q", got)
	}
	if got := GoPackage("go"); got != "goproto" {
		t.Errorf("GoPackage of a keyword = %q", got)
	}
}

func TestSentence(t *testing.T) {
	for in, want := range map[string]string{"": "", "whoever crashes": "whoever crashes.", "Once.": "Once.", "really?\n": "really?", "two\nlines ": "two\nlines.", "and so on …": "and so on …"} {
		if got := Sentence(in); got != want {
			t.Errorf("Sentence(%q) = %q, want %q", in, got, want)
		}
	}
}
