package lang

import (
	"math"
	"math/big"
	"strings"
	"time"

	"sprocketc/diag"
)

// Bounds of what a program may say. They keep every later computation within 64 bits.
const (
	maxCount = 1 << 24       // of elements, answers, events
	maxBytes = 1 << 40       // of memories and rates
	maxTime  = math.MaxInt32 // of a span, in milliseconds
	maxDigit = 40            // of a number as written
)

// number is a quantity taken apart: an exact value and the unit as written.
type number struct {
	value *big.Rat
	unit  string // "", "KiB", "%", "s", "bits"; as written
	per   string // what follows `/`
}

// number takes a quantity apart; nil where the number is absurdly long, which is reported.
func (p *parser) number(q *quantityG) *number {
	text := q.Number.Value
	i := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != '_' })
	unit := q.Unit
	if i >= 0 {
		text, unit = text[:i], text[i:]+q.Unit
	}
	digits := strings.ReplaceAll(text, "_", "")
	value, ok := new(big.Rat), len(digits) <= maxDigit
	if ok {
		_, ok = value.SetString(digits)
	}
	if !ok {
		p.report.Errorf("out-of-range", p.tokensSpan(q.Tokens), "", "this number is too long")
		return nil
	}
	if q.Minus {
		value.Neg(value)
	}
	return &number{value: value, unit: unit, per: q.Per}
}

// integer is the value times factor where that is whole and fits.
func (n *number) integer(factor int64) (int64, bool) {
	v := new(big.Rat).Mul(n.value, new(big.Rat).SetInt64(factor))
	if !v.IsInt() || !v.Num().IsInt64() {
		return 0, false
	}
	return v.Num().Int64(), true
}

func (n *number) float() float64 {
	f, _ := n.value.Float64()
	return f
}

var byteUnits = map[string]int64{"B": 1, "KiB": 1 << 10, "MiB": 1 << 20}

var timeUnits = map[string]int64{"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}

var fineUnits = map[string]bool{"us": true, "µs": true, "μs": true, "ns": true, "ps": true}

// foreignUnits are what people write for units that the language spells otherwise.
var foreignUnits = map[string]string{"kB": "KiB", "KB": "KiB", "kb": "KiB", "Kb": "KiB", "k": "KiB", "K": "KiB", "kib": "KiB",
	"MB": "MiB", "mb": "MiB", "M": "MiB", "b": "B", "byte": "B", "bytes": "B", "sec": "s", "secs": "s", "seconds": "s", "m": "min",
	"mins": "min", "minutes": "min", "hr": "h", "hours": "h", "days": "d", "msec": "ms", "S": "s", "MS": "ms"}

// wrongUnit reports a unit that does not fit; accepted lists those that do, in their usual order.
func (p *parser) wrongUnit(q *quantityG, n *number, what string, accepted ...string) {
	at := p.tokensSpan(q.Tokens)
	written := n.unit
	if n.per != "" {
		written += "/" + n.per
	}
	label := "expected " + alternatives(accepted)
	if written == "" {
		p.report.Errorf("wrong-unit", at, label, "%s needs a unit", what)
		return
	}
	if len(accepted) == 0 {
		p.report.Errorf("wrong-unit", at, "expected a plain number", "%s has no unit", what)
		return
	}
	d := p.report.Errorf("wrong-unit", at, label, "`%s` is no unit of %s", shorten(written), what)
	for _, a := range accepted {
		if foreignUnits[n.unit] == a && n.per == "" {
			d.Repair("did you mean `"+a+"`?", editUnit(q, p, n.unit, a))
		}
	}
}

// count reads a plain number within lo..hi.
func (p *parser) count(q *quantityG, what string, lo, hi int64) (int64, bool) {
	n := p.number(q)
	if n == nil {
		return 0, false
	}
	if n.unit != "" || n.per != "" {
		p.wrongUnit(q, n, what)
		return 0, false
	}
	return p.within(q, n, 1, what, "", lo, hi)
}

// within converts and holds the value against its bounds, which are told in the base unit.
func (p *parser) within(q *quantityG, n *number, factor int64, what, unit string, lo, hi int64) (int64, bool) {
	at := p.tokensSpan(q.Tokens)
	v, ok := n.integer(factor)
	switch {
	case !ok && !n.value.IsInt():
		p.report.Errorf("out-of-range", at, "", "%s is a whole number", what)
	case ok && v < lo:
		p.report.Errorf("out-of-range", at, "", "%s is at least %d%s", what, lo, plural(lo, unit))
	case !ok || v > hi:
		p.report.Errorf("out-of-range", at, "", "%s is at most %d%s", what, hi, plural(hi, unit))
	default:
		return v, true
	}
	return 0, false
}

// plural drops the s of a unit where there is one of it.
func plural(n int64, unit string) string {
	if n == 1 {
		return strings.TrimSuffix(unit, "s")
	}
	return unit
}

// bytes reads an amount of memory.
func (p *parser) bytes(q *quantityG, what string, lo, hi int64) (int64, bool) {
	n := p.number(q)
	if n == nil {
		return 0, false
	}
	factor, ok := byteUnits[n.unit]
	if !ok || n.per != "" {
		p.wrongUnit(q, n, what, "B", "KiB", "MiB")
		return 0, false
	}
	return p.within(q, n, factor, what, " bytes", lo, hi)
}

// time reads a span of at least lo milliseconds.
func (p *parser) time(q *quantityG, what string, lo int64) (time.Duration, bool) {
	n := p.number(q)
	if n == nil {
		return 0, false
	}
	at := p.tokensSpan(q.Tokens)
	factor, ok := timeUnits[n.unit]
	switch {
	case fineUnits[n.unit] && n.per == "":
		p.report.Errorf("too-fine", at, "", "time is counted in milliseconds, and this unit is finer")
		return 0, false
	case !ok || n.per != "":
		p.wrongUnit(q, n, what, "ms", "s", "min", "h", "d")
		return 0, false
	}
	v, ok := n.integer(factor)
	switch {
	case !ok && !new(big.Rat).Mul(n.value, new(big.Rat).SetInt64(factor)).IsInt():
		p.report.Errorf("too-fine", at, "", "time is counted in whole milliseconds")
	case ok && v < lo:
		p.report.Errorf("out-of-range", at, "", "%s is at least %dms", what, lo)
	case !ok || v > maxTime:
		p.report.Errorf("out-of-range", at, "", "%s is below 2^31 ms, which is 24 days", what)
	default:
		return time.Duration(v) * time.Millisecond, true
	}
	return 0, false
}

// percent reads a fraction of 0..100 %; zero and full tell whether the ends belong to it.
func (p *parser) percent(q *quantityG, what string, zero, full bool) (float64, bool) {
	n := p.number(q)
	if n == nil {
		return 0, false
	}
	at := p.tokensSpan(q.Tokens)
	if n.unit != "%" || n.per != "" {
		p.wrongUnit(q, n, what, "%")
		return 0, false
	}
	switch sign, top := n.value.Sign(), n.value.Cmp(big.NewRat(100, 1)); {
	case sign < 0 || sign == 0 && !zero:
		p.report.Errorf("out-of-range", at, "", "%s is more than 0%%", what)
	case top > 0 && full:
		p.report.Errorf("out-of-range", at, "", "%s is at most 100%%", what)
	case top >= 0 && !full:
		p.report.Errorf("out-of-range", at, "", "%s is less than 100%%", what)
	default:
		f, _ := new(big.Rat).Mul(n.value, big.NewRat(1, 100)).Float64()
		return f, true
	}
	return 0, false
}

// editUnit replaces the unit within the token of the number.
func editUnit(q *quantityG, p *parser, unit, by string) diag.Edit {
	end := tokenEnd(q.Number)
	return diag.Edit{Span: span(p.file, end-len(unit), end), Text: by}
}
