package verify

import (
	"os"
	"strings"
	"testing"

	"sprocketc/diag"
	"sprocketc/fsm"
)

// What each line of the machine that stages is for: without it a handler is given what its call was not given. Some of these
// take more than a search of the whole system finds in a moment, so the machine alone is asked.
func TestIntactNeedsEachRule(t *testing.T) {
	text, err := os.ReadFile("../corpus/models/pieces.fsm")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, old, new string }{
		{"holds", "", ""},
		{"another value's pieces are taken", "when m.of != of || !takes(got, m.at, size) {", "when !takes(got, m.at, size) {"},
		{"what is there of one value counts for the next", "            got = none;\n        }\n        when !whole", "        }\n        when !whole"},
		{"the next value is not written down before its pieces", "            persist progress { kept_of: m.of, kept_size: m.size, kept: none };\n", ""},
		{"it is not asked whether all is there", "when !whole(got, size) {", "when !whole(got, size) && m.n == last {"},
		{"nor whether that is what was asked for", "        when m.of != of {\n            persist", "        when m.of != of && m.n == last {\n            persist"},
		{"after a start all of it counts", "        got = kept;\n", "        got = kept;\n        got = with(got, m_at);\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			changed := strings.Replace(string(text), c.old, c.new, 1)
			changed = strings.Replace(changed, "m_at", "any_at", 1)
			if strings.Contains(changed, "any_at") {
				changed = strings.Replace(changed, "    var got: pieces;\n", "    var got: pieces;\n    var any_at: piece;\n", 1)
				changed = strings.Replace(changed, "        of = kept_of;\n", "        of = kept_of;\n        any_at = lacking(kept, any_at, kept_size);\n", 1)
			}
			sys, ds := fsm.Load(&diag.File{Name: "pieces.fsm", Text: []byte(changed)})
			if len(ds) > 0 {
				t.Fatal(ds[0].Message)
			}
			m, err := prepare(fsm.Slice(fsm.Marked(sys)))
			if err != nil {
				t.Fatal(err)
			}
			states, broken, limit := m.stagesIntact(1, Options{})
			if limit != "" || (broken == "") != (c.old == "") || changed == string(text) != (c.old == "") {
				t.Errorf("%d states, broken by %q, limit %q", states, broken, limit)
			}
		})
	}
}
