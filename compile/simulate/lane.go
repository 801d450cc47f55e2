package simulate

import (
	"encoding/binary"
	"fmt"
	"time"

	"sprocketc/faultlink"
	"sprocketc/ir"
)

// lane is one direction of the link. Beside its bytes a datagram carries, for the simulation alone, its number, the slot
// of its payload and its layout; the link alters only the bytes.
type lane struct {
	*world
	to      *peer
	link    *faultlink.Lane
	sent    uint32
	bytes   uint64
	altered uint64
}

// arrival is a copy of a datagram.
type arrival struct {
	bytes   []byte
	slot    uint32
	number  int
	message string
	altered bool
}

func (d arrival) name() string {
	if d.altered {
		return d.message + ", altered"
	}
	return d.message
}

const shadow = 12 // bytes before the datagram

var epoch = time.Unix(0, 0)

func (l *lane) send(from *peer, w *ir.WireMessage, datagram []byte, slot uint32) {
	l.sent++
	l.bytes += uint64(len(datagram))
	b := make([]byte, shadow, shadow+len(datagram))
	binary.BigEndian.PutUint32(b, l.sent)
	binary.BigEndian.PutUint32(b[4:], slot)
	binary.BigEndian.PutUint32(b[8:], uint32(w.Kind))
	lost := l.link.Counters().Lost
	l.link.Send(epoch.Add(l.now), append(b, datagram...))
	s := Step{Actor: from.name, Kind: Sent, Text: message(w), Number: l.number(l.sent)}
	if l.link.Counters().Lost > lost {
		s.Kind = Lost
	}
	l.tell(s)
}

// number of a datagram among those of both lanes.
func (l *lane) number(n uint32) int {
	if l.to == l.callee {
		return 2*int(n) - 1
	}
	return 2 * int(n)
}

func message(w *ir.WireMessage) string {
	if w.Fn == "" {
		return w.Message
	}
	return w.Message + " " + w.Fn
}

func (l *lane) next() time.Duration {
	at, any := l.link.Next()
	if !any {
		return never
	}
	return max(at.Sub(epoch), l.now)
}

// due gives the copies that arrive now.
func (l *lane) due() []arrival {
	var out []arrival
	for _, b := range l.link.Due(epoch.Add(l.now)) {
		d := arrival{bytes: b[shadow:], number: l.number(binary.BigEndian.Uint32(b)), slot: binary.BigEndian.Uint32(b[4:])}
		kind := int(binary.BigEndian.Uint32(b[8:]))
		for i := range l.plan.Wire {
			if l.plan.Wire[i].Kind == kind {
				d.message = message(&l.plan.Wire[i])
			}
		}
		if len(d.bytes) > 0 && l.rng.Float64() < l.config.Faults.Corrupt {
			l.flip(d.bytes)
			l.altered++
			d.altered = true
		}
		out = append(out, d)
	}
	return out
}

// flip alters 1 to 16 distinct bits, as faultlink does; its own alterations would reach what the simulation adds.
func (l *lane) flip(b []byte) {
	bits := 8 * len(b)
	flipped := map[int]bool{}
	for n := 1 + l.rng.IntN(min(bits, 16)); len(flipped) < n; {
		bit := l.rng.IntN(bits)
		if !flipped[bit] {
			flipped[bit] = true
			b[bit/8] ^= 1 << (bit % 8)
		}
	}
}

func newLane(w *world, to *peer, seed uint64) (*lane, error) {
	f := w.config.Faults
	f.Corrupt = 0
	link, err := faultlink.NewLane(f, seed)
	if err != nil {
		return nil, fmt.Errorf("the link: %w", err)
	}
	return &lane{world: w, to: to, link: link}, nil
}
