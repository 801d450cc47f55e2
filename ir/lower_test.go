package ir

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"sprocketc/diag"
	"sprocketc/lang"
)

func lower(t *testing.T, name, text string) (*Program, []diag.Diagnostic) {
	t.Helper()
	f, found := lang.Parse(&diag.File{Name: name, Text: []byte(text)})
	if len(found) > 0 {
		t.Fatalf("%s: %v", name, found)
	}
	return Lower(f)
}

func TestLowerSoil(t *testing.T) {
	text, err := os.ReadFile("../corpus/examples/soil.sprocket")
	if err != nil {
		t.Fatal(err)
	}
	p, found := lower(t, "soil.sprocket", string(text))
	if len(found) > 0 {
		t.Fatal(found)
	}
	if p.Name != "soil" || p.Doc != "A moisture probe in a field, and the gateway that asks it over a poor radio." {
		t.Errorf("name %q, doc %q", p.Name, p.Doc)
	}
	probe, radio, field := p.Peers[1], p.Channels[0], p.Interfaces[0]
	if probe.Stable.N != 32 || probe.RAM.N != 1024 || probe.Flash.N != 6144 || probe.Drift != 0.01 || probe.Emit[0].Language != "c" {
		t.Errorf("probe: %+v", probe)
	}
	if radio.A != p.Peers[0] || radio.B != probe || radio.OneWay || radio.Over != "udp" || radio.Unit.N != 64 || radio.Loses.P != 0.2 ||
		radio.Reorders.Within != 4 || radio.Corrupts.Unseen != 1.0/65536 || radio.Delays.Min != 10*time.Millisecond ||
		radio.Delays.Max != 400*time.Millisecond || radio.Rate.Datagrams != 20 || radio.Rate.Bytes != 0 || radio.Lives != nil {
		t.Errorf("radio: %+v", radio)
	}
	if field.From != p.Peers[0] || field.To != probe || field.Channel != radio || field.Default != 30*time.Second {
		t.Errorf("field: %+v", field)
	}
	sample, schedule, water := field.Calls[0], field.Calls[1], field.Calls[2]
	if sample.Kind != Pure || sample.Cache.N != 16 || sample.Cache.For != 30*time.Second || sample.Within.T != 2*time.Second || sample.Within.P != 0.999 {
		t.Errorf("sample: %+v", sample)
	}
	if sample.Result.Struct != p.Structs[0] || schedule.Result != nil || schedule.Kind != Idempotent || water.Result.Enum != p.Enums[0] {
		t.Errorf("results: %+v %+v %+v", sample.Result, schedule.Result, water.Result)
	}
	if water.Log.N != 8 || water.Within.P != 0 || water.Doc != "Opens the valve. The world changes, so it runs at most once, whoever crashes." {
		t.Errorf("water: %+v", water)
	}
	for _, c := range []struct {
		got  Clause
		text string
		line int
	}{
		{probe.Clause, "peer probe", 19},
		{*probe.Crashes, "crashes", 21},
		{radio.Loses.Clause, "loses 20%", 31},
		{radio.Reorders.Clause, "reorders within 4", 33},
		{water.Clause, "call water(plot u8, litres u8) Outcome", 54},
		{water.KindAt, "effect", 55},
		{sample.Within.Clause, "within 2s at 99.9%", 45},
		{p.Structs[0].Fields[1].Clause, "moisture u16 in 0..1000", 6},
	} {
		if c.got.Text != c.text || c.got.Line != c.line || strings.Join(strings.Fields(c.got.Span.Text()), " ") != c.text {
			t.Errorf("clause %q at %d, spanning %q; want %q at %d", c.got.Text, c.got.Line, c.got.Span.Text(), c.text, c.line)
		}
	}
	if lo, hi := sample.Result.Bounds(); lo != 4 || hi != 28 {
		t.Errorf("a reading takes %d..%d bytes", lo, hi)
	}
}

const skeleton = `protocol p
peer a { emit go }
peer b { emit c }
channel net { between a and b }
`

func TestLowerClauseOfSeveralLines(t *testing.T) {
	p, found := lower(t, "x", skeleton+`interface I from a to b on net {
    within 5s
    force { duplicate suppression off; number width 3 }
    call f(
        x u8, // the first
        y u8,
    ) bool { idempotent; commutes }
}`)
	if len(found) > 0 {
		t.Fatal(found)
	}
	i := p.Interfaces[0]
	if got := i.Calls[0].Clause.Text; got != "call f( x u8, y u8, ) bool" {
		t.Errorf("clause %q", got)
	}
	if i.Default != 5*time.Second || i.DefaultAt.Text != "within 5s" || i.Calls[0].Commutes == nil {
		t.Errorf("%+v", i)
	}
	if i.Force[0].Feature != "duplicate suppression" || i.Force[0].Value != "off" || i.Force[1].Feature != "number" || i.Force[1].Value != "width 3" {
		t.Errorf("%+v", i.Force)
	}
}

func TestLowerTooLarge(t *testing.T) {
	_, found := lower(t, "x", skeleton+`
struct Outer { n u8; inner list of Inner max 16000000; }
struct Inner { x list of list of u64 max 10000000 max 10000000 }
enum One { only }
interface I from a to b on net {
    call f(o Outer) u8
    call g(many One[16000000][16000000])
    call h() bytes max 16MiB
    call i() bytes max 15MiB
}`)
	want := []string{"struct `Inner` is larger than 16 MiB", "the request of `g` is larger than 16 MiB", "the answer of `h` is larger than 16 MiB"}
	if len(found) != len(want) {
		t.Fatal(found)
	}
	for i, d := range found {
		if d.Message != want[i] || d.Code != "too-large" {
			t.Errorf("%s: %s", d.Code, d.Message)
		}
	}
}

// A long chain of structs that double is judged in linear time, and reported once, where it outgrows the bound.
func TestLowerLongChain(t *testing.T) {
	var b strings.Builder
	b.WriteString(skeleton)
	const n = 10000
	for i := range n {
		next := "u8"
		if i+1 < n {
			next = "S" + strconv.Itoa(i+1)
		}
		b.WriteString("struct S" + strconv.Itoa(i) + " { a " + next + "; b " + next + " }\n")
	}
	b.WriteString("interface I from a to b on net { call f(x S0) }\n")
	begin := time.Now()
	_, found := lower(t, "x", b.String())
	if len(found) != 1 || found[0].Message != "struct `S"+strconv.Itoa(n-24)+"` is larger than 16 MiB" {
		t.Error(found)
	}
	if took := time.Since(begin); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestLowerRefusesWhatCheckRefuses(t *testing.T) {
	p, found := lower(t, "x", skeleton+"interface I from a to c on net {\n call f() Unknown\n}")
	if p != nil || len(found) != 2 || found[0].Code != "unknown-name" {
		t.Fatal(p, found)
	}
}

// The example of `too-large` in spec/diagnostics.md.
func TestTooLargeSpec(t *testing.T) {
	text, err := os.ReadFile("../spec/diagnostics.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## `too-large`\n")
	_, program, _ := strings.Cut(section, "```sprocket\n")
	program, _, ok := strings.Cut(program, "```")
	if !ok {
		t.Fatal("no example")
	}
	_, found := lower(t, "too-large", program)
	if len(found) != 1 || found[0].Code != "too-large" {
		t.Fatal(found)
	}
	line := strings.Split(program, "\n")[diag.NewLines(found[0].Primary().File).Line(found[0].Primary().Start)-1]
	if !strings.Contains(line, "//~ too-large: "+found[0].Message) {
		t.Errorf("%q is not annotated with %q", line, found[0].Message)
	}
}
