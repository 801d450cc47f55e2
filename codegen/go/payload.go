package gogen

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"sprocketc/codegen"
	"sprocketc/ir"
)

func splitLines(s string) []string { return strings.Split(strings.TrimRight(s, "\n"), "\n") }

// payload prints how the program's structs are encoded:
//
//	func (x Reading) put(w *bitWriter)
//	func (x *Reading) get(r *bitReader)
func (g *gen) payload(f *jen.File) {
	for _, s := range g.in.Plan.Program.Structs {
		name := codegen.GoName(s.Name)
		var put, get []jen.Code
		for _, x := range s.Fields {
			at := "x." + codegen.GoName(x.Name)
			put = append(put, putValue(x.Type, x.Name, at, 0)...)
			get = append(get, getValue(x.Type, at, 0)...)
		}
		f.Func().Params(jen.Id("x").Id(name)).Id("put").Params(jen.Id("w").Op("*").Id("bitWriter")).Block(put...)
		f.Func().Params(jen.Id("x").Op("*").Id(name)).Id("get").Params(jen.Id("r").Op("*").Id("bitReader")).Block(get...)
	}
}

// putValue encodes the value at a place into w.
func putValue(t *ir.Type, name, at string, depth int) []jen.Code {
	one := func(format string, args ...any) []jen.Code { return []jen.Code{line(format, args...)} }
	i := string(rune('i' + depth))
	switch t.Kind {
	case ir.Bool:
		return one("w.flag(%s)", at)
	case ir.Uint, ir.Int:
		if t.Refined {
			return one("w.ranged(%q, int64(%s), %d, %d)", name, at, t.Lo, t.Hi)
		}
		return one("w.little(uint64(%s), %d)", at, t.Bits/8)
	case ir.Float:
		bits := "Float" + strconv.Itoa(t.Bits) + "bits"
		return []jen.Code{jen.Id("w").Dot("little").Call(jen.Uint64().Parens(jen.Qual("math", bits).Call(jen.Id(at))), jen.Lit(t.Bits/8))}
	case ir.Text:
		return one("w.text(%q, %s, %d)", name, at, t.Max)
	case ir.Bytes:
		if t.Fixed {
			return one("w.raw(%s[:])", at)
		}
		return one("w.bytes(%q, %s, %d)", name, at, t.Max)
	case ir.Array:
		return []jen.Code{jen.For(line("%s := range %s", i, at)).Block(putValue(t.Elem, name, at+"["+i+"]", depth+1)...)}
	case ir.List:
		loop := jen.For(line("%s := range %s", i, at)).Block(putValue(t.Elem, name, at+"["+i+"]", depth+1)...)
		return append(one("w.count(%q, len(%s), %d)", name, at, t.Max), loop)
	case ir.Option:
		inner := "(*" + at + ")"
		if isPlain(t.Elem) {
			inner = "*" + at
		}
		return append(one("w.flag(%s != nil)", at), jen.If(line("%s != nil", at)).Block(putValue(t.Elem, name, inner, depth)...))
	case ir.StructType:
		return one("%s.put(w)", at)
	}
	return one("w.ranged(%q, int64(%s), 0, %d)", name, at, len(t.Enum.Members)-1)
}

// isPlain reports whether a value is used as a whole, not by its elements.
func isPlain(t *ir.Type) bool {
	switch t.Kind {
	case ir.Array, ir.List, ir.StructType, ir.Option:
		return false
	case ir.Bytes:
		return !t.Fixed
	}
	return true
}

// getValue decodes a value from r into a place.
func getValue(t *ir.Type, at string, depth int) []jen.Code {
	one := func(format string, args ...any) []jen.Code { return []jen.Code{line(format, args...)} }
	i := string(rune('i' + depth))
	switch t.Kind {
	case ir.Bool:
		return one("%s = r.flag()", at)
	case ir.Uint, ir.Int:
		if t.Refined {
			return one("%s = %s(r.ranged(%d, %d))", at, goType(t), t.Lo, t.Hi)
		}
		return one("%s = %s(r.little(%d))", at, goType(t), t.Bits/8)
	case ir.Float:
		bits := strconv.Itoa(t.Bits)
		return []jen.Code{jen.Id(at).Op("=").Qual("math", "Float"+bits+"frombits").Call(jen.Id("uint" + bits).Call(jen.Id("r").Dot("little").Call(jen.Lit(t.Bits / 8))))}
	case ir.Text:
		return one("%s = string(r.bytes(%d))", at, t.Max)
	case ir.Bytes:
		if t.Fixed {
			return one("copy(%s[:], r.raw(%d))", at, t.Max)
		}
		return one("%s = r.bytes(%d)", at, t.Max)
	case ir.Array:
		return []jen.Code{jen.For(line("%s := range %s", i, at)).Block(getValue(t.Elem, at+"["+i+"]", depth+1)...)}
	case ir.List:
		loop := jen.For(line("%s := range %s", i, at)).Block(getValue(t.Elem, at+"["+i+"]", depth+1)...)
		return append(one("%s = make(%s, r.count(%d))", at, goType(t), t.Max), loop)
	case ir.Option:
		inner := "(*" + at + ")"
		if isPlain(t.Elem) {
			inner = "*" + at
		}
		return []jen.Code{jen.If(line("r.flag()")).Block(append(one("%s = new(%s)", at, goType(t.Elem)), getValue(t.Elem, inner, depth)...)...)}
	case ir.StructType:
		return one("%s.get(r)", at)
	}
	return one("%s = %s(r.ranged(0, %d))", at, goType(t), len(t.Enum.Members)-1)
}

// argsCodec prints one direction of the arguments of a call:
//
//	func encodeWaterArgs(plot uint8, litres uint8) ([]byte, error)
//	func decodeWaterArgs(b []byte) (plot uint8, litres uint8, why drop)
func (g *gen) argsCodec(f *jen.File, c *ir.Call, encode bool) {
	var body []jen.Code
	if encode {
		for _, p := range c.Params {
			body = append(body, putValue(p.Type, p.Name, param(p), 0)...)
		}
		f.Func().Id(argsEncoder(c)).Params(params(c)...).Params(jen.Index().Byte(), jen.Error()).Block(encodeBody(body)...)
		return
	}
	results := append(params(c), jen.Id("why").Id("drop"))
	var names []string
	for _, p := range c.Params {
		body = append(body, getValue(p.Type, param(p), 0)...)
		names = append(names, param(p))
	}
	body = append([]jen.Code{line("r := &bitReader{b: b}")}, body...)
	body = append(body, jen.Return(line("%s", strings.Join(append(names, "r.end()"), ", "))))
	f.Func().Id(argsDecoder(c)).Params(jen.Id("b").Index().Byte()).Params(results...).Block(body...)
}

func encodeBody(put []jen.Code) []jen.Code {
	if len(put) == 0 {
		return []jen.Code{jen.Return(jen.Nil(), jen.Nil())}
	}
	return append(append([]jen.Code{line("w := &bitWriter{}")}, put...), jen.Return(line("w.b, w.err")))
}

// answerCodec prints one direction of the answer of a call:
//
//	func encodeWaterAnswer(x Outcome) ([]byte, error)
//	func decodeWaterAnswer(b []byte) (x Outcome, why drop)
func (g *gen) answerCodec(f *jen.File, c *ir.Call, encode bool) {
	if encode {
		if c.Result == nil {
			return
		}
		f.Func().Id(answerEncoder(c)).Params(jen.Id("x").Id(goType(c.Result))).Params(jen.Index().Byte(), jen.Error()).
			Block(encodeBody(putValue(c.Result, "answer", "x", 0))...)
		return
	}
	body := []jen.Code{line("r := &bitReader{b: b}")}
	if c.Result != nil {
		body = append(body, getValue(c.Result, "x", 0)...)
	}
	body = append(body, jen.Return(line("x, r.end()")))
	f.Func().Id(answerDecoder(c)).Params(jen.Id("b").Index().Byte()).
		Params(jen.Id("x").Id(resultType(c)), jen.Id("why").Id("drop")).Block(body...)
}

// resultType is the Go type of a call's result; struct{} where it has none.
func resultType(c *ir.Call) string {
	if c.Result == nil {
		return "struct{}"
	}
	return goType(c.Result)
}

func params(c *ir.Call) []jen.Code {
	var out []jen.Code
	for _, p := range c.Params {
		out = append(out, jen.Id(param(p)).Id(goType(p.Type)))
	}
	return out
}

func argsEncoder(c *ir.Call) string   { return codegen.GoLocal("encode", c.Name, "args") }
func argsDecoder(c *ir.Call) string   { return codegen.GoLocal("decode", c.Name, "args") }
func answerEncoder(c *ir.Call) string { return codegen.GoLocal("encode", c.Name, "answer") }
func answerDecoder(c *ir.Call) string { return codegen.GoLocal("decode", c.Name, "answer") }

// protocolDoc joins the bounds of a call's parameters for its comment.
func paramBounds(c *ir.Call) []string {
	var out []string
	for _, p := range c.Params {
		if p.Type.Refined {
			out = append(out, fmt.Sprintf("%s is in %d..%d.", param(p), p.Type.Lo, p.Type.Hi))
		}
	}
	return out
}
