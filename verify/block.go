package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"sprocketc/fsm"
)

// The block engine: channels that lose and repeat as block words, no capacity, no bound on calls, crashes or epochs.
// It decides whether a property holds; a run that breaks one is found in exact words.
//
// What makes the search finite beside the normal form of words: what can be sent at any time is there at once (close),
// dead datagrams are removed (dead), abandoned requests count by their order alone (merge), and of several stale
// rejections one stands for all (stale). Each is switched on by a check of its condition on the machines at hand. Per
// endpoint state only the largest contents are kept (a smaller one can do nothing more).
type blockEngine struct {
	m    *Model
	opt  Options
	num  *numbers
	id   *identity
	k    []int // overtaking bound by channel
	ign  []*ignorer
	bars [][]bar // by sending machine

	worlds        map[string]uint32
	all           []World // by number, those on the way to a normal form as well
	seen          []bool  // by number: it can be reached
	list          []World // those that can
	words         []*blockWords
	memo          memos
	supports      pool[number]
	presents      pool[uint16]
	sets          pool[Msg]
	substitutions pool[struct{}]
	msgs          numbered
	marks         pool[struct{}]
	tops          []top  // scratch
	gone          []bool // scratch
	tokens        bool   // an identity has a part without an order

	states   []blockState
	index    map[blockState]uint32
	bucket   map[uint32][]uint32 // kept states by world
	dropped  []bool
	depth    []int32
	first    map[string]string // property to why
	order    []string
	trans    int
	limit    string // "" or why the search ended early
	unfit    bool   // the limit is one of the representation
	cut      bool   // older epochs were left out, see olderEpochs
	bytes    int64
	begun    time.Time
	idle     map[string]idleLoop
	local    map[uint32][]blockStep // by world
	arrive   map[arriving][]blockStep
	replace  map[uint32][]blockStep // by world
	pure     map[pureKey][]Msg
	raw      map[blockState]struct{} // states as they came
	abandons map[string]bool         // a caller's state and an identity that it has abandoned

	merges   merging           // which abandoned requests count as one
	single   map[[2]uint8]bool // requests, by kind and function, that are never merged
	current  []present         // variables of whose sort no other value counts
	exclude  map[string]bool   // by a caller's state and a datagram: whether it bars all others of its kind
	careless map[string]bool   // by a caller's state: whether it heeds its number while it has no call

}

// blockState is a state by the numbers of its endpoints and of what each channel holds.
type blockState struct {
	world uint32
	c     [2]uint32
}

// blockOutcome of a search.
type blockOutcome struct {
	states, kept, transitions, depth int
	bytes                            int64
	broken                           []string          // properties that break, in the order found
	why                              map[string]string // what went wrong
	limit                            string            // why the search is not complete; "" where it is
	unfit                            bool              // the limit is one of the representation, not of the search
	notes                            []string
	complete                         bool     // every state was expanded
	unfired                          []string // stages that no reachable state lets happen; of a search that is complete
	worlds                           []World
	progress                         []decided // of a search that is complete
}

// blockFits reports whether block words represent the system's channels without error: two machines, one channel each
// way, no stated capacity. A channel that does not both lose and repeat is only over-approximated: what holds, holds.
func (m *Model) blockFits() (fits, exact bool) {
	if len(m.Code) != 2 || len(m.Sys.Channels) != 2 || m.agesElsewhere() {
		return false, false
	}
	for _, inv := range m.Sys.Invariants {
		if !inv.Start && m.readsNumber(inv.Cond) {
			return false, false // reductions change the numbers of idle machines
		}
	}
	exact = true
	for _, c := range m.Sys.Channels {
		if c.Capacity > 0 || c.Corrupts {
			return false, false
		}
		exact = exact && c.Loses && c.Repeats
	}
	return true, exact
}

// readsNumber reports whether an invariant's condition reads a number that is never reused, or a token.
func (m *Model) readsNumber(cond fsm.Expr) (found bool) {
	fsm.WalkExpr(cond, func(e fsm.Expr) {
		if x, ok := e.(*fsm.Select); ok {
			if i := m.index(x.Base); i >= 0 && m.Code[i].Slot(x.Field) >= 0 {
				s := m.Sys.Sort(m.Code[i].Layout[m.Code[i].Slot(x.Field)].Type.Name)
				found = found || s != nil && s.Wrap == 0
			}
		}
	})
	return
}

func (m *Model) newBlock(opt Options) *blockEngine {
	e := &blockEngine{m: m, opt: opt, num: m.numbers(), id: m.identityOf(), worlds: map[string]uint32{}, index: map[blockState]uint32{},
		bucket: map[uint32][]uint32{}, first: map[string]string{}, begun: time.Now(), idle: map[string]idleLoop{}, abandons: map[string]bool{},
		raw: map[blockState]struct{}{}, local: map[uint32][]blockStep{}, arrive: map[arriving][]blockStep{}, replace: map[uint32][]blockStep{},
		pure: map[pureKey][]Msg{}, k: m.overtaking(), careless: map[string]bool{}, exclude: map[string]bool{}, memo: newMemos(),
		supports: newPool[number](), presents: newPool[uint16](), sets: newPool[Msg](), substitutions: newPool[struct{}](), marks: newPool[struct{}](), msgs: numbered{ids: map[Msg]uint32{}}}
	for i := range m.Code {
		e.ign = append(e.ign, m.ignorer(i, e.num, e.id, i == m.Callee && e.id != nil))
		e.ign[i].ctx = opt.Context
		e.bars = append(e.bars, m.bars(i, e.num))
	}
	for ch := range m.Sys.Channels {
		e.words = append(e.words, newBlockWords(e, ch))
	}
	if e.id != nil {
		e.tokens = !e.orderedIdentity()
	}
	e.merges, e.current = e.mergeable(), e.findPresents()
	return e
}

// front is a state under construction.
type front struct {
	w World
	c []word
}

func (f front) messages() []Msg {
	var out []Msg
	for _, w := range f.c {
		out = append(out, w.values()...)
	}
	return out
}

// block explores the system.
func (m *Model) block(opt Options) blockOutcome { return m.blockWithin(opt, m.overtaking()) }

// overtaking is its bound by channel; negative: none.
func (m *Model) overtaking() (k []int) {
	for _, c := range m.Sys.Channels {
		k = append(k, c.Within)
	}
	return k
}

// widelyFrom is the bound on overtaking from which on a search without it is cheaper: words without ages are sets.
const widelyFrom = 2

// blockWidely explores the system as if there were no bound on overtaking, where one is large: what holds then, holds. Where
// that is not so, or not decided, the bound counts. unbounded says that it did not.
func (m *Model) blockWidely(opt Options) (out blockOutcome, unbounded bool) {
	k := m.overtaking()
	for ch, bound := range k {
		if bound >= widelyFrom {
			k[ch], unbounded = -1, true
		}
	}
	if unbounded {
		out = m.blockWithin(opt, k)
		over := opt.Context != nil && opt.Context.Err() != nil
		if out.holds() || over && len(out.broken) == 0 {
			return out, true
		}
	}
	return m.block(opt), false
}

// holds reports whether a search was complete and broke nothing.
func (b *blockOutcome) holds() bool {
	return b.complete && len(b.broken) == 0 && !slices.ContainsFunc(b.progress, func(d decided) bool { return d.verdict != Holds })
}

// blockWithin explores the system with a bound on overtaking by channel.
func (m *Model) blockWithin(opt Options, k []int) (out blockOutcome) {
	m.watchStages()
	e := m.newBlock(opt)
	e.k = k
	if len(m.moments) == 0 { // else each function has to be tried by unmarked calls
		m.Unmarked = e.unmarked()
	}
	defer func() { m.Unmarked = nil }()
	if at := m.outside(); at != "" {
		e.refuse("numbers are compared or copied outside their scope: " + at)
		return blockOutcome{unfit: true, limit: e.limit}
	}
	for _, st := range m.starts() {
		e.begin(st)
	}
	last, stop := e.begun, -1
	for i := 0; i < len(e.states) && e.limit == ""; i++ {
		if e.dropped[i] {
			continue
		}
		e.expand(uint32(i))
		if e.over() {
			break
		}
		if stop < 0 && slices.ContainsFunc(e.order, e.m.fundamental) {
			stop = i + more // a broken system may have no end; what else breaks soon is worth knowing
		}
		if i == stop {
			break
		}
		if now := time.Now(); opt.Progress != nil && now.Sub(last) > 100*time.Millisecond {
			last = now
			opt.Progress(Progress{len(e.states), len(e.states) - i, int(e.depth[i]), e.bytes, now.Sub(e.begun), 0})
		}
	}
	if e.limit == "" && stop < 0 {
		e.findDeadlocks()
		for _, p := range m.awaited() {
			out.progress = append(out.progress, e.pursue(p))
		}
	}
	out = blockOutcome{progress: out.progress, unfit: e.unfit, states: len(e.states), transitions: e.trans, bytes: e.bytes, broken: e.order, why: e.first, limit: e.limit, worlds: e.list}
	if out.complete = e.limit == "" && stop < 0; out.complete {
		out.unfired = m.unfired()
	}
	if e.cut {
		out.notes = append(out.notes, fmt.Sprintf("at most %d older random epochs of %s in flight", olderEpochs, m.Code[m.Caller].M.Name))
	}
	for i, d := range e.dropped {
		if !d {
			out.kept++
		}
		out.depth = max(out.depth, int(e.depth[i]))
	}
	return out
}

// begin adds a state in which a run begins, with what the peers' starts have sent.
func (e *blockEngine) begin(st Step) {
	if st.Bad != "" {
		e.broke(st.Bad, st.Why)
		return
	}
	s := blockState{world: e.number(st.Next)}
	for _, x := range st.Sent {
		s.c[x.Channel] = e.words[x.Channel].send(s.c[x.Channel], e.set([]Msg{x.Msg}))
	}
	e.emit(s, 0)
}

// more states are expanded after the first violation.
const more = 500

// over notes a limit that is reached.
func (e *blockEngine) over() bool {
	switch {
	case e.limit != "":
	case e.opt.MaxStates > 0 && len(e.states) > e.opt.MaxStates:
		e.limit = fmt.Sprintf("the limit of %d states was reached", e.opt.MaxStates)
	case e.opt.MaxMemory > 0 && e.bytes > e.opt.MaxMemory:
		e.limit = fmt.Sprintf("the limit of %d bytes was reached", e.opt.MaxMemory)
	case e.opt.Context != nil && e.opt.Context.Err() != nil:
		e.limit = ended(e.opt.Context)
	}
	return e.limit != ""
}

// ended says why a context is over.
func ended(ctx context.Context) string {
	if errors.Is(ctx.Err(), context.Canceled) {
		return "the search was interrupted"
	}
	return "the time limit was reached"
}

// refuse ends a search that this representation is not fit for.
func (e *blockEngine) refuse(why string) { e.limit, e.unfit = why, true }

func (e *blockEngine) broke(property, why string) {
	if property == tooLarge {
		e.refuse(why)
		return
	}
	if _, ok := e.first[property]; !ok {
		e.first[property] = why
		e.order = append(e.order, property)
	}
}

// emit brings a state to its normal form and adds it, unless one that can do everything it can is there.
func (e *blockEngine) emit(s blockState, depth int32) {
	if _, ok := e.raw[s]; ok {
		return
	}
	if len(e.raw) > maxRaw {
		clear(e.raw)
	}
	e.raw[s] = struct{}{}
	s, err := e.whole(s)
	if err != nil {
		e.refuse(err.Error())
		return
	}
	e.reached(s.world)
	if _, ok := e.index[s]; ok {
		return
	}
	n := uint32(len(e.states))
	e.index[s] = n
	b := e.bucket[s.world]
	for _, o := range b {
		if e.covers(e.states[o], s) {
			return
		}
	}
	kept := b[:0]
	for _, o := range b {
		if e.covers(s, e.states[o]) {
			e.dropped[o] = true
		} else {
			kept = append(kept, o)
		}
	}
	e.bucket[s.world] = append(kept, n)
	e.states = append(e.states, s)
	e.dropped = append(e.dropped, false)
	e.depth = append(e.depth, depth)
	e.bytes += 60
}

// maxRaw bounds the memory of states as they came, before they were brought to their normal form.
const maxRaw = 1 << 20

// covers reports whether state a can do everything that b can; both have the same world.
func (e *blockEngine) covers(a, b blockState) bool {
	return e.words[0].below(b.c[0], a.c[0]) && e.words[1].below(b.c[1], a.c[1])
}

// reached notes that endpoints can be reached, and checks what depends on them alone.
func (e *blockEngine) reached(world uint32) {
	if e.seen[world] {
		return
	}
	e.seen[world] = true
	w := e.all[world]
	e.list = append(e.list, w)
	e.useful(w)
	for _, inv := range e.m.Sys.Invariants {
		if e.m.violates(w, inv.Name) {
			e.broke(inv.Name, "it does not hold in a state that can be reached")
		}
	}
}

func worldKey(w World) string {
	b := make([]byte, 0, 48)
	for _, l := range w.L {
		for _, v := range l {
			b = appendValue(b, v)
		}
	}
	return string(w.Env.append(b))
}

// appendValue appends bytes that begin no other value's: most are small.
func appendValue(b []byte, v uint32) []byte {
	if v < 255 {
		return append(b, byte(v))
	}
	return append(b, 255, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
}
