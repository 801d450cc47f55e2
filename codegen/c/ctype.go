package cgen

import (
	"fmt"
	"math"

	"sprocketc/codegen"
	"sprocketc/ir"
)

// typeName is a struct or an enum of the program in C: it belongs to the protocol, not to the peer.
func (g *gen) typeName(name string) string { return codegen.CName(g.in.Plan.Program.Name, name) }

func (g *gen) enumConst(e *ir.Enum, member string) string {
	return codegen.CMacro(g.in.Plan.Program.Name, e.Name, member)
}

// bundle is a parameter or a result that C cannot pass by value: it gets a struct of its own.
type bundle struct {
	ctype string
	what  string // "parameter plots", "result"
	t     *ir.Type
}

// bundles lists the parameters and the result of a call that are lists, texts, options or arrays.
func (g *gen) bundles(c *ir.Call) []bundle {
	var out []bundle
	for _, p := range c.Params {
		if !scalar(p.Type) && p.Type.Kind != ir.StructType {
			out = append(out, bundle{codegen.CName(g.in.Plan.Program.Name, c.Name, p.Name), "parameter " + p.Name, p.Type})
		}
	}
	if c.Result != nil && !scalar(c.Result) && c.Result.Kind != ir.StructType {
		out = append(out, bundle{codegen.CName(g.in.Plan.Program.Name, c.Name, "result"), "result", c.Result})
	}
	return out
}

func scalar(t *ir.Type) bool {
	switch t.Kind {
	case ir.Bool, ir.Uint, ir.Int, ir.Float, ir.EnumType:
		return true
	}
	return false
}

// types gathers the program's types that this interface's calls use.
func (g *gen) types() {
	seenS, seenE := map[*ir.Struct]bool{}, map[*ir.Enum]bool{}
	var visit func(t *ir.Type, depth int)
	visit = func(t *ir.Type, depth int) {
		if t == nil || depth > 64 {
			return
		}
		visit(t.Elem, depth+1)
		if t.Kind == ir.EnumType && t.Enum != nil && !seenE[t.Enum] {
			seenE[t.Enum] = true
			g.enums = append(g.enums, t.Enum)
			if len(t.Enum.Members) > 256 {
				g.fail("the enum %s has %d members", t.Enum.Name, len(t.Enum.Members))
			}
		}
		if t.Kind == ir.StructType && t.Struct != nil && !seenS[t.Struct] {
			seenS[t.Struct] = true
			for _, f := range t.Struct.Fields {
				visit(f.Type, depth+1)
			}
			g.structs = append(g.structs, t.Struct)
		}
	}
	for _, c := range g.calls {
		for _, p := range c.Params {
			visit(p.Type, 0)
		}
		visit(c.Result, 0)
	}
}

// uintFor is the smallest unsigned C type with that many bits.
func uintFor(bits int) string { return fmt.Sprintf("uint%d_t", widthFor(bits)) }

func widthFor(bits int) int {
	switch {
	case bits <= 8:
		return 8
	case bits <= 16:
		return 16
	case bits <= 32:
		return 32
	}
	return 64
}

// scalarType is the C type of a scalar.
func (g *gen) scalarType(t *ir.Type) string {
	switch t.Kind {
	case ir.Bool:
		return "bool"
	case ir.Uint:
		return fmt.Sprintf("uint%d_t", t.Bits)
	case ir.Int:
		return fmt.Sprintf("int%d_t", t.Bits)
	case ir.Float:
		if t.Bits == 32 {
			return "float"
		}
		return "double"
	case ir.EnumType:
		return g.typeName(t.Enum.Name)
	}
	return ""
}

// declare prints a member or variable of a type. Lists and texts carry their size, options whether they are present.
func (g *gen) declare(t *ir.Type, name string) string {
	switch t.Kind {
	case ir.StructType:
		return fmt.Sprintf("%s %s;", g.typeName(t.Struct.Name), name)
	case ir.Text, ir.Bytes:
		if t.Kind == ir.Bytes && t.Fixed {
			return fmt.Sprintf("uint8_t %s[%d];", name, atLeastOne(t.Max))
		}
		return fmt.Sprintf("struct {\n%s size;\nuint8_t bytes[%d];\n} %s;", uintFor(bitsFor(uint64(t.Max))), atLeastOne(t.Max), name)
	case ir.Array:
		return g.declare(t.Elem, fmt.Sprintf("%s[%d]", name, atLeastOne(t.Max)))
	case ir.List:
		return fmt.Sprintf("struct {\n%s size;\n%s\n} %s;", uintFor(bitsFor(uint64(t.Max))),
			g.declare(t.Elem, fmt.Sprintf("items[%d]", atLeastOne(t.Max))), name)
	case ir.Option:
		return fmt.Sprintf("struct {\nbool present;\n%s\n} %s;", g.declare(t.Elem, "value"), name)
	}
	return fmt.Sprintf("%s %s;", g.scalarType(t), name)
}

// members prints what stands in the struct of a bundle.
func (g *gen) members(t *ir.Type) string {
	switch t.Kind {
	case ir.Text, ir.Bytes:
		if t.Kind == ir.Bytes && t.Fixed {
			return g.declare(t, "bytes")
		}
		return fmt.Sprintf("%s size;\nuint8_t bytes[%d];", uintFor(bitsFor(uint64(t.Max))), atLeastOne(t.Max))
	case ir.Array:
		return g.declare(t, "items")
	case ir.List:
		return fmt.Sprintf("%s size;\n%s", uintFor(bitsFor(uint64(t.Max))), g.declare(t.Elem, fmt.Sprintf("items[%d]", atLeastOne(t.Max))))
	}
	return fmt.Sprintf("bool present;\n%s", g.declare(t.Elem, "value"))
}

// atLeastOne: C99 has no empty arrays.
func atLeastOne(n int) int { return max(n, 1) }

// passed is the C type by which a value is handed to the program or taken from it, and whether that is a pointer.
func (g *gen) passed(c *ir.Call, t *ir.Type, name string) (ctype string, pointer bool) {
	switch {
	case scalar(t):
		return g.scalarType(t), false
	case t.Kind == ir.StructType:
		return g.typeName(t.Struct.Name), true
	}
	return codegen.CName(g.in.Plan.Program.Name, c.Name, name), true
}

// typesSection declares the program's types once, however many of the protocol's headers are included.
func (g *gen) typesSection(t *text) {
	bundles := 0
	for _, c := range g.calls {
		bundles += len(g.bundles(c))
	}
	if len(g.enums)+len(g.structs)+bundles == 0 {
		return
	}
	guard := codegen.CMacro(g.in.Plan.Program.Name, g.in.Plan.Interface.Name, "types")
	t.p("#ifndef %s", guard)
	t.p("#define %s", guard)
	t.p("")
	for _, e := range g.enums {
		if e.Doc != "" {
			t.doc(e.Doc)
		}
		t.p("typedef uint8_t %s;", g.typeName(e.Name))
		t.p("enum {")
		for i, m := range e.Members {
			t.p("%s = %d,", g.enumConst(e, m), i)
		}
		t.p("};")
		t.p("")
	}
	for _, s := range g.structs {
		if s.Doc != "" {
			t.doc(s.Doc)
		}
		t.p("typedef struct %s {", g.typeName(s.Name))
		for _, f := range s.Fields {
			if f.Doc != "" {
				t.doc(f.Doc)
			}
			t.p("%s%s", g.declare(f.Type, codegen.CName(f.Name)), rangeNote(f.Type))
		}
		if len(s.Fields) == 0 {
			t.p("uint8_t nothing;")
		}
		t.p("} %s;", g.typeName(s.Name))
		t.p("")
	}
	for _, c := range g.calls {
		for _, b := range g.bundles(c) {
			t.doc(fmt.Sprintf("The %s of %s.", b.what, c.Name))
			t.p("typedef struct %s {", b.ctype)
			t.p("%s", g.members(b.t))
			t.p("} %s;", b.ctype)
			t.p("")
		}
	}
	t.p("#endif")
	t.p("")
}

// rangeNote is the comment behind a refined member.
func rangeNote(t *ir.Type) string {
	if (t.Kind == ir.Uint || t.Kind == ir.Int) && t.Refined {
		return fmt.Sprintf(" // %d..%d", t.Lo, t.Hi)
	}
	return ""
}

// limits of a machine integer; a 64-bit unsigned one is cut to what a refinement can say.
func limits(t *ir.Type) (lo, hi int64) {
	if t.Kind == ir.Int {
		return math.MinInt64 >> (64 - t.Bits), math.MaxInt64 >> (64 - t.Bits)
	}
	if t.Bits == 64 {
		return 0, math.MaxInt64
	}
	return 0, 1<<t.Bits - 1
}
