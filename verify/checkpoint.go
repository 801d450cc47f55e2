package verify

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"sprocketc/fsm"
)

// A checkpoint is a search in exact words that a limit ended, as bytes: what system and options it is of, how far it is,
// the components by number, the keys of the states that are to be expanded, and of all that were seen. It ends with the
// hash of what is before. Numbers are varints, keys are words, least significant byte first.

const checkpointMagic = "sprocketc checkpoint 2\n"

// ErrCheckpoint is wrapped by errors that say why a checkpoint is not taken.
var ErrCheckpoint = errors.New("the checkpoint is not taken")

func refuse(why string) error { return fmt.Errorf("%w: %s", ErrCheckpoint, why) }

// purpose is what a checkpoint is of: equal for equal systems and options.
func (m *Model) purpose(opt Options) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%s\n%q %v %v", m.Sys, opt.Channels, opt.NoReduction, m.Unmarked))
}

type encoder struct {
	w   *bufio.Writer
	err error
}

func (e *encoder) num(ns ...uint64) {
	for _, n := range ns {
		b := binary.AppendUvarint(nil, n)
		if _, err := e.w.Write(b); err != nil {
			e.err = err
		}
	}
}

func (e *encoder) bytes(b []byte) {
	e.num(uint64(len(b)))
	if _, err := e.w.Write(b); err != nil {
		e.err = err
	}
}

func (e *encoder) words(ks []uint64) {
	b := make([]byte, 0, 8*512)
	for c := range slices.Chunk(ks, 512) {
		b = b[:0]
		for _, k := range c {
			b = binary.LittleEndian.AppendUint64(b, k)
		}
		if _, err := e.w.Write(b); err != nil {
			e.err = err
		}
	}
}

// queue writes the keys of a queue behind their number.
func (e *encoder) queue(words int, chunks ...[]uint64) {
	n := 0
	for _, c := range chunks {
		n += len(c)
	}
	e.num(uint64(n / words))
	for _, c := range chunks {
		e.words(c)
	}
}

// save writes the search as far as it is.
func (x *exact) save(to io.Writer) error {
	sum := sha256.New()
	e := &encoder{w: bufio.NewWriterSize(io.MultiWriter(to, sum), 1<<16)}
	e.w.WriteString(checkpointMagic)
	purpose := x.m.purpose(x.opt)
	e.bytes(purpose[:])
	transitions, held := x.begin, 0
	for _, w := range x.workers {
		transitions, held = transitions+w.transitions, held+w.held
	}
	e.num(uint64(x.p.capacity), uint64(x.depth), uint64(transitions), uint64(held), uint64(x.p.full+1))
	e.bytes([]byte(x.reserve))
	x.p.encode(e)
	e.num(uint64(x.lay.words), uint64(x.lay.bits))
	for _, f := range x.lay.fields {
		e.num(uint64(f.sh0), uint64(f.sh1), f.mask)
	}
	rest := slices.Clone(x.level.chunks[min(x.at, len(x.level.chunks)):])
	if len(rest) > 0 {
		rest[0] = rest[0][min(x.off*x.lay.words, len(rest[0])):]
	}
	e.queue(x.lay.words, rest...)
	var next, pending [][]uint64
	for _, w := range x.workers {
		next, pending = append(next, w.next.chunks...), append(pending, w.buf)
	}
	e.queue(x.lay.words, next...)
	e.queue(x.lay.words, pending...)
	e.num(uint64(x.table.n.Load()))
	x.table.each(0, 1, e.words)
	if err := e.w.Flush(); err != nil {
		return err
	}
	_, err := to.Write(sum.Sum(nil))
	return errors.Join(e.err, err)
}

// encode writes the components by number.
func (p *parts) encode(e *encoder) {
	e.num(uint64(len(p.msgs)))
	for _, m := range p.msgs {
		e.bytes(m[:])
	}
	for _, a := range p.actors {
		e.num(uint64(len(a.states)))
		for _, s := range a.states {
			var env bytes.Buffer
			if err := binary.Write(&env, binary.LittleEndian, s.Env); err != nil {
				e.err = err
			}
			e.bytes(env.Bytes())
			for _, l := range s.L {
				e.num(uint64(len(l)))
				for _, v := range l {
					e.num(uint64(v))
				}
			}
		}
	}
	for _, c := range p.chans {
		e.num(uint64(len(c.words)))
		for _, w := range c.words {
			e.bytes(appendWord(nil, w))
		}
	}
}

type decoder struct {
	r   *bufio.Reader
	sum hash.Hash
	err error
}

// Read passes on what is read, and hashes it.
func (d *decoder) Read(b []byte) (int, error) {
	n, err := d.r.Read(b)
	d.sum.Write(b[:n])
	return n, err
}

func (d *decoder) ReadByte() (byte, error) {
	c, err := d.r.ReadByte()
	if err == nil {
		d.sum.Write([]byte{c})
	}
	return c, err
}

func (d *decoder) num() uint64 {
	n, err := binary.ReadUvarint(d)
	if err != nil && d.err == nil {
		d.err = err
	}
	return n
}

// count is a number that what follows has to bear out: a damaged file asks for no more memory than it is long.
func (d *decoder) count() int {
	n := d.num()
	if n > 1<<40 {
		n, d.err = 0, errors.Join(d.err, io.ErrUnexpectedEOF)
	}
	if d.err != nil {
		return 0
	}
	return int(n)
}

func (d *decoder) bytes() []byte {
	n := d.count()
	var out []byte
	for n > 0 && d.err == nil {
		b := make([]byte, min(n, 4096))
		if _, err := io.ReadFull(d, b); err != nil {
			d.err = err
		}
		out, n = append(out, b...), n-len(b)
	}
	return out
}

// keys calls f with keys of some words each, in batches.
func (d *decoder) keys(words int, f func([]uint64)) {
	n := d.count() * words
	b, ks := make([]byte, 8*512), make([]uint64, 512)
	for n > 0 && d.err == nil {
		k := min(n, 512)
		if _, err := io.ReadFull(d, b[:8*k]); err != nil {
			d.err = err
			return
		}
		for i := range k {
			ks[i] = binary.LittleEndian.Uint64(b[8*i:])
		}
		f(ks[:k])
		n -= k
	}
}

// Checkpoint is an interrupted search that was read, up to its components.
type Checkpoint struct {
	d        *decoder
	purpose  []byte
	capacity int
}

// ReadCheckpoint begins to read what Options.Save wrote; Check reads the rest. The error wraps ErrCheckpoint.
func ReadCheckpoint(r io.Reader) (*Checkpoint, error) {
	d := &decoder{r: bufio.NewReaderSize(r, 1<<16), sum: sha256.New()}
	magic := make([]byte, len(checkpointMagic))
	if _, err := io.ReadFull(d, magic); err != nil || string(magic) != checkpointMagic {
		return nil, refuse("it is none, or of another version of sprocketc")
	}
	c := &Checkpoint{d: d, purpose: d.bytes(), capacity: d.count()}
	if d.err != nil || len(c.purpose) != sha256.Size || c.capacity > 16 {
		return nil, refuse("it is damaged")
	}
	return c, nil
}

// resume takes a search up where a checkpoint left it.
func (x *exact) resume(c *Checkpoint) error {
	d, w := c.d, x.workers[0]
	damaged := refuse("it is damaged")
	x.depth = d.count()
	w.transitions, w.held = d.count(), d.count()
	x.p.full = d.count() - 1
	x.reserve = string(d.bytes())
	if !x.p.decode(d) {
		return damaged
	}
	lay := layout{words: d.count(), bits: uint(d.count())}
	for range x.p.counts() {
		f := field{sh0: uint(d.num()), sh1: uint(d.num()), mask: d.num()}
		f.keep0, f.keep1 = ^(f.mask << f.sh0), ^(f.mask << f.sh1)
		lay.fields = append(lay.fields, f)
	}
	if d.err != nil || lay.words != 1 && lay.words != 2 || x.p.full >= len(x.p.chans) || !x.rebuild(14) {
		return damaged
	}
	w = x.workers[0]
	ids, counts := make([]uint32, len(lay.fields)), x.p.counts()
	// keys have the layout of the file, and the table's own may change while it grows
	keys := func(f func()) {
		d.keys(lay.words, func(ks []uint64) {
			for i := 0; i < len(ks); i += lay.words {
				k1 := uint64(0)
				if lay.words == 2 {
					k1 = ks[i+1]
				}
				lay.unpack(ks[i], k1, ids)
				for c, id := range ids {
					if int(id) >= counts[c] {
						d.err = io.ErrUnexpectedEOF
						return
					}
				}
				w.push(x.lay.pack(ids))
			}
			f()
		})
	}
	move := func(q *queue) func() {
		return func() { q.add(&x.store, x.lay.words, w.buf); w.buf = w.buf[:0] }
	}
	var next, pending queue
	keys(move(&x.level))
	keys(move(&next))
	keys(move(&pending))
	was := x.lay
	keys(func() {
		x.flush(w)
		x.store.give(w.next.chunks)
		w.next = queue{}
	})
	if !slices.Equal(was.fields, x.lay.fields) { // x.level changed with the table
		for _, q := range []*queue{&next, &pending} {
			for i, c := range q.chunks {
				q.chunks[i] = relay(&was, &x.lay, c)
			}
		}
	}
	w.next = next
	sum := d.sum.Sum(nil)
	end := make([]byte, len(sum))
	if _, err := io.ReadFull(d.r, end); err != nil || d.err != nil || !bytes.Equal(end, sum) {
		return damaged
	}
	for _, c := range pending.chunks {
		w.buf = append(w.buf, c...)
	}
	x.flush(w)
	x.dropped = true // the way to a state is found by exploring again
	if x.level.n == 0 {
		x.level, w.next = w.next, queue{}
		x.depth++
	}
	return nil
}

// decode is the inverse of encode; false where what is there is no component of the system.
func (p *parts) decode(d *decoder) bool {
	for range d.count() {
		b := d.bytes()
		if d.err != nil || len(b) != len(Msg{}) || int(b[0]) >= len(p.m.Sys.Messages) {
			return false
		}
		p.msgID(Msg(b))
	}
	for i, a := range p.actors {
		for n := range d.count() {
			s := World{L: make([]fsm.State, len(p.m.Code))}
			if err := binary.Read(bytes.NewReader(d.bytes()), binary.LittleEndian, &s.Env); err != nil {
				return false
			}
			for j, c := range p.m.Code {
				k := d.count()
				if k != 0 && k != len(c.Blank()) {
					return false
				}
				for range k {
					s.L[j] = append(s.L[j], uint32(d.num()))
				}
			}
			if d.err != nil || a.machine >= 0 && s.L[a.machine] == nil || int(p.stateID(i, s)) != n {
				return false
			}
		}
	}
	for ch := range p.chans {
		for n := range d.count() {
			b := d.bytes()
			var w []flying
			for f := range slices.Chunk(b, len(Msg{})+1) {
				if len(f) != len(Msg{})+1 || int(f[0]) >= len(p.m.Sys.Messages) {
					return false
				}
				w = append(w, flying{Msg(f[:len(Msg{})]), f[len(Msg{})] >> 1, f[len(Msg{})]&1 == 1})
			}
			if d.err != nil || int(p.wordID(ch, w)) != n {
				return false
			}
		}
	}
	return d.err == nil
}
