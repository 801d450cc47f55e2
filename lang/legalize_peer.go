package lang

import (
	"slices"

	"sprocketc/diag"
)

// once keeps track of the clauses of a block.
type once map[string]diag.Span

// first reports a clause that was there before. A clause whose word was guessed counts for nothing.
func (p *parser) first(seen once, c *rawClause, key string, at diag.Span) bool {
	if c.guessed {
		return true
	}
	if before, ok := seen[key]; ok {
		p.report.Errorf("duplicate-clause", at, "again", "a second `%s`", key).And(before, "the first one")
		return false
	}
	seen[key] = at
	return true
}

// languages are what `emit` can name.
var languages = []string{"go", "c"}

// carriers are what `over` can name.
var carriers = []string{"udp", "serial", "unix", "custom"}

func (p *parser) peer(h Head, block []*rawClause) {
	peer := &Peer{Head: h}
	p.tree.Peers = append(p.tree.Peers, peer)
	seen := once{}
	for _, c := range block {
		w := p.known(inPeer, c)
		if w == nil {
			continue
		}
		p.blockOf(w, c)
		at := p.tokensSpan(c.head)
		fresh := p.first(seen, c, w.name, at)
		g := parseHead[peerG](p, peerParser, inPeer, c.head)
		if g == nil {
			continue
		}
		target := peer
		if !fresh {
			target = &Peer{} // read for its errors only
		}
		p.peerClause(target, g, at)
	}
}

func (p *parser) peerClause(peer *Peer, g *peerG, at diag.Span) {
	amount := func(v int64, ok bool) *Amount {
		if !ok {
			return nil
		}
		return &Amount{N: v, Span: at}
	}
	switch {
	case g.Emit != nil:
		peer.EmitAt = at
		peer.Emit = p.oneOf(g.Emit, languages, "is no language that is emitted")
	case g.Crashes:
		peer.Crashes = &Word{Span: at}
	case g.Commits:
		peer.Commits = &Word{Span: at}
	case g.Stable != nil:
		peer.Stable = amount(p.bytes(g.Stable, "stable memory", 1, maxBytes))
	case g.RAM != nil:
		peer.RAM = amount(p.bytes(g.RAM, "the RAM", 1, maxBytes))
	case g.Flash != nil:
		peer.Flash = amount(p.bytes(g.Flash, "the flash", 1, maxBytes))
	case g.Entropy != nil:
		n := p.number(g.Entropy)
		if n == nil {
			return
		}
		if n.unit != "bits" && n.unit != "bit" || n.per != "" {
			p.wrongUnit(g.Entropy, n, "entropy", "bits")
			return
		}
		peer.Entropy = amount(p.within(g.Entropy, n, 1, "entropy", " bits", 1, 256))
	case g.Battery:
		peer.Battery = &Word{Span: at}
	case g.Drift != nil:
		if v, ok := p.percent(g.Drift, "the drift of a clock", true, false); ok {
			peer.Drift = &Percent{P: v, Span: at}
		}
	}
}

// oneOf reads a list of names, each of which must be one of those that there are, and stand there once.
func (p *parser) oneOf(names []*nameG, known []string, otherwise string) []Ident {
	var out []Ident
	for _, t := range names {
		id := p.ident(t.Name)
		if !slices.Contains(known, id.Name) {
			d := p.report.Errorf("unknown-word", id.Span, "expected "+alternatives(known), "`%s` %s", shorten(id.Name), otherwise)
			p.suggest(d, id.Name, known)
			continue
		}
		if i := slices.IndexFunc(out, func(e Ident) bool { return e.Name == id.Name }); i >= 0 {
			p.report.Errorf("duplicate-name", id.Span, "again", "`%s` is named twice", id.Name).And(out[i].Span, "the first time")
			continue
		}
		out = append(out, id)
	}
	return out
}
