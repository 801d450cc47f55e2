package verify

import (
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Limits of a search in exact words, its memory, and how its table and keys grow.

// memory in bytes: tables, levels, and what is interned.
func (x *exact) memory() int64 {
	n := x.store.bytes() + x.p.bytes
	if x.table != nil {
		n += x.table.bytes()
	}
	if x.hot != nil {
		n += x.hot.bytes()
	}
	if x.whole != nil {
		n += x.whole.bytes()
	}
	for _, w := range x.workers {
		n += int64(8 * (cap(w.buf) + cap(w.home) + cap(w.fresh) + cap(w.cold)))
	}
	for _, t := range x.holds {
		n += t.bytes()
	}
	return n
}

// limit says which limit of the options is reached; "" for none.
func (x *exact) limit() string {
	switch o := x.opt; {
	case o.MaxStates > 0 && x.table.n.Load() > int64(o.MaxStates):
		return fmt.Sprintf("the limit of %d states was reached", o.MaxStates)
	case o.MaxMemory > 0 && x.memory() > o.MaxMemory:
		return memoryLimit(o.MaxMemory)
	case o.Context != nil && o.Context.Err() != nil:
		return ended(o.Context)
	}
	return ""
}

func memoryLimit(n int64) string { return fmt.Sprintf("the limit of %d bytes was reached", n) }

// over ends the search where a limit is reached, and tells of its progress.
func (x *exact) over() bool {
	if x.res.stopped {
		return true
	}
	x.tell()
	if why := x.limit(); why != "" {
		x.limitAt(why)
	}
	return x.res.stopped
}

// limitAt ends the search; it comes before what only bounds the verdict.
func (x *exact) limitAt(why string) { x.res.limit, x.res.stopped = why, true }

// tell of the progress, ten times a second.
func (x *exact) tell() {
	if x.opt.Progress == nil {
		return
	}
	if now := time.Now(); now.Sub(x.told) > 100*time.Millisecond {
		x.told = now
		done := 0
		for _, c := range x.level.chunks[:min(x.at, len(x.level.chunks))] {
			done += len(c) / x.lay.words
		}
		x.opt.Progress(Progress{int(x.table.n.Load()), max(0, x.level.n-done-x.off), x.depth, x.memory(), now.Sub(x.begun), 0})
	}
}

// ensure makes room in the table for n keys; false where a limit forbids it. To move all keys costs more than memory that
// is not much: a small table grows by more than it has to, if it may.
func (x *exact) ensure(n int64) bool {
	for n > x.table.room() {
		lg := x.table.lg
		by := uint(1)
		switch {
		case lg <= 18:
			by = 4
		case lg < 26:
			by = 2
		}
		for by > 1 && x.opt.MaxMemory > 0 && x.memory()+slotBytes(x.lay.words, x.lay.bits, lg+by, x.short)<<(lg+by) > x.opt.MaxMemory {
			by--
		}
		if !x.rebuild(lg + by) {
			return x.table.n.Load() <= x.table.room()
		}
	}
	return true
}

// rebuild moves all keys into a table of 1<<lg slots and a layout that fits the components as far as they are known. The
// search ends where that is not possible. All buffers are empty or as the layout at hand has them.
func (x *exact) rebuild(lg uint) bool {
	lg = max(lg, 14)
	counts := x.p.counts()
	lay, ok := newLayout(counts, longest(max(lg, x.short))) // short enough for short slots where that is possible
	if !ok {
		x.limitAt("the parts of a state are more than the checker can number")
		return false
	}
	old := x.table
	if old != nil && x.lay.fits(counts) && slotBytes(lay.words, lay.bits, lg, x.short) == slotBytes(x.lay.words, x.lay.bits, lg, x.short) {
		lay = x.lay
	}
	if x.opt.MaxMemory > 0 && old != nil && x.memory()+slotBytes(lay.words, lay.bits, lg, x.short)<<lg > x.opt.MaxMemory {
		x.limitAt(memoryLimit(x.opt.MaxMemory))
		return false
	}
	convert := func(keys []uint64) []uint64 { return keys }
	if old != nil && !slices.Equal(lay.fields, x.lay.fields) {
		was := x.lay
		convert = func(keys []uint64) []uint64 { return relay(&was, &lay, keys) }
	}
	t := newTable(lay.words, lay.bits, lg, x.short)
	if same := old != nil && slices.Equal(lay.fields, x.lay.fields); old != nil && !(same && x.takeOver(t, old)) {
		var full atomic.Bool
		x.together(t, func(part, of int) {
			home, fresh := make([]uint64, 1024), make([]uint64, 0, 2048)
			old.each(part, of, func(keys []uint64) {
				keys = convert(keys)
				if _, done := t.insert(keys, home, fresh); done < len(keys)/lay.words {
					full.Store(true)
				}
			})
		})
		if full.Load() {
			t.free()
			return x.rebuild(lg + 1)
		}
		if !slices.Equal(lay.fields, x.lay.fields) {
			x.convert(convert)
		}
	}
	if old != nil {
		old.free()
	}
	x.table, x.lay = t, lay
	x.relaid()
	return true
}

// together lets as many as there are workers each do a part of the filling of a table.
func (x *exact) together(t *table, f func(part, of int)) {
	of := len(x.workers)
	if of > 1 {
		t.shared = true
		defer func() { t.shared = false }()
	}
	var wg sync.WaitGroup
	for part := 1; part < of; part++ {
		wg.Go(func() { f(part, of) })
	}
	f(0, of)
	wg.Wait()
}

// takeOver fills an empty table with the keys of a smaller one of the same layout where that is possible slot by slot:
// short slots. It reports whether it did.
func (x *exact) takeOver(t, old *table) bool {
	if t.small == nil || old.small == nil || t.bits != old.bits || t.lg < old.lg {
		return false
	}
	var full atomic.Bool
	x.together(t, func(part, of int) {
		if !t.takeOver(old, part, of) {
			full.Store(true)
		}
	})
	if full.Load() { // a slot would have to be further from home than its bits can say: with more slots it is not
		clear(t.small)
		return false
	}
	t.n.Store(old.n.Load())
	return true
}

// relaid tells those who read keys of their new form.
func (x *exact) relaid() {
	if x.whole != nil {
		x.whole.forget()
	}
	if x.lay.words == 2 {
		x.hot = nil // it has keys of one word only
		one := x.workers[0]
		for _, w := range x.workers[1:] {
			one.next.join(&w.next)
			one.transitions, one.held = one.transitions+w.transitions, one.held+w.held
		}
		x.workers = x.workers[:1]
	}
	if x.hot != nil {
		x.hot.relaid(&x.lay)
	}
}

// convert gives all keys outside the table their new form.
func (x *exact) convert(f func([]uint64) []uint64) {
	each := func(q *queue) {
		for i, c := range q.chunks {
			q.chunks[i] = f(c)
		}
	}
	each(&x.level)
	for i := range x.levels {
		each(&x.levels[i])
	}
	for _, w := range x.workers {
		each(&w.next)
		w.buf, w.cold = f(w.buf), f(w.cold)
	}
}

// keepLevel puts the level that is done with those before, or gives its memory back.
func (x *exact) keepLevel() {
	x.levels = append(x.levels, x.level)
	x.level = queue{}
	n := int64(0)
	for _, q := range x.levels {
		n += int64(8 * q.n * x.lay.words)
	}
	if n > x.keep || x.dropped {
		for _, q := range x.levels {
			x.store.give(q.chunks)
		}
		x.levels, x.dropped = nil, true
	}
}

// relay gives keys of one layout the form of another, in their place where that does.
func relay(from, to *layout, keys []uint64) []uint64 {
	ids := make([]uint32, len(from.fields))
	out := keys[:0]
	if to.words > from.words {
		out = make([]uint64, 0, len(keys)/from.words*to.words)
	}
	for i := 0; i < len(keys); i += from.words {
		k1 := uint64(0)
		if from.words == 2 {
			k1 = keys[i+1]
		}
		from.unpack(keys[i], k1, ids)
		k0, k1 := to.pack(ids)
		if out = append(out, k0); to.words == 2 {
			out = append(out, k1)
		}
	}
	return out
}
