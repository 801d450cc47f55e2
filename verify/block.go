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

	worlds  map[string]uint32
	list    []World
	words   []*words
	states  []blockState
	index   map[blockState]uint32
	bucket  map[uint32][]uint32 // kept states by world
	dropped []bool
	depth   []int32
	first   map[string]string // property to why
	order   []string
	trans   int
	limit   string // "" or why the search ended early
	unfit   bool   // the limit is one of the representation
	cut     bool   // older epochs were left out, see olderEpochs
	bytes   int64
	begun   time.Time
	idle    map[string]idleLoop
	local   map[uint32][]Step // by world
	arrive  map[arriving][]Step
	pure    map[pureKey][]Msg
	raw     map[string]bool // states as they came
	gone    map[string]bool // a caller's state and an identity that it has abandoned

	holds    bool            // the callee may invoke a payload that it holds
	merges   merging         // which abandoned requests count as one
	exclude  map[string]bool // by a caller's state and a datagram: whether it bars all others of its kind
	careless map[string]bool // by a caller's state: whether it heeds its number while it has no call

}

// arriving of a datagram in a world: what it leads to is computed once.
type arriving struct {
	world   uint32
	channel int
	m       Msg
}

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
}

// blockFits reports whether block words represent the system's channels without error: two machines, one channel each
// way, no stated capacity. A channel that does not both lose and repeat is only over-approximated: what holds, holds.
func (m *Model) blockFits() (fits, exact bool) {
	if len(m.Code) != 2 || len(m.Sys.Channels) != 2 {
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
		bucket: map[uint32][]uint32{}, first: map[string]string{}, begun: time.Now(), idle: map[string]idleLoop{}, gone: map[string]bool{}, raw: map[string]bool{}, local: map[uint32][]Step{}, arrive: map[arriving][]Step{}, pure: map[pureKey][]Msg{}, careless: map[string]bool{}, exclude: map[string]bool{}}
	for _, c := range m.Sys.Channels {
		e.k = append(e.k, c.Within)
		e.words = append(e.words, newWords())
	}
	for i := range m.Code {
		e.ign = append(e.ign, m.ignorer(i, e.num, e.id, i == m.Callee && e.id != nil))
		e.bars = append(e.bars, m.bars(i, e.num))
	}
	e.merges = e.mergeable()
	e.holds = newCanon(m).asksSlot
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
func (m *Model) block(opt Options) (out blockOutcome) {
	m.watchStages()
	e := m.newBlock(opt)
	m.Unmarked = e.unmarked()
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
		if len(e.order) > 0 && stop < 0 {
			stop = i + more // a broken system may have no end; what else breaks soon is worth knowing
		}
		if i == stop {
			break
		}
		if now := time.Now(); opt.Progress != nil && now.Sub(last) > 100*time.Millisecond {
			last = now
			opt.Progress(Progress{len(e.states), len(e.states) - i, int(e.depth[i]), e.bytes, now.Sub(e.begun)})
		}
	}
	if e.limit == "" && stop < 0 {
		e.reachAnswers()
	}
	out = blockOutcome{unfit: e.unfit, states: len(e.states), transitions: e.trans, bytes: e.bytes, broken: e.order, why: e.first, limit: e.limit, worlds: e.list}
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
	f := front{st.Next, make([]word, len(e.k))}
	for _, s := range st.Sent {
		f.c[s.Channel] = f.c[s.Channel].send(e.k[s.Channel], s.Msg)
	}
	e.emit(f, 0)
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

// expand takes every step from a state.
func (e *blockEngine) expand(i uint32) {
	s := e.states[i]
	f := front{e.list[s.world], []word{e.words[0].list[s.c[0]], e.words[1].list[s.c[1]]}}
	if e.local[s.world] == nil {
		e.local[s.world] = undominated(e.m.Local(f.w))
	}
	for _, st := range e.local[s.world] {
		e.take(f, st, f.c, i, st.Kind == TimerFires)
	}
	for j, mc := range e.m.Sys.Machines {
		if mc.Erased {
			for _, st := range e.m.Replace(f.w, j) {
				e.take(f, st, make([]word, len(f.c)), i, false)
			}
		}
	}
	for ch := range f.c {
		for _, msg := range f.c[ch].values() {
			free := f.c[ch].free(msg)
			c := slices.Clone(f.c)
			c[ch] = f.c[ch].deliver(e.k[ch], msg)
			k := arriving{s.world, ch, msg}
			steps, known := e.arrive[k]
			if !known {
				steps = undominated(e.m.Deliver(f.w, ch, msg, false))
				e.arrive[k] = steps
			}
			for _, st := range steps {
				e.take(f, st, c, i, free)
			}
		}
	}
}

// take a step, unless it leaves everything as it is. eager says that nothing was delivered but for free, so that this is
// so as well where what it sends is there already, as it is once the state was closed.
func (e *blockEngine) take(f front, st Step, c []word, from uint32, eager bool) {
	same := st.Bad == "" && st.Next.Env == f.w.Env && sameLocals(st.Next, f.w)
	if same && len(st.Sent) == 0 {
		return
	}
	n := front{st.Next, slices.Clone(c)}
	for _, s := range st.Sent {
		n.c[s.Channel] = n.c[s.Channel].send(e.k[s.Channel], s.Msg)
	}
	if same && eager && sameWords(n.c, f.c) {
		return
	}
	e.trans++
	if st.Bad != "" {
		e.broke(st.Bad, st.Why)
		return
	}
	if st.Kind != Replaces {
		e.checkRanks(f, n, st.Nexts)
	}
	e.emit(n, e.depth[from]+1)
}

// undominated leaves out a step that leads where another does and sends less: the network can lose the rest.
func undominated(steps []Step) []Step {
	byNext := map[string][]int{}
	drop := make([]bool, len(steps))
	for i, s := range steps {
		if s.Bad != "" {
			continue
		}
		k := worldKey(s.Next)
		for _, j := range byNext[k] {
			switch t := steps[j]; {
			case drop[j]:
			case sendsLess(s.Sent, t.Sent):
				drop[i] = true
			case sendsLess(t.Sent, s.Sent):
				drop[j] = true
			}
		}
		byNext[k] = append(byNext[k], i)
	}
	var out []Step
	for i, s := range steps {
		if !drop[i] {
			out = append(out, s)
		}
	}
	return out
}

// sendsLess reports whether a is a subsequence of b.
func sendsLess(a, b []Sent) bool {
	i := 0
	for _, x := range b {
		if i < len(a) && a[i] == x {
			i++
		}
	}
	return i == len(a)
}

func sameWords(a, b []word) bool {
	for i := range a {
		if a[i].key() != b[i].key() {
			return false
		}
	}
	return true
}

func sameLocals(a, b World) bool {
	for i := range a.L {
		if !slices.Equal(a.L[i], b.L[i]) {
			return false
		}
	}
	return true
}

// checkRanks: next may be applied to the largest live value of its group only, or ranks would hide that a number is
// used twice. A value that only dead datagrams carry is not alive.
func (e *blockEngine) checkRanks(before, after front, nexts []fsm.Next) {
	for i, bars := range e.bars {
		for _, b := range bars {
			if after.w.L[i][b.slot] < before.w.L[i][b.slot] {
				e.refuse("a number that was thought to grow only begins again: " + e.m.Code[i].Layout[b.slot].Name)
			}
		}
	}
	for _, x := range nexts {
		k := group{slices.Index(e.num.sorts, x.Sort), x.Scope}
		if k.sort < 0 {
			continue
		}
		g := e.num.groups(before.w.L, nil).of(k)
		reused := g != nil && slices.Max(append([]uint32{0}, g.local...)) > x.From
		for ch, w := range before.c {
			for _, m := range w.values() {
				for _, p := range e.num.field[m[0]] {
					if p.sort == k.sort && (p.scope < 0 && k.scope == 0 || p.scope > 0 && uint32(m[p.scope]) == k.scope) && uint32(m[p.at]) > x.From {
						reused = reused || !e.dead(after, ch, m)
					}
				}
			}
		}
		if reused {
			e.refuse("a number may be used twice: " + x.Sort + " was counted up from a value that is not the largest alive")
		}
	}
}

// emit brings a state to its normal form and adds it, unless one that can do everything it can is there.
func (e *blockEngine) emit(f front, depth int32) {
	raw := e.rawKey(f)
	if e.raw[raw] {
		return
	}
	if len(e.raw) > maxRaw {
		clear(e.raw)
	}
	e.raw[raw] = true
	f.w = f.w.clone()
	f.c = slices.Clone(f.c)
	err := e.normalise(&f)
	if err == nil && e.close(&f) {
		err = e.normalise(&f)
	}
	if err != nil {
		e.refuse(err.Error())
		return
	}
	s := blockState{world: e.world(f.w)}
	for i, w := range f.c {
		n := len(e.words[i].list)
		s.c[i] = e.words[i].id(w)
		if len(e.words[i].list) > n {
			e.bytes += int64(2*len(w.key()) + 160)
		}
	}
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

// rawKey tells two states as they came apart.
func (e *blockEngine) rawKey(f front) string {
	k := worldKey(f.w)
	for _, w := range f.c {
		k += w.key() + "|"
	}
	return k
}

// covers reports whether state a can do everything that b can; both have the same world.
func (e *blockEngine) covers(a, b blockState) bool {
	return e.words[0].below(b.c[0], a.c[0]) && e.words[1].below(b.c[1], a.c[1])
}

// world interns the endpoints, and checks what depends on them alone.
func (e *blockEngine) world(w World) uint32 {
	k := worldKey(w)
	if i, ok := e.worlds[k]; ok {
		return i
	}
	i := uint32(len(e.list))
	e.worlds[k] = i
	e.list = append(e.list, w)
	e.bytes += int64(3*len(k) + 200)
	e.useful(w)
	if bad := e.m.broken(w); bad != "" {
		e.broke(bad, "it does not hold in a state that can be reached")
	}
	return i
}

func worldKey(w World) string {
	b := make([]byte, 0, 48)
	for _, l := range w.L {
		for _, v := range l {
			if v < 255 {
				b = append(b, byte(v))
			} else {
				b = append(b, 255, byte(v), byte(v>>8), byte(v>>16), byte(v>>24))
			}
		}
	}
	v := w.Env
	return string(append(b, v.Run, v.Call, v.Phase, v.Fn, v.Starts, v.Late, v.Restarted, v.Done, v.Crashed[0], v.Crashed[1]))
}
