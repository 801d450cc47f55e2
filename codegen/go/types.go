package gogen

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"sprocketc/codegen"
	"sprocketc/ir"
)

// types prints the program's structs and enumerations, and the package's comment.
func (g *gen) types(f *jen.File) {
	p := g.in.Plan.Program
	if p.Doc != "" {
		f.PackageComment("// Package " + g.pkg + ":")
		for _, c := range splitLines(p.Doc) {
			f.PackageComment("// " + c)
		}
	} else {
		f.PackageComment("// Package " + g.pkg + " is the protocol " + p.Name + ".")
	}
	for _, s := range p.Structs {
		g.structType(f, s)
	}
	for _, e := range p.Enums {
		g.enumType(f, e)
	}
	if len(p.Structs)+len(p.Enums) == 0 { // the package's comment needs a file that is not empty
		f.Const().Id("protocolName").Op("=").Lit(p.Name)
	}
}

// structType prints
//
//	// Reading …
//	type Reading struct {
//		Moisture uint16 // 0..1000
//	}
func (g *gen) structType(f *jen.File, s *ir.Struct) {
	doc(f, orDefault(s.Doc, codegen.GoName(s.Name)+" is the program's struct "+s.Name+"."))
	var fields []jen.Code
	for _, x := range s.Fields {
		fields = append(fields, comments(x.Doc)...)
		fields = append(fields, jen.Id(codegen.GoName(x.Name)).Id(goType(x.Type)).Add(bound(x.Type)))
	}
	f.Type().Id(codegen.GoName(s.Name)).Struct(fields...)
}

// enumType prints
//
//	type Outcome uint8
//
//	const (
//		OutcomeDone Outcome = iota
//		OutcomeDry
//	)
//
//	func (x Outcome) String() string
func (g *gen) enumType(f *jen.File, e *ir.Enum) {
	name := codegen.GoName(e.Name)
	doc(f, orDefault(e.Doc, name+" is the program's enumeration "+e.Name+"."))
	f.Type().Id(name).Id(enumBase(len(e.Members)))
	enumBody(f, name, e.Members, func(m string) string { return codegen.GoName(e.Name, m) })
}

// enumBody prints the constants of an enumeration and its String method.
func enumBody(f *jen.File, name string, members []string, constant func(string) string) {
	var consts, words []jen.Code
	for i, m := range members {
		c := jen.Id(constant(m))
		if i == 0 {
			c.Id(name).Op("=").Iota()
		}
		consts = append(consts, c)
		words = append(words, jen.Lit(m))
	}
	f.Const().Defs(consts...)
	f.Func().Params(jen.Id("x").Id(name)).Id("String").Params().String().Block(
		jen.Id("names").Op(":=").Index(jen.Op("...")).String().Values(words...),
		jen.If(line("int(x) < len(names)")).Block(jen.Return(line("names[x]"))),
		jen.Return(jen.Lit(name+" ").Op("+").Qual("strconv", "Itoa").Call(line("int(x)"))),
	)
}

func enumBase(members int) string {
	if members > 256 {
		return "uint16"
	}
	return "uint8"
}

// goType of a value of the program.
func goType(t *ir.Type) string {
	switch t.Kind {
	case ir.Bool:
		return "bool"
	case ir.Uint:
		return "uint" + strconv.Itoa(t.Bits)
	case ir.Int:
		return "int" + strconv.Itoa(t.Bits)
	case ir.Float:
		return "float" + strconv.Itoa(t.Bits)
	case ir.Text:
		return "string"
	case ir.Bytes:
		if t.Fixed {
			return "[" + strconv.Itoa(t.Max) + "]byte"
		}
		return "[]byte"
	case ir.Array:
		return "[" + strconv.Itoa(t.Max) + "]" + goType(t.Elem)
	case ir.List:
		return "[]" + goType(t.Elem)
	case ir.Option:
		return "*" + goType(t.Elem)
	case ir.StructType:
		return codegen.GoName(t.Struct.Name)
	}
	return codegen.GoName(t.Enum.Name)
}

// bound tells, in a comment, what of a type Go's type does not say.
func bound(t *ir.Type) jen.Code {
	switch {
	case t.Refined:
		return jen.Comment("// " + strconv.FormatInt(t.Lo, 10) + ".." + strconv.FormatInt(t.Hi, 10))
	case t.Kind == ir.Text:
		return jen.Comment("// at most " + strconv.Itoa(t.Max) + " bytes, meant to be UTF-8")
	case t.Kind == ir.Bytes && !t.Fixed:
		return jen.Comment("// at most " + strconv.Itoa(t.Max))
	case t.Kind == ir.List:
		return jen.Comment("// at most " + strconv.Itoa(t.Max))
	case t.Kind == ir.Option:
		return jen.Comment("// nil: nothing")
	}
	return jen.Null()
}

func orDefault(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
