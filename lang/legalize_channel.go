package lang

import (
	"slices"

	"sprocketc/diag"
)

// maxOvertaking is the largest bound of reordering that the checker takes; `reorders` alone is without bound.
const maxOvertaking = 64

// maxUDP is the largest payload of a datagram over UDP and IPv4, in bytes.
const maxUDP = 65507

func (p *parser) channel(h Head, block []*rawClause, whole bool) {
	ch := &Channel{Head: h}
	p.tree.Channels = append(p.tree.Channels, ch)
	seen := once{}
	for _, c := range block {
		w := p.known(inChannel, c)
		if w == nil {
			ch.Broken = true // the word may have meant the direction
			continue
		}
		p.blockOf(w, c)
		at := p.tokensSpan(c.head)
		g := parseHead[channelG](p, channelParser, inChannel, c.head)
		target := ch
		if !p.first(seen, c, w.name, at) {
			target = &Channel{} // read for its errors only
		}
		if g == nil {
			if w.name == "between" || w.name == "from" {
				ch.Broken = true
			}
			continue
		}
		p.channelClause(target, g, at)
	}
	if whole {
		p.channelWhole(ch)
	}
}

func (p *parser) channelClause(ch *Channel, g *channelG, at diag.Span) {
	switch {
	case g.Between != nil || g.From != nil:
		ends := append(g.Between, g.From...)
		if ch.Direction.File != nil {
			p.report.Errorf("conflicting-clauses", at, "", "a channel has one direction").And(ch.Direction, "given here already")
			return
		}
		ch.A, ch.B, ch.OneWay, ch.Direction = p.ident(ends[0].Name), p.ident(ends[1].Name), g.From != nil, at
	case g.Over != nil:
		id := p.ident(g.Over.Name)
		if !slices.Contains(carriers, id.Name) {
			d := p.report.Errorf("unknown-word", id.Span, "expected "+alternatives(carriers), "`%s` carries no channel", shorten(id.Name))
			p.suggest(d, id.Name, carriers)
			return
		}
		ch.Over = &Over{Name: id.Name, Span: at}
	case g.Unit != nil:
		if v, ok := p.bytes(g.Unit, "the largest datagram", 1, maxBytes); ok {
			ch.Unit = &Amount{N: v, Span: at}
		}
	case g.Loses != nil:
		if v, ok := p.percent(g.Loses, "a loss", false, false); ok {
			ch.Loses = &Percent{P: v, Span: at}
		}
	case g.Repeats:
		ch.Repeats = &Word{Span: at}
	case g.Reorders:
		ch.Reorders = &Reorders{Within: -1, Span: at}
		if g.Within != nil {
			if v, ok := p.count(g.Within, "the bound of reordering", 1, maxOvertaking); ok {
				ch.Reorders.Within = int(v)
			}
		}
	case g.Corrupts:
		ch.Corrupts = &Corrupts{Unseen: -1, Span: at}
		if g.Unseen != nil {
			if v, ok := p.percent(g.Unseen, "what the checksum misses", true, false); ok {
				ch.Corrupts.Unseen = v
			}
		}
	case g.Delays != nil:
		lo, okLo := p.time(g.Delays.Lo, "the shortest delay", 0)
		hi, okHi := p.time(g.Delays.Hi, "the longest delay", 0)
		if !okLo || !okHi {
			return
		}
		if lo > hi {
			r := p.tokensSpan(g.Delays.Tokens)
			p.report.Errorf("out-of-range", r, "", "this range is empty").Repair("the other way round", diag.Edit{Span: r,
				Text: p.tokensSpan(g.Delays.Hi.Tokens).Text() + ".." + p.tokensSpan(g.Delays.Lo.Tokens).Text()})
			return
		}
		ch.Delays = &Delays{Min: lo, Max: hi, Span: at}
	case g.Lives != nil:
		if v, ok := p.time(g.Lives, "the lifetime of a datagram", 1); ok {
			ch.Lives = &Span{T: v, Span: at}
		}
	case g.Rate != nil:
		ch.Rate = p.rate(g.Rate, at)
	}
}

func (p *parser) rate(q *quantityG, at diag.Span) *Rate {
	n := p.number(q)
	if n == nil {
		return nil
	}
	factor, ok := byteUnits[n.unit]
	if n.per != "s" || n.unit != "" && !ok {
		p.wrongUnit(q, n, "a rate", "/s", "B/s", "KiB/s", "MiB/s")
		return nil
	}
	v := n.float() * float64(max(factor, 1))
	if v <= 0 || v > maxBytes {
		p.report.Errorf("out-of-range", p.tokensSpan(q.Tokens), "", "a rate is more than 0 and at most 2^40 a second")
		return nil
	}
	r := &Rate{Datagrams: v, Span: at}
	if n.unit != "" {
		r.Datagrams, r.Bytes = 0, v
	}
	return r
}

// channelWhole looks at the clauses of a channel together.
func (p *parser) channelWhole(ch *Channel) {
	if ch.Direction.File == nil && !ch.Broken {
		p.report.Errorf("missing-clause", ch.Head.Span, "expected `between PEER and PEER` or `from PEER to PEER` in its block", "the channel joins no peers")
		ch.Broken = true
	}
	if ch.Over != nil && ch.Over.Name == "udp" && ch.Unit != nil && ch.Unit.N > maxUDP {
		p.report.Errorf("out-of-range", ch.Unit.Span, "", "a datagram over udp has at most %d bytes", maxUDP).And(ch.Over.Span, "udp, because of this")
	}
	switch {
	case ch.Lives == nil || ch.Delays == nil:
	case ch.Lives.T < ch.Delays.Min:
		p.report.Errorf("conflicting-clauses", ch.Lives.Span, "", "no datagram would arrive").And(ch.Delays.Span, "the shortest delay is longer than a datagram lives")
	case ch.Lives.T < ch.Delays.Max:
		p.report.Errorf("conflicting-clauses", ch.Lives.Span, "", "some datagrams would not arrive in time").And(ch.Delays.Span, "the longest delay is longer than a datagram lives")
	}
}
