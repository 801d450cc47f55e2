package verify

import (
	"slices"
	"time"

	"sprocketc/verify/mdd"
)

// diagram keeps sets of global states of a system taken apart as decision diagrams. An actor is one level with its state
// as value. So is a channel with its whole content; or it is one level for each datagram that it holds, oldest first, and
// one for the end of the word, so that contents need no numbers of their own and words that end alike share what is
// below. There a datagram goes by joining what follows it to what stands beside it.
type diagram struct {
	*mdd.Store
	p     *parts
	order []int // components from the top: actor a is a, channel c is len(p.actors)+c
	pos   []int // by component; -1: not in the diagram
	cache *mdd.Cache
	whole bool // a channel is one level

	begun, told time.Time
}

// tell of the progress, ten times a second.
func (d *diagram) tell(opt *Options, s Progress) {
	now := time.Now()
	if opt.Progress == nil || now.Sub(d.told) < 100*time.Millisecond {
		return
	}
	d.told = now
	s.Nodes, s.Elapsed = d.Nodes(), now.Sub(d.begun)
	opt.Progress(s)
}

// level is a component's place in the order, and in a channel how many datagrams stand before.
type level uint32

func levelOf(pos int) level         { return level(pos << 16) }
func (l level) pos() int            { return int(l >> 16) }
func (l level) depth() int          { return int(l & 0xffff) }
func (d *diagram) root(c int) level { return levelOf(d.pos[c]) }

// end is the value that ends a channel's word.
const end = 0

// flightOf is the value of a datagram in flight.
func flightOf(msg uint32, age uint8, done bool) uint32 {
	v := msg<<9 | uint32(age)<<1
	if done {
		v |= 1
	}
	return v + 1
}

func flightMsg(v uint32) uint32 { return (v - 1) >> 9 }
func flightAge(v uint32) uint8  { return uint8((v - 1) >> 1) }
func flightDone(v uint32) bool  { return (v-1)&1 == 1 }

// arrived is a label of what may arrive: a message, and whether it is a repeat.
func arrived(v uint32) uint32 {
	l := flightMsg(v) << 1
	if flightDone(v) {
		l |= 1
	}
	return l
}

// Operations, as the caches know them.
const (
	opArrivals = iota + 1
	opArriving
	opTidy
	opHead
	opAppend
	opInsert
	opShort
	opFull
	opDrop
	opClear
	opSend
	opLift
	opSaturate
	opJoin
	opSteps
	opThrough
	opArrivalsBelow
	opSplit
	opRename
	opProject
	opDropBelow
	opAge
)

// operation packs a number for the caches: what it is, the level or channel, and one more figure.
func operation(kind int, at, label uint32) uint64 {
	return uint64(kind)<<58 | uint64(at&0x3ffffff)<<32 | uint64(label)
}

func (p *parts) newDiagram(order []int, cacheBytes int64) *diagram {
	d := &diagram{Store: mdd.New(cacheBytes / 4), p: p, order: order, pos: make([]int, len(p.actors)+len(p.chans)), begun: time.Now()}
	d.cache = d.NewCache(cacheBytes / 2)
	for i := range d.pos {
		d.pos[i] = -1
	}
	for i, c := range order {
		d.pos[c] = i
	}
	return d
}

// channelAt is the channel at a level, or -1.
func (d *diagram) channelAt(l level) int {
	if c := d.order[l.pos()] - len(d.p.actors); c >= 0 {
		return c
	}
	return -1
}

// below is the level that a value leads to.
func (d *diagram) below(l level, v uint32) level {
	if v != end && !d.whole && d.channelAt(l) >= 0 {
		return l + 1
	}
	return levelOf(l.pos() + 1)
}

// degree of a node, and its edge i; the node may not be given back meanwhile, though others are made.
func (d *diagram) degree(n mdd.Node) int           { return len(d.Edges(n)) }
func (d *diagram) edge(n mdd.Node, i int) mdd.Edge { return d.Edges(n)[i] }

// fan collects sets by label; its node has the labels as values and the sets below them.
type fan struct {
	labels []uint32
	edges  *mdd.Buffer
}

func (d *diagram) newFan() *fan { return &fan{edges: d.Take()} }

func (f *fan) add(label, v uint32, to mdd.Node) {
	if to != mdd.Empty {
		f.labels, f.edges.Edges = append(f.labels, label), append(f.edges.Edges, mdd.Edge{Value: v, To: to})
	}
}

// addAll adds all that stands at a node.
func (d *diagram) addAll(f *fan, label uint32, n mdd.Node) {
	for _, e := range d.Edges(n) {
		f.add(label, e.Value, e.To)
	}
}

// collect makes the fan's node and ends it; each set passes through last before it is entered.
func (d *diagram) collect(f *fan, last func(mdd.Node) mdd.Node) mdd.Node {
	out := d.Take()
	by := make([]int, len(f.labels))
	for i := range by {
		by[i] = i
	}
	slices.SortFunc(by, func(a, b int) int {
		if f.labels[a] != f.labels[b] {
			return int(int64(f.labels[a]) - int64(f.labels[b]))
		}
		return int(int64(f.edges.Edges[a].Value) - int64(f.edges.Edges[b].Value))
	})
	one := d.Take()
	for i := 0; i < len(by); {
		l := f.labels[by[i]]
		one.Edges = one.Edges[:0]
		for ; i < len(by) && f.labels[by[i]] == l; i++ {
			one.Edges = append(one.Edges, f.edges.Edges[by[i]])
		}
		n := d.Make(one.Edges)
		if last != nil {
			n = last(n)
		}
		out.Edges = append(out.Edges, mdd.Edge{Value: l, To: n})
	}
	d.Give(one)
	r := d.Make(out.Edges)
	d.Give(out)
	d.Give(f.edges)
	return r
}
