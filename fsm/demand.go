package fsm

import (
	"fmt"
	"strings"

	"sprocketc/diag"
)

// Demand is what a machine has to keep in real time, whatever its clock does within its drift.
type Demand struct {
	Kind    DemandKind
	Machine string
	Spans   []uint32 // of Within and Fresh: by function, in ms; 0: none
	Span    uint32   // of Paced: in ms
	Doc     []string
	At      diag.Span
}

// DemandKind tells demands in time apart.
type DemandKind int

const (
	Within DemandKind = iota // a call ends at most so long after it was made
	Fresh                    // an answer from a memo is at most so old, counted from the first transmission of the call that fetched it
	Paced                    // two datagrams are sent at least so long apart
)

var demandKinds = []string{"within", "fresh", "paced"}

func (k DemandKind) String() string { return demandKinds[k] }

// demand whose first word was taken; enums are those that stand before it.
func (p *parser) demand(kind DemandKind, enums []*Enum, dc []string) *Demand {
	d := &Demand{Kind: kind, Machine: p.name(), Doc: dc}
	if p.numbered() {
		d.Span = p.uint32()
		p.need(";")
		return d
	}
	p.need("for")
	per := p.name()
	spans := map[string]uint32{}
	p.need("{")
	list(p.scanner, "}", true, func() (none struct{}) {
		name := p.name()
		p.need(":")
		spans[name] = p.uint32()
		return
	})
	p.need("}")
	p.need(";")
	for _, e := range enums {
		if e.Name == per {
			d.Spans = make([]uint32, len(e.Members))
			for i, m := range e.Members {
				d.Spans[i] = spans[m]
			}
		}
	}
	return d
}

// text of a demand in a system.
func (d *Demand) text(s *System) string {
	if d.Kind == Paced {
		return fmt.Sprintf("paced %s %d;", d.Machine, d.Span)
	}
	var of []string
	if en := s.Enum("fn"); en != nil {
		for i, m := range en.Members {
			if i < len(d.Spans) && d.Spans[i] > 0 {
				of = append(of, fmt.Sprintf("%s: %d", m, d.Spans[i]))
			}
		}
	}
	return fmt.Sprintf("%s %s for fn { %s };", d.Kind, d.Machine, strings.Join(of, ", "))
}

// demands checks what is asked of machines in time.
func (k *checker) demands() {
	for _, d := range k.sys.Demands {
		m := k.sys.Machine(d.Machine)
		switch {
		case m == nil:
			k.bad("unknown-name", d.At, "there is no machine `%s`", d.Machine)
		case d.Kind == Paced && d.Span == 0:
			k.bad("type-mismatch", d.At, "`paced` has one interval for every datagram: `paced %s 50;`", d.Machine)
		case d.Kind != Paced && d.Spans == nil:
			k.bad("type-mismatch", d.At, "`%s` has a time for each function: `%s %s for fn { f: 2000 };`", d.Kind, d.Kind, d.Machine)
		case d.Kind == Within && m.Event(OnCall, "call") == nil:
			k.bad("type-mismatch", d.At, "`%s` makes no calls", d.Machine)
		case d.Kind == Fresh && len(m.Memos) == 0:
			k.bad("type-mismatch", d.At, "`%s` remembers no answers", d.Machine)
		}
	}
	for _, m := range k.sys.Machines {
		if m.Drift >= million {
			k.bad("out-of-range", m.Span, "a clock that may run %d parts in a million wrong may stand still", m.Drift)
		}
	}
}

// million is one in parts per million.
const million = 1_000_000
