package cgen

import (
	"fmt"
	"regexp"
	"strings"
	"sync"

	"sprocketc/codegen"
	"sprocketc/ir"
)

// The payload codec. Booleans, enumerations and refined integers are packed most significant bit first; what is not
// refined stands least significant byte first on whole bytes; sizes of lists and texts take the fewest bits.

// encode prints the statements that write a value; they return false where it is out of its range.
func (g *gen) encode(t *text, ty *ir.Type, v string, depth int) {
	switch ty.Kind {
	case ir.Bool:
		t.p("put(w, %s ? 1u : 0u, 1);", v)
	case ir.Uint, ir.Int:
		if ty.Refined {
			g.encodeRefined(t, ty, v)
			return
		}
		u := fmt.Sprintf("(uint%d_t)%s", ty.Bits, v)
		if ty.Kind == ir.Uint {
			u = v
		}
		g.putLE(t, u, ty.Bits)
	case ir.Float:
		t.p("{")
		t.p("uint%d_t bits;", ty.Bits)
		t.p("(void)memcpy(&bits, &%s, sizeof bits);", v)
		g.putLE(t, "bits", ty.Bits)
		t.p("}")
	case ir.EnumType:
		n := len(ty.Enum.Members)
		if n < 256 {
			t.p("if (%s > %du) {", v, n-1)
			t.p("return false;")
			t.p("}")
		}
		if b := bitsFor(uint64(n - 1)); b > 0 {
			t.p("put(w, %s, %d);", v, b)
		}
	case ir.Text, ir.Bytes:
		if ty.Kind == ir.Bytes && ty.Fixed {
			t.p("put_bytes(w, %s, %d);", v, ty.Max)
			return
		}
		g.encodeSize(t, ty.Max, v)
		t.p("put_bytes(w, %s.bytes, %s.size);", v, v)
	case ir.Array:
		i := loopVar(depth)
		t.p("for (uint32_t %s = 0; %s < %du; %s++) {", i, i, ty.Max, i)
		g.encode(t, ty.Elem, fmt.Sprintf("%s[%s]", v, i), depth+1)
		t.p("}")
	case ir.List:
		i := loopVar(depth)
		g.encodeSize(t, ty.Max, v)
		t.p("for (uint32_t %s = 0; %s < %s.size && %s < %du; %s++) {", i, i, v, i, ty.Max, i)
		g.encode(t, ty.Elem, fmt.Sprintf("%s.items[%s]", v, i), depth+1)
		t.p("}")
	case ir.Option:
		t.p("put(w, %s.present ? 1u : 0u, 1);", v)
		t.p("if (%s.present) {", v)
		g.encode(t, ty.Elem, v+".value", depth)
		t.p("}")
	case ir.StructType:
		t.p("if (!encode_struct_%s(w, &%s)) {", codegen.CName(ty.Struct.Name), v)
		t.p("return false;")
		t.p("}")
	}
}

func loopVar(depth int) string {
	return "i" + strings.Repeat("i", depth)
}

func (g *gen) putLE(t *text, v string, bits int) {
	if bits == 64 {
		t.p("put_le64(w, %s);", v)
	} else {
		t.p("put_le(w, %s, %d);", v, bits/8)
	}
}

func (g *gen) encodeSize(t *text, max int, v string) {
	if w := widthFor(bitsFor(uint64(max))); w == 64 || uint64(max) < 1<<w-1 {
		t.p("if (%s.size > %du) {", v, max)
		t.p("return false;")
		t.p("}")
	}
	if b := bitsFor(uint64(max)); b > 0 {
		t.p("put(w, %s.size, %d);", v, b)
	}
}

// constant is an integer of the program as a C literal.
func constant(n int64, ty *ir.Type) string {
	switch {
	case ty.Kind == ir.Uint && ty.Bits == 64:
		return fmt.Sprintf("UINT64_C(%d)", n)
	case ty.Kind == ir.Uint:
		return fmt.Sprintf("%du", n)
	case n == -1<<63:
		return "INT64_MIN"
	case ty.Bits == 64:
		return fmt.Sprintf("INT64_C(%d)", n)
	case n == -1<<31:
		return "INT32_MIN"
	}
	return fmt.Sprint(n)
}

// encodeRefined checks the range and packs value minus minimum.
func (g *gen) encodeRefined(t *text, ty *ir.Type, v string) {
	lo, hi := limits(ty)
	var out []string
	if ty.Lo > lo {
		out = append(out, fmt.Sprintf("%s < %s", v, constant(ty.Lo, ty)))
	}
	if ty.Hi < hi || ty.Kind == ir.Uint && ty.Bits == 64 {
		out = append(out, fmt.Sprintf("%s > %s", v, constant(ty.Hi, ty)))
	}
	if len(out) > 0 {
		t.p("if (%s) {", strings.Join(out, " || "))
		t.p("return false;")
		t.p("}")
	}
	bits := bitsFor(uint64(ty.Hi) - uint64(ty.Lo))
	if bits == 0 {
		return
	}
	put, cast := "put", "uint32_t"
	if ty.Bits == 64 {
		put, cast = "put_wide", "uint64_t"
	}
	u := v
	if ty.Lo != 0 {
		u = fmt.Sprintf("(%s)%s - (%s)%s", cast, v, cast, constant(ty.Lo, ty))
	} else if ty.Kind == ir.Int {
		u = fmt.Sprintf("(%s)%s", cast, v)
	}
	t.p("%s(w, %s, %d);", put, u, bits)
}

// decode prints the statements that read a value into v; a fault stays in the reader.
func (g *gen) decode(t *text, ty *ir.Type, v string, depth int) {
	switch ty.Kind {
	case ir.Bool:
		t.p("%s = get(r, 1) != 0u;", v)
	case ir.Uint, ir.Int:
		if ty.Refined {
			g.decodeRefined(t, ty, v)
			return
		}
		t.p("%s = %s;", v, getLE(ty))
	case ir.Float:
		t.p("{")
		t.p("uint%d_t bits = %s;", ty.Bits, getLE(&ir.Type{Kind: ir.Uint, Bits: ty.Bits}))
		t.p("(void)memcpy(&%s, &bits, sizeof bits);", v)
		t.p("}")
	case ir.EnumType:
		n := len(ty.Enum.Members)
		b := bitsFor(uint64(n - 1))
		if b == 0 {
			t.p("%s = 0;", v)
			return
		}
		t.p("%s = (%s)get(r, %d);", v, g.scalarType(ty), b)
		if n != 1<<b {
			t.p("if (%s > %du) {", v, n-1)
			t.p("refuse(r, FAULT_VALUE);")
			t.p("}")
		}
	case ir.Text, ir.Bytes:
		if ty.Kind == ir.Bytes && ty.Fixed {
			t.p("get_bytes(r, %s, %d);", v, ty.Max)
			return
		}
		g.decodeSize(t, ty.Max, v)
		t.p("get_bytes(r, %s.bytes, %s.size);", v, v)
	case ir.Array:
		i := loopVar(depth)
		t.p("for (uint32_t %s = 0; %s < %du; %s++) {", i, i, ty.Max, i)
		g.decode(t, ty.Elem, fmt.Sprintf("%s[%s]", v, i), depth+1)
		t.p("}")
	case ir.List:
		i := loopVar(depth)
		g.decodeSize(t, ty.Max, v)
		t.p("for (uint32_t %s = 0; %s < %s.size && %s < %du; %s++) {", i, i, v, i, ty.Max, i)
		g.decode(t, ty.Elem, fmt.Sprintf("%s.items[%s]", v, i), depth+1)
		t.p("}")
	case ir.Option:
		t.p("%s.present = get(r, 1) != 0u;", v)
		t.p("if (%s.present) {", v)
		g.decode(t, ty.Elem, v+".value", depth)
		t.p("}")
	case ir.StructType:
		t.p("decode_struct_%s(r, &%s);", codegen.CName(ty.Struct.Name), v)
	}
}

func getLE(ty *ir.Type) string {
	get := fmt.Sprintf("get_le(r, %d)", ty.Bits/8)
	if ty.Bits == 64 {
		get = "get_le64(r)"
	}
	if ty.Kind == ir.Int {
		return fmt.Sprintf("(int%d_t)%s", ty.Bits, get)
	}
	if ty.Bits < 32 {
		return fmt.Sprintf("(uint%d_t)%s", ty.Bits, get)
	}
	return get
}

// decodeSize reads the size of a list or a text; one that is too large is refused and counts as none.
func (g *gen) decodeSize(t *text, max int, v string) {
	b := bitsFor(uint64(max))
	if b == 0 {
		t.p("%s.size = 0;", v)
		return
	}
	if uint64(max) == 1<<b-1 {
		t.p("%s.size = (%s)(get(r, %d) & %du);", v, uintFor(b), b, max)
	} else {
		t.p("%s.size = (%s)get(r, %d);", v, uintFor(b), b)
		t.p("if (%s.size > %du) {", v, max)
		t.p("refuse(r, FAULT_VALUE);")
		t.p("%s.size = 0;", v)
		t.p("}")
	}
}

// decodeRefined reads value minus minimum and checks the range.
func (g *gen) decodeRefined(t *text, ty *ir.Type, v string) {
	span := uint64(ty.Hi) - uint64(ty.Lo)
	bits := bitsFor(span)
	ctype := g.scalarType(ty)
	if bits == 0 {
		t.p("%s = %s;", v, constant(ty.Lo, ty))
		return
	}
	get, raw, lit := "get", "uint32_t", fmt.Sprintf("%du", span)
	if ty.Bits == 64 {
		get, raw, lit = "get_wide", "uint64_t", fmt.Sprintf("UINT64_C(%d)", span)
	}
	if ty.Lo == 0 && ty.Kind == ir.Uint {
		cast := "(" + ctype + ")"
		if ctype == raw {
			cast = ""
		}
		t.p("%s = %s%s(r, %d);", v, cast, get, bits)
		if span != 1<<bits-1 {
			t.p("if (%s > %s) {", v, constant(ty.Hi, ty))
			t.p("refuse(r, FAULT_VALUE);")
			t.p("}")
		}
		return
	}
	t.p("{")
	t.p("%s raw = %s(r, %d);", raw, get, bits)
	if bits == 64 && span != 1<<64-1 || bits < 64 && span != 1<<bits-1 {
		t.p("if (raw > %s) {", lit)
		t.p("refuse(r, FAULT_VALUE);")
		t.p("raw = 0;")
		t.p("}")
	}
	t.p("%s = (%s)(raw + (%s)%s);", v, ctype, raw, constant(ty.Lo, ty))
	t.p("}")
}

// structCodec prints encode_<struct> and decode_<struct>.
func (g *gen) structCodec(t *text, s *ir.Struct) {
	n := codegen.CName(s.Name)
	var b text
	for _, f := range s.Fields {
		g.encode(&b, f.Type, "v->"+codegen.CName(f.Name), 0)
	}
	b.p("return true;")
	g.function(t, "static bool", "encode_struct_"+n, &b, "struct writer *w", "const "+g.typeName(s.Name)+" *v")
	b = text{}
	for _, f := range s.Fields {
		g.decode(&b, f.Type, "v->"+codegen.CName(f.Name), 0)
	}
	if len(s.Fields) == 0 {
		b.p("v->nothing = 0;")
	}
	g.function(t, "static void", "decode_struct_"+n, &b, "struct reader *r", g.typeName(s.Name)+" *v")
}

// bundleValue is a bundle's content by a pointer to it: arrays and fixed bytes are a member, the rest is the bundle.
func bundleValue(t *ir.Type, name string) string {
	switch {
	case t.Kind == ir.Array:
		return name + "->items"
	case t.Kind == ir.Bytes && t.Fixed:
		return name + "->bytes"
	}
	return "(*" + name + ")"
}

// tidy turns (*x).y into x->y and &(*x) into x.
func tidy(code string) string {
	return derefs().ReplaceAllString(arrows().ReplaceAllString(code, "$1->"), "$1")
}

var (
	arrows = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\(\*(\w+)\)\.`) })
	derefs = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`&\(\*(\w+)\)`) })
)

// valueOf is a parameter or a result as the codec sees it.
func valueOf(t *ir.Type, name string) string {
	if scalar(t) {
		return name
	}
	if t.Kind == ir.StructType {
		return "(*" + name + ")"
	}
	return bundleValue(t, name)
}

// paramStruct is the private struct into which the arguments of a call are decoded.
func paramStruct(c *ir.Call) string { return "args_of_" + codegen.CName(c.Name) }

// argsEncoder prints encode_<call>_args, which the caller uses.
func (g *gen) argsEncoder(t *text, c *ir.Call) {
	if len(c.Params) == 0 {
		return
	}
	var b text
	sig := []string{"struct writer *w"}
	for _, p := range c.Params {
		n := local(p.Name)
		ctype, pointer := g.passed(c, p.Type, p.Name)
		if pointer {
			sig = append(sig, "const "+ctype+" *"+n)
		} else {
			sig = append(sig, ctype+" "+n)
		}
		g.encode(&b, p.Type, valueOf(p.Type, n), 0)
	}
	b.p("return true;")
	g.function(t, "static bool", codegen.CName("encode", c.Name, "args"), &b, sig...)
}

// argsDecoder prints decode_<call>_args, which the callee uses twice: to check a datagram, and to start the handler.
func (g *gen) argsDecoder(t *text, c *ir.Call) {
	var b text
	sig := []string{"struct view from"}
	if len(c.Params) > 0 {
		t.p("struct %s {", paramStruct(c))
		for _, p := range c.Params {
			ctype, _ := g.passed(c, p.Type, p.Name)
			t.p("%s %s;", ctype, local(p.Name))
		}
		t.p("};")
		t.p("")
		sig = append(sig, "struct "+paramStruct(c)+" *to")
	}
	b.p("struct reader from_start = {from.bytes, from.size, 0, FAULT_NONE};")
	b.p("struct reader *r = &from_start;")
	for _, p := range c.Params {
		v := "to->" + local(p.Name)
		switch {
		case p.Type.Kind == ir.Array:
			v += ".items"
		case p.Type.Kind == ir.Bytes && p.Type.Fixed:
			v += ".bytes"
		}
		g.decode(&b, p.Type, v, 0)
	}
	b.p("return close_in(r);")
	g.function(t, "static uint8_t", codegen.CName("decode", c.Name, "args"), &b, sig...)
}

func (g *gen) resultEncoder(t *text, c *ir.Call) {
	if c.Result == nil {
		return
	}
	var b text
	ctype, pointer := g.passed(c, c.Result, "result")
	sig := ctype + " result"
	if pointer {
		sig = "const " + ctype + " *result"
	}
	g.encode(&b, c.Result, valueOf(c.Result, "result"), 0)
	b.p("return true;")
	g.function(t, "static bool", codegen.CName("encode", c.Name, "result"), &b, "struct writer *w", sig)
}

func (g *gen) resultDecoder(t *text, c *ir.Call) {
	var b text
	sig := []string{"struct view from"}
	b.p("struct reader from_start = {from.bytes, from.size, 0, FAULT_NONE};")
	b.p("struct reader *r = &from_start;")
	if c.Result != nil {
		ctype, _ := g.passed(c, c.Result, "result")
		sig = append(sig, ctype+" *result")
		v := valueOf(c.Result, "result")
		if scalar(c.Result) {
			v = "*result"
		}
		g.decode(&b, c.Result, v, 0)
	}
	b.p("return close_in(r);")
	g.function(t, "static uint8_t", codegen.CName("decode", c.Name, "result"), &b, sig...)
}

// function prints a function; a parameter that the body does not mention is marked as unused.
func (g *gen) function(t *text, returns, name string, body *text, params ...string) {
	b := tidy(body.String())
	t.p("%s %s(%s)", returns, name, strings.Join(params, ", "))
	t.p("{")
	for _, p := range params {
		if id := lastWord(p); !mentions(b, id) {
			t.p("(void)%s;", id)
		}
	}
	t.b.WriteString(b)
	t.p("}")
	t.p("")
}

// lastWord is the name that a parameter declares.
func lastWord(param string) string {
	i := strings.LastIndexAny(param, " *")
	return param[i+1:]
}

// mentions reports whether C text uses an identifier, comments aside.
func mentions(code, id string) bool {
	for _, l := range strings.Split(code, "\n") {
		if i := strings.Index(l, "//"); i >= 0 {
			l = l[:i]
		}
		for at := 0; ; {
			i := strings.Index(l[at:], id)
			if i < 0 {
				break
			}
			i += at
			end := i + len(id)
			if (i == 0 || !word(l[i-1]) && l[i-1] != '.' && l[i-1] != '>') && (end == len(l) || !word(l[end])) {
				return true
			}
			at = end
		}
	}
	return false
}

func word(b byte) bool {
	return b == '_' || b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}
