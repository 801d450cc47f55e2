package main

import (
	"fmt"
	"strings"

	"sprocketc/codegen"
	"sprocketc/ir"
)

// number reports whether a type is a number, of which the texts here make any value: an enumeration is one, and a boolean.
func number(t *ir.Type) bool { return t.Kind == ir.Bool || t.Kind == ir.Uint || t.Kind == ir.EnumType }

// answerable reports whether a result can be made here: nothing, a number, or a struct of numbers and texts.
func answerable(t *ir.Type) bool {
	if t == nil || number(t) {
		return true
	}
	if t.Kind != ir.StructType {
		return false
	}
	for _, f := range t.Struct.Fields {
		if !number(f.Type) && f.Type.Kind != ir.Text {
			return false
		}
	}
	return true
}

// span is the least value of a number and how many there are: of 64 bits, half of them.
func span(t *ir.Type) (least, n uint64) {
	switch {
	case t.Kind == ir.Bool:
		return 0, 2
	case t.Kind == ir.EnumType:
		return 0, uint64(len(t.Enum.Members))
	case t.Refined:
		return uint64(t.Lo), uint64(t.Hi-t.Lo) + 1
	}
	return 0, 1 << min(t.Bits, 63)
}

// letters of which a text consists, and how many texts there are.
const letters = "abc"

func textsOf(t *ir.Type) int { return min(len(letters), t.Max) + 1 }

// cType and goType are a type in the two languages.
func (p *program) cType(t *ir.Type) string {
	switch t.Kind {
	case ir.Bool:
		return "bool"
	case ir.EnumType:
		return codegen.CName(p.name, t.Enum.Name)
	case ir.StructType:
		return codegen.CName(p.name, t.Struct.Name)
	}
	return fmt.Sprintf("uint%d_t", t.Bits)
}

func (p *program) goType(t *ir.Type) string {
	switch t.Kind {
	case ir.Bool:
		return "bool"
	case ir.EnumType:
		return p.alias() + "." + codegen.GoName(t.Enum.Name)
	case ir.StructType:
		return p.alias() + "." + codegen.GoName(t.Struct.Name)
	}
	return fmt.Sprintf("uint%d", t.Bits)
}

// cNumber is a number of a type that follows from another, v.
func (p *program) cNumber(t *ir.Type, v string) string {
	least, n := span(t)
	if n <= 1<<31 {
		v = fmt.Sprintf("(%s) %% %du", v, n)
	}
	return fmt.Sprintf("(%s)(%s + %du)", p.cType(t), v, least)
}

func (p *program) goNumber(t *ir.Type, v string) string {
	least, n := span(t)
	if n <= 1<<31 {
		v = fmt.Sprintf("(%s) %% %d", v, n)
	}
	if t.Kind == ir.Bool {
		return fmt.Sprintf("(%s == 1)", v)
	}
	return fmt.Sprintf("%s(%s + %d)", p.goType(t), v, least)
}

// cStruct prints statements that set a variable to a struct which follows from v.
func (p *program) cStruct(t *ir.Type, name, v string) string {
	var b strings.Builder
	for i, f := range t.Struct.Fields {
		member, own := name+"."+codegen.CName(f.Name), fmt.Sprintf("%s + %du", v, i)
		if f.Type.Kind == ir.Text {
			fmt.Fprintf(&b, "    %s.size = (uint8_t)((%s) %% %du);\n", member, own, textsOf(f.Type))
			fmt.Fprintf(&b, "    for (uint8_t i = 0; i < %s.size; i++) {\n        %[1]s.bytes[i] = (uint8_t)(%q + i);\n    }\n", member, letters[0])
		} else {
			fmt.Fprintf(&b, "    %s = %s;\n", member, p.cNumber(f.Type, own))
		}
	}
	return b.String()
}

func (p *program) goStruct(t *ir.Type, v string) string {
	var fields []string
	for i, f := range t.Struct.Fields {
		own := fmt.Sprintf("%s + %d", v, i)
		value := ""
		if f.Type.Kind == ir.Text {
			value = fmt.Sprintf("%q[:(%s) %% %d]", letters, own, textsOf(f.Type))
		} else {
			value = p.goNumber(f.Type, own)
		}
		fields = append(fields, codegen.GoName(f.Name)+": "+value)
	}
	return p.goType(t) + "{" + strings.Join(fields, ", ") + "}"
}
