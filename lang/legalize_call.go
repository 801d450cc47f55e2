package lang

import (
	"strconv"
	"strings"

	"sprocketc/diag"
)

func (p *parser) interfaceBlock(i *Interface, block []*rawClause) {
	p.tree.Interfaces = append(p.tree.Interfaces, i)
	seen := once{}
	expectCalls := true // unless a clause that may be meant as one could not be read
	for _, c := range block {
		w := p.known(inInterface, c)
		if w == nil {
			expectCalls = false
			continue
		}
		inner := p.blockOf(w, c)
		at := p.tokensSpan(c.head)
		g := parseHead[interfaceClauseG](p, interfaceParser, inInterface, c.head)
		switch w.name {
		case "call":
			expectCalls = false
			p.call(i, g, c, inner)
		case "within":
			if p.first(seen, c, w.name, at) && g != nil {
				if v, ok := p.time(g.Within, "the time of a call", 1); ok {
					i.Default = &Span{T: v, Span: at}
				}
			}
		case "optimise":
			fresh := p.first(seen, c, w.name, at)
			if g == nil {
				continue
			}
			if named := p.oneOf(g.Optimise, Objectives, "is nothing that a plan can be cheap in"); fresh {
				i.Optimise, i.OptimiseAt = named, at
			}
		case "force":
			if p.first(seen, c, w.name, at) {
				p.force(i, inner)
			}
		}
	}
	if expectCalls && !i.Broken {
		p.report.Errorf("no-calls", i.Head.Span, "expected at least one `call` in its block", "the interface has no calls")
	}
}

func (p *parser) call(i *Interface, g *interfaceClauseG, c *rawClause, block []*rawClause) {
	call := &Call{}
	if g == nil {
		call.Head = p.head(c, c.head[0], true)
	} else {
		call.Head = p.head(c, g.Call.Name, false)
		for _, f := range g.Call.Params {
			call.Params = append(call.Params, p.field(f))
		}
		if g.Call.Result != nil {
			call.Result = p.typ(g.Call.Result)
		}
	}
	i.Calls = append(i.Calls, call)
	seen := once{}
	kindKnown := true // unless a word that may be meant as one could not be read
	for _, cc := range block {
		w := p.known(inCall, cc)
		if w == nil {
			kindKnown = false
			continue
		}
		p.blockOf(w, cc)
		at := p.tokensSpan(cc.head)
		target := call
		if !p.first(seen, cc, w.name, at) {
			target = &Call{} // read for its errors only
		}
		if g := parseHead[callG](p, callParser, inCall, cc.head); g != nil {
			p.callClause(target, g, at)
		}
	}
	if call.Cache != nil && call.Kind != Pure && (kindKnown || call.KindAt != nil) {
		d := p.report.Errorf("cache-not-pure", call.Cache.Span, "", "only a pure call can be answered from a cache")
		if call.KindAt != nil {
			d.And(call.KindAt.Span, "this call is not pure")
		} else {
			d.And(call.Head.Span, "this call says nothing, so it is `effect`")
		}
	}
}

func (p *parser) callClause(call *Call, g *callG, at diag.Span) {
	kind := func(k CallKind) {
		if call.KindAt != nil {
			p.report.Errorf("conflicting-clauses", at, "", "a call is `pure`, `idempotent` or `effect`, and one of them only").
				And(call.KindAt.Span, "said here already")
			return
		}
		call.Kind, call.KindAt = k, &Word{Span: at}
	}
	switch {
	case g.Pure:
		kind(Pure)
	case g.Idempotent:
		kind(Idempotent)
	case g.Exactly:
		kind(ExactlyOnce)
	case g.Effect:
		kind(Effect)
	case g.Commutes:
		call.Commutes = &Word{Span: at}
	case g.Serial:
		call.Serial = &Word{Span: at}
	case g.Ordered:
		call.Ordered = &Order{Span: at}
		if g.After != nil {
			call.Ordered.After = p.ident(g.After.Name)
		}
	case g.Pipelined != nil:
		if v, ok := p.count(g.Pipelined, "the number of outstanding calls", 1, maxCount); ok {
			call.Pipelined = &Amount{N: v, Span: at}
		}
	case g.Keep:
		call.Keep = &Word{Span: at}
	case g.Cache != nil:
		n, okN := p.count(g.Cache, "the number of cached answers", 1, maxCount)
		t, okT := p.time(g.For, "the age of an answer", 1)
		if okN && okT {
			call.Cache = &Cache{N: int(n), For: t, Span: at}
		}
	case g.Within != nil:
		w := &Within{Span: at}
		ok := true
		w.T, ok = p.time(g.Within, "the time of a call", 1)
		if g.At != nil {
			var good bool
			w.P, good = p.percent(g.At, "a probability", false, true)
			ok = ok && good
		}
		if ok {
			call.Within = w
		}
	case g.Log != nil:
		if v, ok := p.count(g.Log, "the number of logged events", 1, maxCount); ok {
			call.Log = &Amount{N: v, Span: at}
		}
	}
}

// force reads the overrides. Which features there are, the solver knows.
func (p *parser) force(i *Interface, block []*rawClause) {
	seen := once{}
	for _, c := range block {
		if c.block != nil {
			p.report.Errorf("unexpected-token", c.block.open, "", "an override takes no block")
		}
		if len(c.head) == 0 {
			continue
		}
		g := parseHead[forceG](p, forceParser, inForce, c.head)
		if g == nil {
			continue
		}
		at := p.tokensSpan(c.head)
		words := make([]string, len(g.Words))
		for k, t := range g.Words {
			words[k] = t.Name.Value
		}
		last := words[len(words)-1]
		f := &Force{Span: at, Feature: strings.Join(words[:len(words)-1], " ")}
		key := f.Feature
		switch {
		case len(words) < 2:
			p.report.Errorf("unexpected-token", at, "", "this override says nothing").
				Note("it reads `FEATURE off`, `FEATURE on` or `FEATURE PARAMETER 3`, with a feature as `sprocketc solve` prints it")
			continue
		case g.Number == nil && last != "on" && last != "off":
			p.report.Errorf("unexpected-token", p.span(g.Words[len(words)-1].Name), "expected `on`, `off` or a number after this", "this override has no value")
			continue
		case g.Number == nil:
			f.Value = last
		default:
			v, ok := p.count(g.Number, "a parameter", 0, maxBytes)
			if !ok {
				continue
			}
			f.Value = last + " " + strconv.FormatInt(v, 10)
			key += " " + last
		}
		if p.first(seen, c, key, at) {
			i.Force = append(i.Force, f)
		}
	}
}
