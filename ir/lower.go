package ir

import (
	"slices"
	"strings"
	"time"

	"sprocketc/diag"
	"sprocketc/lang"
)

// DefaultWithin is the time of a call where neither the call nor its interface gives one.
const DefaultWithin = 30 * time.Second

// DefaultDrift is by how much a peer's clock may run wrong where it does not say.
const DefaultDrift = 0.01

const defaultUnseen = 1.0 / (1 << 16)

// Lower turns a program's tree into demands. It checks the tree first: where lang.Check finds errors, or a value is
// larger than MaxPayload, the Program is nil and the diagnostics say why. The file must have come through lang.Parse
// without errors; what could not be read is not in the tree.
func Lower(f *lang.File) (*Program, []diag.Diagnostic) {
	if found := lang.Check(f); diag.HasErrors(found) {
		return nil, found
	}
	l := &lowerer{
		lines:    diag.NewLines(f.Source),
		structs:  map[string]*Struct{},
		enums:    map[string]*Enum{},
		peers:    map[string]*Peer{},
		channels: map[string]*Channel{},
	}
	p := &Program{File: f.Source.Name, Source: f.Source.Text}
	if f.Protocol != nil {
		p.Name, p.Doc = f.Protocol.Name.Name, f.Protocol.Doc
	}
	for _, e := range f.Enums {
		p.Enums = append(p.Enums, l.enum(e))
	}
	for _, s := range f.Structs { // shells first: a field may name a later struct
		lowered := &Struct{Name: s.Name.Name, Doc: doc(s.Head), Clause: l.clause(s.Head.Span)}
		l.structs[lowered.Name] = lowered
		p.Structs = append(p.Structs, lowered)
	}
	for i, s := range f.Structs {
		p.Structs[i].Fields = l.fields(s.Fields)
	}
	for _, peer := range f.Peers {
		p.Peers = append(p.Peers, l.peer(peer))
	}
	for _, c := range f.Channels {
		p.Channels = append(p.Channels, l.channel(c))
	}
	for _, i := range f.Interfaces {
		p.Interfaces = append(p.Interfaces, l.iface(i))
	}
	for _, a := range f.Asserts {
		p.Assertions = append(p.Assertions, l.assertion(a, p)...)
	}
	if found := checkSizes(p); len(found) > 0 {
		return nil, found
	}
	return p, nil
}

type lowerer struct {
	lines    *diag.Lines
	structs  map[string]*Struct
	enums    map[string]*Enum
	peers    map[string]*Peer
	channels map[string]*Channel
}

// clause is the program's text at a span, with comments left out and white space collapsed.
func (l *lowerer) clause(s diag.Span) Clause {
	text := s.Text()
	if strings.Contains(text, "//") { // a parameter list over several lines
		var lines []string
		for line := range strings.SplitSeq(text, "\n") {
			line, _, _ = strings.Cut(line, "//")
			lines = append(lines, line)
		}
		text = strings.Join(lines, "\n")
	}
	return Clause{Span: s, Text: strings.Join(strings.Fields(text), " "), Line: l.lines.Line(s.Start)}
}

func (l *lowerer) word(w *lang.Word) *Clause {
	if w == nil {
		return nil
	}
	c := l.clause(w.Span)
	return &c
}

func (l *lowerer) amount(a *lang.Amount) *Amount {
	if a == nil {
		return nil
	}
	return &Amount{N: a.N, Clause: l.clause(a.Span)}
}

// doc is the comment above a declaration, or else the one behind it.
func doc(h lang.Head) string {
	if h.Doc != "" {
		return h.Doc
	}
	return h.Note
}

func (l *lowerer) enum(e *lang.Enum) *Enum {
	lowered := &Enum{Name: e.Name.Name, Doc: doc(e.Head), Clause: l.clause(e.Head.Span)}
	for _, m := range e.Members {
		lowered.Members = append(lowered.Members, m.Name)
	}
	l.enums[lowered.Name] = lowered
	return lowered
}

func (l *lowerer) fields(fields []*lang.Field) []Field {
	var lowered []Field
	for _, f := range fields {
		if t := l.typ(f.Type); t != nil {
			lowered = append(lowered, Field{Name: f.Name.Name, Doc: doc(f.Head), Type: t, Clause: l.clause(f.Head.Span)})
		}
	}
	return lowered
}

func (l *lowerer) typ(t *lang.Type) *Type {
	if t == nil {
		return nil
	}
	lowered := &Type{Bits: t.Bits, Max: t.Max, Fixed: t.Fixed}
	switch t.Kind {
	case lang.Bool:
		lowered.Kind = Bool
	case lang.Uint, lang.Int:
		lowered.Kind = Uint
		if t.Kind == lang.Int {
			lowered.Kind = Int
		}
		if t.Refine != nil {
			lowered.Refined, lowered.Lo, lowered.Hi = true, t.Refine.Lo, t.Refine.Hi
		}
	case lang.Float:
		lowered.Kind = Float
	case lang.Text:
		lowered.Kind = Text
	case lang.Bytes:
		lowered.Kind = Bytes
	case lang.Array, lang.List, lang.Option:
		lowered.Kind = map[lang.TypeKind]TypeKind{lang.Array: Array, lang.List: List, lang.Option: Option}[t.Kind]
		if lowered.Elem = l.typ(t.Elem); lowered.Elem == nil {
			return nil
		}
	case lang.Named:
		if s := l.structs[t.Name]; s != nil {
			lowered.Kind, lowered.Struct = StructType, s
		} else if e := l.enums[t.Name]; e != nil {
			lowered.Kind, lowered.Enum = EnumType, e
		} else {
			return nil
		}
	}
	return lowered
}

func (l *lowerer) peer(p *lang.Peer) *Peer {
	lowered := &Peer{Name: p.Name.Name, Doc: doc(p.Head), Clause: l.clause(p.Head.Span), Crashes: l.word(p.Crashes), Commits: l.word(p.Commits),
		Stable: l.amount(p.Stable), Entropy: l.amount(p.Entropy), RAM: l.amount(p.RAM), Flash: l.amount(p.Flash), Drift: DefaultDrift}
	for _, e := range p.Emit {
		lowered.Emit = append(lowered.Emit, Emit{Language: e.Name, Clause: l.clause(p.EmitAt)})
	}
	if p.Drift != nil {
		at := l.clause(p.Drift.Span)
		lowered.Drift, lowered.DriftAt = p.Drift.P, &at
	}
	lowered.Battery = l.word(p.Battery)
	l.peers[lowered.Name] = lowered
	return lowered
}

func (l *lowerer) channel(c *lang.Channel) *Channel {
	lowered := &Channel{Name: c.Name.Name, Doc: doc(c.Head), Clause: l.clause(c.Head.Span), A: l.peers[c.A.Name], B: l.peers[c.B.Name],
		OneWay: c.OneWay, Direction: l.clause(c.Direction), Unit: l.amount(c.Unit), Repeats: l.word(c.Repeats)}
	if c.Over != nil {
		at := l.clause(c.Over.Span)
		lowered.Over, lowered.OverAt = c.Over.Name, &at
	}
	if c.Loses != nil {
		lowered.Loses = &Probability{P: c.Loses.P, Clause: l.clause(c.Loses.Span)}
	}
	if c.Reorders != nil {
		lowered.Reorders = &Reorders{Within: c.Reorders.Within, Clause: l.clause(c.Reorders.Span)}
	}
	if c.Corrupts != nil {
		lowered.Corrupts = &Corrupts{Unseen: c.Corrupts.Unseen, Clause: l.clause(c.Corrupts.Span)}
		if c.Corrupts.Unseen < 0 {
			lowered.Corrupts.Unseen = defaultUnseen
		}
	}
	if c.Delays != nil {
		lowered.Delays = &Delays{Min: c.Delays.Min, Max: c.Delays.Max, Clause: l.clause(c.Delays.Span)}
	}
	if c.Lives != nil {
		lowered.Lives = &Lifetime{T: c.Lives.T, Clause: l.clause(c.Lives.Span)}
	}
	if c.Rate != nil {
		lowered.Rate = &Rate{Datagrams: c.Rate.Datagrams, Bytes: c.Rate.Bytes, Clause: l.clause(c.Rate.Span)}
	}
	l.channels[lowered.Name] = lowered
	return lowered
}

func (l *lowerer) iface(i *lang.Interface) *Interface {
	lowered := &Interface{Name: i.Name.Name, Doc: doc(i.Head), Clause: l.clause(i.Head.Span), From: l.peers[i.From.Name],
		To: l.peers[i.To.Name], Channel: l.channels[i.On.Name], Default: DefaultWithin}
	if i.Default != nil {
		at := l.clause(i.Default.Span)
		lowered.Default, lowered.DefaultAt = i.Default.T, &at
	}
	if len(i.Optimise) > 0 {
		at := l.clause(i.OptimiseAt)
		lowered.OptimiseAt = &at
		for _, o := range i.Optimise {
			lowered.Optimise = append(lowered.Optimise, o.Name)
		}
	}
	for _, c := range i.Calls {
		lowered.Calls = append(lowered.Calls, l.call(c))
	}
	for j, c := range i.Calls { // the order is one of both calls
		if c.Ordered == nil {
			continue
		}
		for _, other := range lowered.Calls {
			if other.Name == c.Ordered.After.Name && other.Ordered == nil {
				other.Ordered = lowered.Calls[j].Ordered
			}
		}
	}
	// What may come and go behind them does not move the calls that are kept.
	slices.SortStableFunc(lowered.Calls, func(a, b *Call) int {
		switch {
		case (a.Keep != nil) == (b.Keep != nil):
			return 0
		case a.Keep != nil:
			return -1
		}
		return 1
	})
	for _, f := range i.Force {
		lowered.Force = append(lowered.Force, Force{Feature: f.Feature, Value: f.Value, Clause: l.clause(f.Span)})
	}
	return lowered
}

func (l *lowerer) call(c *lang.Call) *Call {
	lowered := &Call{Name: c.Name.Name, Doc: doc(c.Head), Clause: l.clause(c.Head.Span), Params: l.fields(c.Params), Result: l.typ(c.Result),
		Commutes: l.word(c.Commutes), Serial: l.word(c.Serial), Keep: l.word(c.Keep), Log: l.amount(c.Log)}
	lowered.Kind = map[lang.CallKind]Kind{lang.Effect: Effect, lang.ExactlyOnce: ExactlyOnce, lang.Idempotent: Idempotent, lang.Pure: Pure}[c.Kind]
	lowered.KindAt = lowered.Clause
	if c.KindAt != nil {
		lowered.KindAt = l.clause(c.KindAt.Span)
	}
	if c.Ordered != nil {
		at := l.clause(c.Ordered.Span)
		lowered.Ordered = &at
	}
	if n := c.Pipelined; n != nil && n.N > 1 {
		lowered.Pipelined = &Pipelined{N: int(n.N), Clause: l.clause(n.Span)}
	}
	if c.Cache != nil {
		lowered.Cache = &Cache{N: c.Cache.N, For: c.Cache.For, Clause: l.clause(c.Cache.Span)}
	}
	if c.Within != nil {
		lowered.Within = &Within{T: c.Within.T, P: c.Within.P, Clause: l.clause(c.Within.Span)}
	}
	return lowered
}
