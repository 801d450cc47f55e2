package verify

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// noDeadlock is the property that some step is always possible.
const noDeadlock = "no_deadlock"

// exact explores the model with every datagram in flight told apart, breadth first. A global state is a key of the
// numbers of its components (parts.go), packed in one word or two (layout.go). The successors of some hundred states are
// collected and then entered into the table of visited keys together (table.go), so that the fetches from memory overlap;
// of a level only the keys are kept, and a run is found by going back over the levels (trace.go).
type exact struct {
	m     *Model
	opt   Options
	p     *parts
	hot   *hot   // of separate machines
	whole *whole // of machines that stay together
	lay   layout
	table *table
	short uint                       // from which size of the table on its slots are short
	want  func(property string) bool // others are passed over
	dead  *blockEngine               // tells which datagrams are ignored for ever; nil: none is dropped for that
	holds []*tuples                  // by condition: the combinations of states in which it is known to hold

	level   queue
	at, off int     // chunk of the level at hand, and state in it
	warm    int     // chunks of the level that workers may share
	levels  []queue // the ones before
	keep    int64   // bytes of levels to keep
	dropped bool    // the levels before are not kept any more
	store   chunks
	workers []*worker
	halt    atomic.Bool // workers finish what they have at hand
	mu      sync.Mutex
	begun   time.Time
	told    time.Time
	depth   int
	reserve string // why the search is not complete, whatever ends it
	begin   int    // states in which a run begins

	res exactResult
}

// exactResult is what one search found.
type exactResult struct {
	states, depth int
	transitions   int // steps, and the entries into the states in which a run begins
	commuted      int // those of them that were left out, since they lead where another order of two steps leads
	held          int // steps that did not happen because a channel had no room
	bytes         int64
	property, why string     // the first one broken; "" for none
	path          []waypoint // the states that lead to it
	limit         string     // why the search is not complete; "" where it is
	stopped       bool       // a limit of the options ended it
	err           error      // a checkpoint was not taken, or engines disagree
	engine        string
	sets          bool // found as sets: no transitions were counted
}

const (
	keepLevels = 8 << 20 // bytes of levels that are kept for a run; past that they are explored again
	batch      = 1024    // words of successors that are entered into the table at once
	shareFrom  = 1 << 13 // states of a level that are worth sharing out
)

// newExact prepares a search with a capacity for the channels whose text states none; 0 leaves them unbounded.
func (m *Model) newExact(opt Options, capacity int) *exact {
	x := &exact{m: m, opt: opt, p: m.newParts(capacity, opt.NoReduction), want: func(string) bool { return true }, keep: keepLevels, begun: time.Now(), short: defaultShort}
	if opt.short > 0 {
		x.short = opt.short
	}
	for _, l := range x.p.lanes {
		if opt.shortest && l.Loses && !l.implicit {
			l.thorough = true // to take a datagram for good is one step, to keep and to lose it are two
		}
	}
	if opt.MaxMemory > 0 {
		x.keep = min(x.keep, opt.MaxMemory/8)
	}
	for _, c := range x.p.conds {
		x.holds = append(x.holds, newTuples(len(c.reads)))
	}
	n := 1
	if x.p.joint == "" {
		x.hot = newHot(x.p, opt.NoReduction)
		n = max(1, opt.Workers)
	} else {
		x.whole = newWhole(x.p)
	}
	for range n {
		x.workers = append(x.workers, &worker{x: x, ids: make([]uint32, len(x.p.counts()), len(x.p.counts())+2*cacheLine/4)[:len(x.p.counts())], home: make([]uint64, 2*batch)})
	}
	return x
}

// run explores until a wanted property breaks, a limit is reached or everything was seen.
func (x *exact) run() exactResult {
	defer x.close()
	if x.opt.Resume != nil {
		if x.res.err = x.resume(x.opt.Resume); x.res.err != nil {
			return x.res
		}
		if !x.over() {
			x.search()
		}
	} else if x.seed() {
		x.search()
	}
	if x.p.full >= 0 {
		x.stop(x.p.tooNarrow())
	}
	r := &x.res
	if r.limit == "" {
		r.limit = x.reserve
	}
	r.bytes, r.states, r.transitions = x.memory(), int(x.table.n.Load()), x.begin
	for _, w := range x.workers {
		r.transitions += w.transitions
		r.held += w.held
		r.commuted += w.commuted
	}
	if r.stopped && r.property == "" && x.opt.Save != nil {
		if err := x.opt.Save(x.save); err != nil {
			r.limit += "; no checkpoint was written: " + err.Error()
		}
	}
	if r.property != "" && (r.path == nil && x.dropped || len(x.workers) > 1) {
		return x.alone()
	}
	return *r
}

// alone repeats a search that found something with one worker, and keeps all levels: what is found first does not depend
// on who was quicker then, and the way to it is known.
func (x *exact) alone() exactResult {
	x.close()
	o := x.opt
	o.Workers, o.Save, o.Resume = 1, nil, nil
	y := x.m.newExact(o, x.p.capacity)
	y.want, y.dead, y.keep = x.want, x.dead, 1<<62
	return y.run()
}

func (x *exact) close() {
	if x.table != nil {
		x.table.free()
	}
	x.store.close()
}

// seed enters the states in which a run begins; false where none can.
func (x *exact) seed() bool {
	var starts [][]uint32
	w := x.workers[0]
	for _, s := range x.p.starts() {
		if x.breaks(w, s.bad, s.why) {
			if w.property != "" {
				x.rebuild(0)
				x.res.property, x.res.why = w.property, w.why
				return false
			}
			continue
		}
		x.p.sendAll(make([]uint32, len(x.p.chans)), s.sent, func(words []uint32) {
			ids := append(slices.Clone(s.states), words...)
			if x.whole == nil || x.rename(ids, true) {
				starts = append(starts, ids)
			}
		})
	}
	if !x.rebuild(0) {
		return false
	}
	for _, ids := range starts {
		w.push(x.lay.pack(ids))
		x.flush(w)
	}
	x.level, w.next = w.next, queue{}
	x.begin = int(x.table.n.Load())
	return !x.over()
}

// search goes through the levels.
func (x *exact) search() {
	for x.level.n > 0 {
		x.res.depth = x.depth
		x.warm = len(x.level.chunks)
		for x.at, x.off = 0, 0; x.at < len(x.level.chunks); {
			if len(x.workers) > 1 && x.at < x.warm && x.level.n >= shareFrom {
				x.share()
			} else {
				x.own()
			}
			if x.res.property != "" || x.res.stopped {
				return
			}
		}
		for _, w := range x.workers {
			x.flush(w)
		}
		if x.res.stopped {
			return
		}
		x.keepLevel()
		for _, w := range x.workers {
			x.level.join(&w.next)
		}
		x.depth++
	}
}

// own expands the states of a chunk with one worker, which interns what it meets.
func (x *exact) own() {
	w, full := x.workers[0], x.batch()
	chunk, n := x.level.chunks[x.at], x.lay.words
	for x.off*n < len(chunk) {
		k0, k1 := chunk[x.off*n], uint64(0)
		if n == 2 {
			k1 = chunk[x.off*n+1]
		}
		switch w.expand(k0, k1) {
		case outgrown:
			if x.flush(w); !x.rebuild(x.table.lg) {
				return
			}
			chunk, n = x.level.chunks[x.at], x.lay.words
			continue
		case wrong:
			x.flush(w)
			x.found(w)
			return
		}
		x.off++
		if len(w.buf) >= full {
			if x.flush(w); x.over() {
				return
			}
			chunk, n = x.level.chunks[x.at], x.lay.words // a growing table may have changed the keys
		}
	}
	x.at, x.off = x.at+1, 0
}

// batch is smaller where few states are allowed.
func (x *exact) batch() int {
	if x.opt.MaxStates > 0 && x.opt.MaxStates < 1<<14 {
		return 1
	}
	return batch
}

// share lets all workers expand the chunks from the one at hand on. What they could not expand comes behind.
func (x *exact) share() {
	if !x.ensure(x.table.n.Load() + int64(2*x.level.n)) {
		return
	}
	x.halt.Store(false)
	x.table.shared = true
	var at atomic.Int64
	at.Store(int64(x.at))
	work := func(w *worker, boss bool) {
		w.shared = true
		for !x.halt.Load() {
			i := int(at.Add(1)) - 1
			if i >= x.warm {
				break
			}
			w.chunk(x.level.chunks[i], boss)
		}
		w.flushShared()
		w.shared = false
	}
	var wg sync.WaitGroup
	for _, w := range x.workers[1:] {
		wg.Go(func() { work(w, false) })
	}
	work(x.workers[0], true)
	wg.Wait()
	x.table.shared = false
	x.at, x.off = min(int(at.Load()), x.warm), 0
	for _, w := range x.workers {
		if w.property != "" {
			x.res.property = w.property // found again alone
			return
		}
	}
	left := queue{} // in chunks of its own: the last one of the level is done
	for _, w := range x.workers {
		x.flush(w)
		left.add(&x.store, x.lay.words, w.cold)
		w.cold = w.cold[:0]
	}
	x.level.join(&left)
	x.over()
}

// chunk expands a chunk while others work too.
func (w *worker) chunk(chunk []uint64, boss bool) {
	x, n := w.x, w.x.lay.words
	for i := 0; i < len(chunk); i += n {
		k0, k1 := chunk[i], uint64(0)
		if n == 2 {
			k1 = chunk[i+1]
		}
		switch w.expand(k0, k1) {
		case cold:
			w.cold = append(w.cold, chunk[i:i+n]...)
		case wrong:
			x.halt.Store(true)
			return
		}
		if len(w.buf) >= batch {
			if !w.flushShared() {
				w.cold = append(w.cold, chunk[i+n:]...)
				return
			}
			if boss {
				x.tell()
				if x.limit() != "" {
					x.halt.Store(true)
				}
			}
		}
	}
}

// flushShared enters the buffer while others do too; false where the table has to grow first.
func (w *worker) flushShared() bool {
	x := w.x
	out, done := x.table.insert(w.buf, w.grown(), w.fresh[:0])
	w.fresh = out
	w.next.add(&x.store, x.lay.words, out)
	w.buf = append(w.buf[:0], w.buf[done*x.lay.words:]...)
	if len(w.buf) > 0 || x.table.n.Load() > x.table.room() {
		x.halt.Store(true)
		return false
	}
	return true
}

// flush enters the buffer of a worker, and lets the table grow where it has to. What finds no room stays in the buffer.
func (x *exact) flush(w *worker) {
	for len(w.buf) > 0 {
		out, done := x.table.insert(w.buf, w.grown(), w.fresh[:0])
		w.fresh = out
		w.next.add(&x.store, x.lay.words, out)
		w.buf = append(w.buf[:0], w.buf[done*x.lay.words:]...)
		if len(w.buf) > 0 && !x.rebuild(x.table.lg+1) {
			return
		}
	}
	x.ensure(x.table.n.Load())
}

// grown has the scratch space of a worker as large as its buffer.
func (w *worker) grown() []uint64 {
	if len(w.home) < len(w.buf) {
		w.home = make([]uint64, 2*len(w.buf))
	}
	if cap(w.fresh) < len(w.buf) {
		w.fresh = make([]uint64, 0, 2*len(w.buf))
	}
	return w.home
}

func (w *worker) push(k0, k1 uint64) {
	w.buf = append(w.buf, k0)
	if w.x.lay.words == 2 {
		w.buf = append(w.buf, k1)
	}
}

// found notes what a worker found to break, and the way there.
func (x *exact) found(w *worker) {
	x.res.property, x.res.why = w.property, w.why
	if w.step {
		x.res.depth = x.depth + 1
	}
	if !x.dropped {
		x.res.path = x.trace(w.at)
	}
}

// breaks notes a step that breaks a wanted property, and reports whether it is to be taken no further.
func (x *exact) breaks(w *worker, bad, why string) bool {
	switch {
	case bad == "":
		return false
	case bad == tooLarge:
		x.stop(why)
		return true
	case x.want(bad):
		w.property, w.why, w.step = bad, why, true
		return true
	}
	return bad == "bounded" // past a fault nothing is defined
}

// stop notes why the search is not complete.
func (x *exact) stop(why string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.reserve == "" {
		x.reserve = why
	}
}
