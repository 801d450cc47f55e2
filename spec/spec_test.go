package spec

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"sprocketc/compile"
	"sprocketc/conform"
	"sprocketc/diag"
	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/schema"
	"sprocketc/verify"
)

func page(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// example is a fenced block: its language, the words behind it, its text.
type example struct {
	language string
	says     []string
	text     string
	line     int
}

var fence = regexp.MustCompile("(?ms)^```(\\S+)([^\n]*)\n(.*?)^```$")

func examples(t *testing.T, name, language string) []example {
	t.Helper()
	text := page(t, name)
	var out []example
	for _, m := range fence.FindAllStringSubmatchIndex(text, -1) {
		e := example{text[m[2]:m[3]], strings.Fields(text[m[4]:m[5]]), text[m[6]:m[7]], 1 + strings.Count(text[:m[0]], "\n")}
		if e.language == language {
			out = append(out, e)
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s has no example of %s", name, language)
	}
	return out
}

func run(t *testing.T, name, text string, last compile.Phase) *compile.Result {
	t.Helper()
	r, err := compile.Run(context.Background(), &diag.File{Name: name, Text: []byte(text)}, last, compile.Options{})
	if len(r.Diagnostics) > 0 {
		var b bytes.Buffer
		diag.Render(&b, r.Diagnostics, diag.Options{})
		t.Fatalf("%v\n%s", err, b.String())
	}
	return r
}

// expect holds a verdict against what stands behind an example's language: "holds", or "violated" with a property and
// the steps of its shortest run.
func expect(t *testing.T, report *verify.Report, says []string) {
	t.Helper()
	if len(says) == 0 || report.Verdict != says[0] {
		t.Fatalf("the verdict is %s (%s), the page says %v", report.Verdict, report.Why, says)
	}
	if says[0] != verify.Violated {
		return
	}
	i := slices.IndexFunc(report.Properties, func(p verify.Property) bool { return p.Name == says[1] })
	if i < 0 || report.Properties[i].Verdict != verify.Violated {
		t.Fatalf("%s is not violated", says[1])
	}
	if n := strconv.Itoa(len(report.Properties[i].Run.Steps)); len(says) < 3 || n != says[2] {
		t.Errorf("the run has %s steps, the page says %v", n, says)
	}
}

func TestSemantics(t *testing.T) {
	for _, e := range examples(t, "semantics.md", "sprocket") {
		t.Run(fmt.Sprint("line ", e.line), func(t *testing.T) {
			expect(t, run(t, "example.sprocket", e.text, compile.Verify).Report, e.says)
		})
	}
	// Each property that plans are checked for has its row.
	text := page(t, "semantics.md")
	row := regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\|")
	var rows []string
	for _, m := range row.FindAllStringSubmatch(text, -1) {
		rows = append(rows, m[1])
	}
	r := run(t, "example.sprocket", examples(t, "semantics.md", "sprocket")[0].text, compile.Compose)
	for _, p := range r.System.Checks {
		if !slices.Contains(rows, p) {
			t.Errorf("%s has no row", p)
		}
	}
}

func TestMachines(t *testing.T) {
	for _, e := range examples(t, "machines.md", "fsm") {
		t.Run(fmt.Sprint("line ", e.line), func(t *testing.T) {
			sys, found := fsm.Load(&diag.File{Name: "example.fsm", Text: []byte(e.text)})
			if len(e.says) > 0 && e.says[0] == "refused" {
				var codes []string
				for _, d := range found {
					codes = append(codes, d.Code)
				}
				if !slices.Equal(codes, e.says[1:]) {
					t.Errorf("refused with %q, the page says %q", codes, e.says[1:])
				}
				return
			}
			if len(found) > 0 {
				t.Fatal(found)
			}
			if printed := sys.String(); printed != e.text {
				t.Errorf("the example is printed as\n%s", printed)
			}
			report, err := verify.Check(sys, verify.Options{})
			if err != nil {
				t.Fatal(err)
			}
			expect(t, report, e.says)
			figures(t, report, e.says[1:])
		})
	}
}

// figures holds the answers to an example's queries against what stands behind its verdict: "NAME=1/8".
func figures(t *testing.T, report *verify.Report, says []string) {
	t.Helper()
	var want, got []string
	for _, w := range says {
		if strings.Contains(w, "=") {
			want = append(want, w)
		}
	}
	if report.Chain != nil {
		for _, f := range report.Chain.Figures {
			got = append(got, f.Name+"="+f.Value.Exact.RatString())
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the figures are %q, the page says %q", got, want)
	}
}

// Every word of the grammar that begins a declaration or a statement stands on the page.
func TestMachinesNamesEveryBuiltin(t *testing.T) {
	text := page(t, "machines.md")
	for _, word := range []string{"next", "before", "fresh", "full", "unreadable", "running", "hit", "recalled"} {
		if !strings.Contains(text, "| `"+word+"(") {
			t.Errorf("%s has no row", word)
		}
	}
	for _, word := range []string{"send", "persist", "start", "again", "cancel", "invoke", "complete", "do", "end", "when", "note", "breach", "ask", "remember", "forget"} {
		if !strings.Contains(text, "| `"+word) {
			t.Errorf("%s has no row", word)
		}
	}
}

var wireLine = regexp.MustCompile(`^(\S+)((?: [a-z_]+=\d+)*) +-> ([0-9a-f ]+)$`)

// The wire page has one program, and lines of datagrams and slots: "REQ.water ce=1 n=2 litres=3 -> 0a 1b".
func TestWire(t *testing.T) {
	r := run(t, "example.sprocket", examples(t, "wire.md", "sprocket")[0].text, compile.Compose)
	text := page(t, "wire.md")
	updated := text
	n := 0
	for _, e := range examples(t, "wire.md", "wire") {
		for line := range strings.Lines(e.text) {
			m := wireLine.FindStringSubmatch(strings.TrimSpace(line))
			if m == nil {
				t.Errorf("%q is no example", line)
				continue
			}
			n++
			values := map[string]uint64{}
			for _, f := range strings.Fields(m[2]) {
				name, value, _ := strings.Cut(f, "=")
				v, err := strconv.ParseUint(value, 10, 32)
				if err != nil {
					t.Fatal(err)
				}
				values[name] = v
			}
			kind, what, _ := strings.Cut(m[1], ".")
			var got []byte
			if kind == "slot" {
				got = slot(t, r.Plan, what, values)
			} else {
				got = datagram(t, r, kind, what, values)
			}
			if len(values) > 0 {
				t.Errorf("%s: there is no %v", m[1], values)
			}
			if text := fmt.Sprintf("% x", got); text != m[3] {
				t.Errorf("%s is %s, the page says %s (SPROCKET_UPDATE=1 rewrites it)", m[1], text, m[3])
				updated = strings.Replace(updated, line, strings.Replace(line, "-> "+m[3], "-> "+text, 1), 1)
			}
		}
	}
	if n < 5 {
		t.Errorf("%d datagrams", n)
	}
	// The table of the layout is what the plan says.
	rows := ""
	for _, w := range r.Plan.Wire {
		var fields []string
		for _, f := range w.Fields {
			fields = append(fields, fmt.Sprintf("%s %d", f.Name, f.Bits))
		}
		name := strings.TrimSuffix(w.Message+"."+w.Fn, ".")
		rows += fmt.Sprintf("| `%s` | %d | %s | %d | %d..%d |\n", name, w.Kind, strings.Join(fields, ", "), w.Header, w.Min, w.Max)
	}
	if table := regexp.MustCompile("(?m)(^\\| `[A-Z][^\n]*\n)+").FindString(updated); table != rows {
		t.Errorf("the table of the layout is (SPROCKET_UPDATE=1 rewrites it)\n%s", rows)
		updated = strings.Replace(updated, table, rows, 1)
	}
	if updated != text && os.Getenv("SPROCKET_UPDATE") == "1" {
		if err := os.WriteFile("wire.md", []byte(updated), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func take(values map[string]uint64, name string) uint64 {
	v := values[name]
	delete(values, name)
	return v
}

// datagram by the reference codec; values that it has are taken out.
func datagram(t *testing.T, r *compile.Result, message, fn string, values map[string]uint64) []byte {
	t.Helper()
	i := slices.IndexFunc(r.Plan.Wire, func(w ir.WireMessage) bool { return w.Message == message && w.Fn == fn })
	if i < 0 {
		t.Fatalf("there is no %s of %q", message, fn)
	}
	w := &r.Plan.Wire[i]
	msg := r.System.Message(message)
	fields := make([]uint32, len(msg.Fields))
	for _, f := range w.Fields[1:] {
		fields[msg.Index(f.Name)] = uint32(take(values, f.Name))
	}
	var payload []any
	for _, f := range w.Payload {
		v := any(take(values, f.Name))
		if f.Type.Enum != nil {
			v = int(v.(uint64))
		}
		payload = append(payload, v)
	}
	b, err := ir.TryEncode(w.Payload, payload)
	if err != nil {
		t.Fatal(err)
	}
	d := conform.Encode(w, msg, fields, b)
	if _, back, _, why := conform.Decode(r.System, []*ir.WireMessage{w}, d); why != "" || !slices.Equal(back, fields) {
		t.Errorf("%s reads back as %v (%s), not %v", hex.EncodeToString(d), back, why, fields)
	}
	return d
}

// slot of a record as the page describes it.
func slot(t *testing.T, p *ir.Plan, name string, values map[string]uint64) []byte {
	t.Helper()
	for _, m := range p.Peers {
		for _, l := range m.Records {
			if l.Name != name {
				continue
			}
			b := []byte{byte(take(values, "sequence"))}
			var bits []byte
			for _, f := range l.Fields {
				v := take(values, f.Name)
				for i := f.Bits - 1; i >= 0; i-- {
					bits = append(bits, byte(v>>i&1))
				}
			}
			for i, bit := range bits {
				if i%8 == 0 {
					b = append(b, 0)
				}
				b[len(b)-1] |= bit << (7 - i%8)
			}
			sum := ir.CRC16(uint16(l.Seed), b)
			b = append(b, byte(sum>>8), byte(sum))
			if len(b) != l.SlotSize {
				t.Errorf("a slot of %s has %d bytes, not %d", name, l.SlotSize, len(b))
			}
			return b
		}
	}
	t.Fatalf("there is no record %s", name)
	return nil
}

// owner tells the feature of tags that say how it is had.
var owner = map[string][]string{
	"stable caller epoch": {schema.CallerEpoch}, "random caller epoch": {schema.CallerEpoch}, "volatile caller epoch": {schema.CallerEpoch},
	"stable callee epoch": {schema.CalleeEpoch}, "random callee epoch": {schema.CalleeEpoch}, "volatile callee epoch": {schema.CalleeEpoch},
	"one slot": {schema.TwoSlots}, "may have run": {schema.OutcomeUnknown, schema.OutcomeRestart},
	"intent after start": {schema.IntentRecord}, "any epoch": {schema.ChallengeEcho},
}

// stagesOf tells in which events and tails of the sources a feature has stages: "caller call, transmit; callee REQ".
func stagesOf(sys *fsm.System, feature string) string {
	mine := func(t fsm.Tag) bool {
		for _, and := range t {
			for _, l := range and {
				if l.Feature == feature || slices.Contains(owner[l.Feature], feature) {
					return true
				}
			}
		}
		return false
	}
	var machines []string
	for _, m := range sys.Machines {
		var places []string
		see := func(name string, tag fsm.Tag, body []*fsm.Stage) {
			found := mine(tag)
			fsm.WalkStages(body, func(s *fsm.Stage) { found = found || mine(s.Tag) })
			if found {
				places = append(places, name)
			}
		}
		for _, e := range m.Events {
			see(e.Name, e.Tag, e.Body)
		}
		for _, x := range m.Tails {
			see(x.Name, x.Tag, x.Body)
		}
		if len(places) > 0 {
			machines = append(machines, m.Name+" "+strings.Join(places, ", "))
		}
	}
	if len(machines) == 0 {
		return "none"
	}
	return strings.Join(machines, "; ")
}

// facts of a feature as the page lists them.
func facts(sys *fsm.System, d schema.Declaration) string {
	var b strings.Builder
	list := func(label string, items []string) {
		if len(items) > 0 {
			fmt.Fprintf(&b, "- %s: %s\n", label, strings.Join(items, "; "))
		}
	}
	list("gives", d.Gives)
	var needs, ways, params []string
	for _, n := range d.Needs {
		text := "`" + n.Feature + "`"
		if n.Source != "" {
			text += " where it is " + n.Source
		}
		if len(n.When) > 0 {
			text += " with " + all(n.When)
		}
		needs = append(needs, text)
	}
	list("needs", needs)
	for _, w := range d.Ways {
		text := w.Source + w.Variant
		if w.Width > 0 {
			text = fmt.Sprintf("%d bits", w.Width)
		}
		if text == "" {
			text = "one way"
		}
		for _, r := range w.Needs {
			text += ", with " + string(r)
		}
		if len(w.For) > 0 {
			text += ", where " + strings.Join(w.For, " or ") + " is optimised"
		}
		if w.Starts > 0 {
			text += ", written at each start"
		}
		if w.Last {
			text += ", where there is no plan without"
		}
		for _, f := range w.Forbids {
			text += ", not for " + all(f)
		}
		if w.Forced {
			text += ", by force only"
		}
		if text != "one way" {
			ways = append(ways, text)
		}
	}
	list("ways", ways)
	for _, p := range d.Params {
		text := fmt.Sprintf("`%s` %d..%d", p.Name, p.Lo, p.Hi)
		if len(p.Only) > 0 {
			text = fmt.Sprintf("`%s` %s", p.Name, strings.Trim(strings.Join(strings.Fields(fmt.Sprint(p.Only)), ", "), "[]"))
		}
		params = append(params, text)
	}
	list("parameters", params)
	list("stages", []string{stagesOf(sys, d.Name)})
	return b.String()
}

func all(facts []schema.Fact) string {
	var out []string
	for _, f := range facts {
		out = append(out, string(f))
	}
	return strings.Join(out, " and ")
}

// Each feature has a section, in the schema's order, with its sentence and its facts; each goal and each variant a row.
func TestSchema(t *testing.T) {
	text := page(t, "schema.md")
	source := page(t, "../schema/call.fsm")
	sys, found := fsm.Parse(&diag.File{Name: "call.fsm", Text: []byte(source)})
	if len(found) > 0 {
		t.Fatal(found)
	}
	heading := regexp.MustCompile("(?m)^### `([a-z ]+)`$")
	list := regexp.MustCompile("(?m)(^- .*\n)+") // the first is of facts
	updated := text
	var names, want []string
	for _, m := range heading.FindAllStringSubmatch(text, -1) {
		names = append(names, m[1])
	}
	for _, d := range schema.Declarations {
		want = append(want, d.Name)
		_, section, _ := strings.Cut(text, "\n### `"+d.Name+"`\n")
		section, _, _ = strings.Cut(section, "\n##")
		if flat := strings.Join(strings.Fields(section), " "); !strings.Contains(flat, sentence(d.Sentence)) {
			t.Errorf("%s: the sentence is %q", d.Name, sentence(d.Sentence))
		}
		if f := facts(sys, d); list.FindString(section) != f {
			t.Errorf("%s: the facts are (SPROCKET_UPDATE=1 rewrites them)\n%s", d.Name, f)
			updated = strings.Replace(updated, section, strings.Replace(section, list.FindString(section), f, 1), 1)
		}
	}
	if updated != text && os.Getenv("SPROCKET_UPDATE") == "1" {
		if err := os.WriteFile("schema.md", []byte(updated), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if !slices.Equal(names, want) {
		t.Errorf("the sections are %q", names)
	}
	for _, g := range schema.Goals {
		if row := fmt.Sprintf("| %s | %s | %s |", g.Name, all(g.When), g.Else); !strings.Contains(text, row) {
			t.Errorf("no row %s", row)
		}
	}
	for _, v := range schema.Variants {
		if row := fmt.Sprintf("| `%s` | %s |", v.Name, v.Sentence); !strings.Contains(text, row) {
			t.Errorf("no row %s", row)
		}
	}
}

func sentence(s string) string { return strings.ToUpper(s[:1]) + s[1:] + "." }
