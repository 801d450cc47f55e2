package schema

import (
	"fmt"
	"math"
	"reflect"
	"strings"

	"sprocketc/fsm"
	"sprocketc/ir"
)

// CodeTerms counts what the code of a machine consists of, as far as its size depends on it: the features of the plan, the
// machine's actions and expressions, the calls, the fields of datagrams and records, and the parts of the values that are
// written and read. Names begin with the machine's own, since the same part costs another amount in the caller and in the
// callee.
func CodeTerms(p *ir.Plan, s *fsm.System, m *fsm.Machine) map[string]float64 {
	t := terms{of: map[string]float64{}, role: m.Name}
	t.add("code", 1)
	for tag, on := range Tags(p) {
		if on {
			t.add("feature "+tag, 1)
		}
	}
	t.add(fmt.Sprintf("checksum of %d bytes", checksumBytes(p)), 1)
	if own := t; m.Lanes() || p.Has(Window) { // in lanes the same part is a function that is called more often, and costs another amount
		own.role += " in lanes"
		own.add("code", 1)
		own.add("lanes", float64(p.Interface.Lanes()))
		own.machine(p, s, m)
	} else {
		t.machine(p, s, m)
	}
	t.intervals(p, m)
	t.wire(p, s, m)
	t.calls(p, m)
	if p.Interface.Channel.Over == "serial" {
		t.add("framing", 1)
	}
	return t.of
}

type terms struct {
	of   map[string]float64
	role string
}

func (t terms) add(name string, n float64) {
	if n != 0 {
		t.of[t.role+": "+name] += n
	}
}

// some counts a part once, however often it is used.
func (t terms) some(name string) { t.of[t.role+": any "+name] = 1 }

func (t terms) machine(p *ir.Plan, s *fsm.System, m *fsm.Machine) {
	m.Stages(func(st *fsm.Stage) {
		kind := strings.ToLower(reflect.TypeOf(st.Stmt).Elem().Name())
		lane := func(name string) string { return strings.TrimRight(name, "0123456789") }
		switch x := st.Stmt.(type) {
		case *fsm.Start:
			kind += " " + lane(x.Timer)
			if x.Again {
				kind += " again"
			}
		case *fsm.Send:
			kind += " " + x.Message
		case *fsm.Do:
			kind += " " + lane(x.Tail)
		}
		t.add(kind, 1)
		for _, e := range fsm.Reads(st.Stmt) {
			fsm.WalkExpr(e, func(e fsm.Expr) {
				switch x := e.(type) {
				case *fsm.Binary:
					t.add("operator "+x.Op, 1)
				case *fsm.Call:
					t.add("test "+x.Fn, 1)
				case *fsm.In:
					if set := s.Set(x.Set); set != nil && len(s.Enums) > 0 {
						// A test for all but a few is one for those few.
						t.add("comparison of a function", float64(min(len(set.Members), functions(s)-len(set.Members))))
					}
				case *fsm.Select:
					t.add("field of the event", 1)
				}
			})
		}
	})
	for _, v := range m.Vars {
		if v.Type.Kind != fsm.Payload {
			t.add(fmt.Sprintf("variable of %d bytes", scalar(fieldBits(s, v.Type))), 1)
		}
	}
	for _, r := range m.Records {
		t.add(fmt.Sprintf("record in %d slots", r.Slots), 1)
		t.add("fields of records", float64(len(r.Fields)))
		for _, f := range r.Fields {
			t.add("bits of records", float64(fieldBits(s, f.Type)))
			if f.Type.Kind == fsm.Payload && recorded(p, m) > 0 {
				t.add("values in records", 1)
			}
		}
	}
	t.add("timer", float64(len(m.Timers)))
}

// intervals counts what is told apart in tables of times. They come from the plan, since a system may be composed before they
// are known.
func (t terms) intervals(p *ir.Plan, m *fsm.Machine) {
	ends, firsts := map[uint32]bool{}, map[fsm.Interval]bool{}
	for _, s := range p.Schedules {
		ends[ms(s.Expires)], firsts[fsm.Interval{First: ms(s.First), Cap: ms(s.Cap)}] = true, true
	}
	for _, timer := range m.Timers {
		switch {
		case strings.HasPrefix(timer.Name, "expire"):
			t.add("times of calls", float64(len(ends)-1))
		case strings.HasPrefix(timer.Name, "retry"):
			t.add("intervals", float64(len(firsts)-1))
			if doubles(p) {
				t.add("doubling", 1)
			}
		}
	}
}

func functions(s *fsm.System) int {
	if e := s.Enum("fn"); e != nil {
		return len(e.Members)
	}
	return 0
}

func (t terms) wire(p *ir.Plan, s *fsm.System, m *fsm.Machine) {
	for i := range p.Wire {
		w := &p.Wire[i]
		way := "received"
		if msg := s.Message(w.Message); msg != nil && msg.From == m.Name {
			way = "sent"
		}
		t.add("kind "+way, 1)
		t.of[t.role+": message "+way+" "+w.Message] = 1
		for _, f := range w.Fields[1:] {
			t.of[t.role+": header field "+way+" "+w.Message+" "+f.Name] = 1
			t.add("header fields "+way, 1)
		}
		if w.Max > 255 {
			t.some("long datagram " + way)
		}
	}
}

// calls counts the program's values: what the caller writes the callee reads.
func (t terms) calls(p *ir.Plan, m *fsm.Machine) {
	args, result := "write", "read"
	if m.Name == "callee" {
		args, result = result, args
	}
	seen := map[string]bool{}
	for _, c := range p.Interface.Calls {
		t.add("call", 1)
		t.add("call "+c.Kind.String(), 1)
		if len(c.Params) > 0 {
			t.add("call with arguments", 1)
			t.some("arguments")
		}
		if len(c.Params) > 1 {
			t.add("further arguments", float64(len(c.Params)-1))
		}
		if c.Result != nil {
			t.add("call with a result", 1)
			t.some("result")
			if c.Result.Kind == ir.StructType {
				t.add("call with a struct as result", 1)
			}
			t.value(result, c.Result, seen)
		}
		for _, f := range c.Params {
			t.value(args, f.Type, seen)
			if c.Kind == ir.ExactlyOnce && m.Name == "caller" { // a late answer is reported with them
				t.value("read", f.Type, seen)
			}
		}
		if c.Cache != nil {
			t.add("cached call", 1)
			t.add("depth of a cache", math.Log2(float64(c.Cache.N)))
		}
		if c.Log != nil {
			t.add("logged call", 1)
		}
	}
}

// value counts the parts of a value; a struct's once in each direction, since it has a function of its own.
func (t terms) value(how string, ty *ir.Type, seen map[string]bool) {
	t.some(how)
	kind := map[ir.TypeKind]string{ir.Bool: "bool", ir.Uint: "integer", ir.Int: "integer", ir.Float: "float", ir.Text: "text", ir.Bytes: "bytes",
		ir.Array: "array", ir.List: "list", ir.Option: "option", ir.StructType: "struct", ir.EnumType: "enum"}[ty.Kind]
	switch ty.Kind {
	case ir.Uint, ir.Int, ir.Float:
		if ty.Refined {
			kind = "refined " + kind
		}
		if ty.Kind == ir.Int {
			kind = "signed " + kind
		}
		kind = fmt.Sprintf("%s of %d bits", kind, ty.Bits)
	case ir.Bytes:
		if ty.Fixed {
			kind = "fixed bytes"
		}
	}
	t.add(how+" "+kind, 1)
	switch {
	case ty.Kind == ir.Float, (ty.Kind == ir.Uint || ty.Kind == ir.Int) && !ty.Refined:
		t.some(how + " whole integers")
	case ty.Kind == ir.Text, ty.Kind == ir.Bytes:
		t.some(how + " bytes")
	default:
		t.some(how + " packed")
	}
	if ty.Elem != nil {
		t.value(how, ty.Elem, seen)
	}
	if ty.Kind == ir.StructType {
		key := how + " " + ty.Struct.Name
		if seen[key] {
			return
		}
		seen[key] = true
		t.add(how+" struct's own", 1)
		for _, f := range ty.Struct.Fields {
			t.value(how, f.Type, seen)
		}
	}
}
