package lang

import (
	"fmt"
	"math"

	"sprocketc/diag"
)

// scalars are the machine types.
var scalars = map[string]Type{
	"bool": {Kind: Bool},
	"u8":   {Kind: Uint, Bits: 8}, "u16": {Kind: Uint, Bits: 16}, "u32": {Kind: Uint, Bits: 32}, "u64": {Kind: Uint, Bits: 64},
	"i8": {Kind: Int, Bits: 8}, "i16": {Kind: Int, Bits: 16}, "i32": {Kind: Int, Bits: 32}, "i64": {Kind: Int, Bits: 64},
	"f32": {Kind: Float, Bits: 32}, "f64": {Kind: Float, Bits: 64},
}

// typ builds a type; nil where a bound is missing or wrong, which is reported.
func (p *parser) typ(g *typeG) *Type { return p.nested(g, 0) }

func (p *parser) nested(g *typeG, depth int) *Type {
	at := p.tokensSpan(g.Tokens)
	if depth += len(g.Suffix) + len(g.More); depth > maxNesting {
		p.report.Errorf("too-deep", at, "", "types are nested deeper than %d", maxNesting)
		return nil
	}
	var t *Type
	suffixes := g.Suffix
	if g.List != nil {
		t = p.list(g.List, depth)
	} else {
		t, suffixes = p.base(g.Base, suffixes)
	}
	ok := true // report what is wrong with every suffix, also behind a broken base
	for _, s := range suffixes {
		t, ok = p.suffix(t, s, at, ok)
	}
	if g.Refine != nil {
		inner := t
		for inner != nil && inner.Elem != nil {
			inner = inner.Elem
		}
		ok = p.refine(inner, g.Refine) && ok
	}
	for _, s := range g.More {
		t, ok = p.suffix(t, s, at, ok)
	}
	if t == nil || !ok {
		return nil
	}
	t.Span = at
	return t
}

func (p *parser) suffix(t *Type, s *suffixG, at diag.Span, ok bool) (*Type, bool) {
	if s.Option {
		if t != nil && t.Kind == Option {
			p.report.Errorf("unexpected-token", p.tokensSpan(s.Tokens), "", "the value is optional already")
			return t, false
		}
		return wrap(t, &Type{Kind: Option, Elem: t, Span: at}), ok
	}
	n, good := p.count(s.Size, "the size of an array", 1, maxCount)
	return wrap(t, &Type{Kind: Array, Elem: t, Max: int(n), Span: at}), ok && good
}

// wrap keeps a broken type broken.
func wrap(elem, t *Type) *Type {
	if elem == nil {
		return nil
	}
	return t
}

func (p *parser) list(g *listG, depth int) *Type {
	elem := p.nested(g.Elem, depth+1)
	if g.Max == nil {
		d := p.report.Errorf("missing-bound", p.tokensSpan(g.Tokens), "expected `max N` after this", "a list needs a bound")
		if b := g.Elem.Base; b != nil && b.Max != nil {
			d.And(p.tokensSpan(b.Max.Tokens), "this bounds the elements: bounds bind inwards")
		}
		return nil
	}
	n, ok := p.count(g.Max, "the bound of a list", 1, maxCount)
	if elem == nil || !ok {
		return nil
	}
	return &Type{Kind: List, Elem: elem, Max: int(n)}
}

// base builds the innermost type; `bytes[N]` takes its first suffix.
func (p *parser) base(g *baseG, suffixes []*suffixG) (*Type, []*suffixG) {
	at := p.span(g.Tokens[0]) // the word alone, for labels; nested gives the whole type's span in the end
	t := &Type{Span: at}
	if g.Sized.Value == "" {
		if s, ok := scalars[g.Name.Value]; ok {
			*t = s
			t.Span = at
		} else {
			t.Kind, t.Name = Named, g.Name.Value
		}
	} else {
		t.Kind = Text
		if g.Sized.Value == "bytes" {
			t.Kind = Bytes
		}
		switch {
		case g.Max != nil:
			n, ok := p.size(g.Max, "the bound of `"+g.Sized.Value+"`")
			if !ok {
				return nil, suffixes
			}
			t.Max = n
		case t.Kind == Bytes && len(suffixes) > 0 && !suffixes[0].Option:
			n, ok := p.size(suffixes[0].Size, "the size of `bytes`")
			if !ok {
				return nil, suffixes[1:]
			}
			t.Max, t.Fixed = n, true
			suffixes = suffixes[1:]
		default:
			label := "expected `max N` after this"
			if t.Kind == Bytes {
				label = "expected `max N` or `[N]` after this"
			}
			p.report.Errorf("missing-bound", at, label, "`%s` needs a bound", g.Sized.Value)
			return nil, suffixes
		}
	}
	if g.Refine != nil && !p.refine(t, g.Refine) {
		return nil, suffixes
	}
	return t, suffixes
}

// size reads a bound of text or bytes: a plain number, or one with a unit of bytes.
func (p *parser) size(q *quantityG, what string) (int, bool) {
	n := p.number(q)
	if n == nil {
		return 0, false
	}
	factor := int64(1)
	if n.unit != "" || n.per != "" {
		var ok bool
		if factor, ok = byteUnits[n.unit]; !ok || n.per != "" {
			p.wrongUnit(q, n, what, "B", "KiB", "MiB")
			return 0, false
		}
	}
	v, ok := p.within(q, n, factor, what, "", 1, maxCount)
	return int(v), ok
}

// refine narrows an integer type.
func (p *parser) refine(t *Type, g *rangeG) bool {
	at := p.tokensSpan(g.Tokens)
	lo, okLo := p.bound(g.Lo)
	hi, okHi := p.bound(g.Hi)
	if !okLo || !okHi || t == nil {
		return false
	}
	switch {
	case t.Refine != nil:
		p.report.Errorf("duplicate-clause", at, "", "a second range").And(t.Refine.Span, "the first one")
		return false
	case t.Kind != Uint && t.Kind != Int:
		p.report.Errorf("wrong-type", at, "", "a range narrows integers only").And(t.Span, "this is none")
		return false
	case lo > hi:
		p.report.Errorf("out-of-range", at, "", "this range is empty").
			Repair("the other way round", diag.Edit{Span: at, Text: p.tokensSpan(g.Hi.Tokens).Text() + ".." + p.tokensSpan(g.Lo.Tokens).Text()})
		return false
	}
	least, most := limits(t)
	for _, side := range []struct {
		value int64
		q     *quantityG
	}{{lo, g.Lo}, {hi, g.Hi}} {
		if side.value < least || side.value > most {
			p.report.Errorf("out-of-range", p.tokensSpan(side.q.Tokens), "", "%d is no value of `%s`", side.value, typeName(t)).
				And(t.Span, rangeLabel(t))
			return false
		}
	}
	t.Refine = &Range{Lo: lo, Hi: hi, Span: at}
	return true
}

func (p *parser) bound(q *quantityG) (int64, bool) {
	n := p.number(q)
	if n == nil {
		return 0, false
	}
	if n.unit != "" || n.per != "" {
		p.wrongUnit(q, n, "the end of a range")
		return 0, false
	}
	return p.within(q, n, 1, "the end of a range", "", math.MinInt64, math.MaxInt64)
}

// limits are the values of an integer type, those of u64 as far as a range reaches.
func limits(t *Type) (lo, hi int64) {
	if t.Kind == Int {
		return math.MinInt64 >> (64 - t.Bits), math.MaxInt64 >> (64 - t.Bits)
	}
	if t.Bits == 64 {
		return 0, math.MaxInt64
	}
	return 0, 1<<t.Bits - 1
}

func typeName(t *Type) string {
	for name, s := range scalars {
		if s.Kind == t.Kind && s.Bits == t.Bits {
			return name
		}
	}
	return t.Name
}

func rangeLabel(t *Type) string {
	lo, hi := limits(t)
	if t.Kind == Uint && t.Bits == 64 {
		return "the range of a `u64` ends at 2^63-1"
	}
	return fmt.Sprintf("holds %d..%d", lo, hi)
}
