package conform

import (
	"slices"

	"sprocketc/fsm"
	"sprocketc/ir"
)

// damage makes the vectors of datagrams that are refused: cut, too long, altered, of kinds that do not come to this
// peer, and, with a checksum that fits again, with values out of range, set padding and payloads of wrong sizes. What
// becomes of each is up to the reference decoder: some alterations make another sound datagram.
func (p *peer) damage(locals []Local) {
	up := slices.DeleteFunc(slices.Clone(locals), func(l Local) bool { return l.Down })
	const from = 4 // states
	for k := range min(from, len(up)) {
		s, ok := p.numbers(up[k*len(up)/from%len(up)].State, placements(p.sorts)[0])
		if !ok {
			continue
		}
		p.payloads(s, k)
		for _, w := range p.kinds {
			p.damaged(s, w, extent(k%int(extents)), k < 2)
		}
	}
}

func (p *peer) damaged(s fsm.State, w *ir.WireMessage, e extent, thorough bool) {
	sound := encode(w, p.sys.Message(w.Message), p.deliveries(s, w, false)[0], p.payload(w, e))
	for _, n := range []int{0, 1, w.Header, w.Header + w.Sum, len(sound) - 2, len(sound) - 1} {
		if 0 <= n && n < len(sound) {
			p.datagram(s, sound[:n])
		}
	}
	for _, n := range []int{1, 2, w.Max - len(sound) + 1, w.Max - len(sound) + 40} {
		if n > 0 {
			p.datagram(s, append(slices.Clone(sound), make([]byte, n)...))
		}
	}
	for i := range sound {
		altered := slices.Clone(sound)
		altered[i] ^= 1 << (i % 8)
		p.datagram(s, altered)
	}
	body := sound[:len(sound)-w.Sum]
	for kind := range 1 << min(w.Fields[0].Bits, 8) {
		other := bits(nil).number(uint64(kind), w.Fields[0].Bits)
		_, rest := bitsOf(body).take(w.Fields[0].Bits)
		p.datagram(s, seal(w, append(other, rest...).bytes()))
	}
	if !thorough {
		return
	}
	for n := range len(body) + 1 { // cut or lengthened in the payload, and sealed again
		p.datagram(s, seal(w, body[:n]))
	}
	p.datagram(s, seal(w, append(slices.Clone(body), 0)))
	p.datagram(s, seal(w, append(slices.Clone(body), 1)))
	at := 0
	for _, f := range w.Fields { // numbers at their ends
		ones := bitsOf(body)
		for i := range f.Bits {
			ones[at+i] = true
		}
		p.datagram(s, seal(w, ones.bytes()))
		at += f.Bits
	}
	last := 8 * len(body)
	for i := w.Fields[0].Bits; i < last; i++ {
		if far := i - 8*w.Header; far > 128 && i < last-32 {
			continue // long texts are all alike
		}
		altered := slices.Clone(body)
		altered[i/8] ^= 0x80 >> (i % 8)
		p.datagram(s, seal(w, altered))
	}
	for i := w.Header; i < min(len(body), w.Header+32); i++ { // all ones: lengths and ranges at their ends
		altered := slices.Clone(body)
		altered[i] = 0xff
		p.datagram(s, seal(w, altered))
	}
}
