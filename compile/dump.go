package compile

import (
	"fmt"
	"io"
	"reflect"
	"strings"

	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/schema"
	"sprocketc/solver"
)

// A Dump is a value of the pipeline that can be shown.
type Dump struct {
	Name string // "ast", "ir", "plan", "fsm" or "wire"
	Last Phase  // how far the pipeline must have gone
}

// Dumps lists what can be shown, in the order of the pipeline.
var Dumps = []Dump{{"ast", Parse}, {"ir", Lower}, {"plan", Solve}, {"fsm", Compose}, {"wire", Compose}}

// FindDump finds a dump by name. The error is a Usage.
func FindDump(name string) (Dump, error) {
	var names []string
	for _, d := range Dumps {
		if d.Name == name {
			return d, nil
		}
		names = append(names, d.Name)
	}
	return Dump{}, usagef("%q is no phase: the phases are %s", name, strings.Join(names, ", "))
}

// PrintDump shows a value for people. The pipeline must have reached it. The error is the writer's.
func PrintDump(w io.Writer, r *Result, d Dump, colour bool) error {
	b := &strings.Builder{}
	switch d.Name {
	case "ast":
		printValue(b, r.tree(r.Tree), "")
	case "ir":
		printValue(b, r.tree(r.Program), "")
	case "plan":
		return solver.Print(w, r.Plan, colour)
	case "fsm":
		b.WriteString(schema.Dump(r.System))
	case "wire":
		printWire(b, r.Plan)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// DumpJSON is a value of the pipeline for programs. The pipeline must have reached it.
func DumpJSON(r *Result, d Dump) any {
	out := map[string]any{"version": 1, "protocol": r.Name(), "phase": d.Name, "diagnostics": diag.JSON(r.Diagnostics)}
	switch d.Name {
	case "ast":
		out["ast"] = plain(r.tree(r.Tree))
	case "ir":
		out["ir"] = plain(r.tree(r.Program))
	case "plan":
		return solver.JSON(r.Plan)
	case "fsm":
		out["text"] = schema.Dump(r.System)
	case "wire":
		out["wire"] = wireJSON(r.Plan)
	}
	return out
}

func (r *Result) tree(v any) any {
	d := &dumper{lines: diag.NewLines(r.File)}
	return d.value(reflect.ValueOf(v), true)
}

// WireMessage is a kind of datagram for programs: where each field stands.
type WireMessage struct {
	Message  string      `json:"message"`
	Call     string      `json:"call"` // "" where the message has none
	Kind     int         `json:"kind"`
	From     string      `json:"from"`
	Fields   []WireField `json:"fields"`
	Padding  int         `json:"padding_bits"`
	Header   int         `json:"header_bytes"`
	Payload  []WireValue `json:"payload"`
	Checksum int         `json:"checksum_bytes"`
	Start    uint32      `json:"checksum_start"`
	Min      int         `json:"min_bytes"`
	Max      int         `json:"max_bytes"`
}

// WireField is a header field: Bits bits from bit Offset, the most significant first.
type WireField struct {
	Name   string `json:"name"`
	Offset int    `json:"offset_bits"`
	Bits   int    `json:"bits"`
}

// WireValue is a value of the payload, in the order of the wire.
type WireValue struct {
	Name string `json:"name"`
	Type string `json:"type"`
	Min  int    `json:"min_bytes"` // of the value alone
	Max  int    `json:"max_bytes"`
}

func wireJSON(p *ir.Plan) []WireMessage {
	out := []WireMessage{}
	for _, m := range p.Wire {
		x := WireMessage{Message: m.Message, Call: m.Fn, Kind: m.Kind, From: p.Interface.To.Name, Fields: []WireField{}, Header: m.Header,
			Payload: []WireValue{}, Checksum: m.Sum, Start: m.Seed, Min: m.Min, Max: m.Max}
		if m.Message == "REQ" {
			x.From = p.Interface.From.Name
		}
		at := 0
		for _, f := range m.Fields {
			x.Fields = append(x.Fields, WireField{f.Name, at, f.Bits})
			at += f.Bits
		}
		x.Padding = 8*m.Header - at
		for _, f := range m.Payload {
			lo, hi := f.Type.Bounds()
			x.Payload = append(x.Payload, WireValue{f.Name, typeText(f.Type), lo, hi})
		}
		out = append(out, x)
	}
	return out
}

func printWire(b *strings.Builder, p *ir.Plan) {
	for i, m := range wireJSON(p) {
		if i > 0 {
			b.WriteByte('\n')
		}
		size := fmt.Sprintf("%d bytes", m.Max)
		if m.Min != m.Max {
			size = fmt.Sprintf("%d to %d bytes", m.Min, m.Max)
		}
		fmt.Fprintf(b, "%s   from %s, %s\n", strings.TrimSpace(m.Message+" "+m.Call), m.From, size)
		for _, f := range m.Fields {
			value := ""
			if f.Offset == 0 {
				value = fmt.Sprintf(" = %d", m.Kind)
			}
			fmt.Fprintf(b, "  bit  %4d  %-12s %d bits%s\n", f.Offset, f.Name, f.Bits, value)
		}
		if m.Padding > 0 {
			fmt.Fprintf(b, "  bit  %4d  %-12s %d bits of zero\n", 8*m.Header-m.Padding, "padding", m.Padding)
		}
		for k, v := range m.Payload {
			at := "then"
			if k == 0 {
				at = fmt.Sprintf("%4d", m.Header)
			}
			fmt.Fprintf(b, "  byte %4s  %-12s %s\n", at, v.Name, v.Type)
		}
		if m.Checksum > 0 {
			fmt.Fprintf(b, "  last %d B   %-12s CRC-%d from 0x%0*x\n", m.Checksum, "checksum", 8*m.Checksum, 2*m.Checksum, m.Start)
		}
	}
}

func typeText(t *ir.Type) string {
	switch t.Kind {
	case ir.Bool:
		return "bool, 1 bit"
	case ir.Uint, ir.Int, ir.Float:
		name := map[ir.TypeKind]string{ir.Uint: "u", ir.Int: "i", ir.Float: "f"}[t.Kind]
		if t.Refined {
			return fmt.Sprintf("%s%d in %d..%d, %d bits, less %d", name, t.Bits, t.Lo, t.Hi, t.PackedBits(), t.Lo)
		}
		return fmt.Sprintf("%s%d, little-endian", name, t.Bits)
	case ir.Text, ir.Bytes:
		name := map[ir.TypeKind]string{ir.Text: "text", ir.Bytes: "bytes"}[t.Kind]
		if t.Fixed {
			return fmt.Sprintf("%s %d", name, t.Max)
		}
		return fmt.Sprintf("%s max %d, behind a length of %d bits", name, t.Max, t.LengthBits())
	case ir.Array:
		return fmt.Sprintf("%d of (%s)", t.Max, typeText(t.Elem))
	case ir.List:
		return fmt.Sprintf("max %d of (%s), behind a length of %d bits", t.Max, typeText(t.Elem), t.LengthBits())
	case ir.Option:
		return "1 bit, then if set: " + typeText(t.Elem)
	case ir.StructType:
		var fields []string
		for _, f := range t.Struct.Fields {
			fields = append(fields, f.Name+": "+typeText(f.Type))
		}
		return t.Struct.Name + " { " + strings.Join(fields, "; ") + " }"
	case ir.EnumType:
		return fmt.Sprintf("%s of %d members, %d bits", t.Enum.Name, len(t.Enum.Members), t.PackedBits())
	}
	return "unknown"
}
