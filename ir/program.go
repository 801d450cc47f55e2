package ir

import (
	"math"
	"slices"
	"time"

	"sprocketc/diag"
	"sprocketc/lang"
)

// Clause is a piece of the program's own text that demands something or declares what the world may do.
// Contradictions and the reasons of a plan are told in clauses.
type Clause struct {
	Span diag.Span
	Text string // as written, white space collapsed: "loses 20%"
	Line int    // of its first byte, from 1
}

// Program is a checked protocol: everything is bounded, every name is resolved.
type Program struct {
	Name       string
	File       string // as given on the command line; for messages only, never in emitted code
	Source     []byte
	Doc        string // the comment above the protocol clause, without slashes
	Structs    []*Struct
	Enums      []*Enum
	Peers      []*Peer
	Channels   []*Channel
	Interfaces []*Interface
	Assertions []*Assertion
}

// Peer is one of the two programs that communicate.
type Peer struct {
	Name    string
	Doc     string
	Clause  Clause
	Emit    []Emit
	Crashes *Clause
	Commits *Clause // separately: no record together with what a handler did
	Stable  *Amount // bytes that survive a crash; nil: none
	Entropy *Amount // bits of a random source; nil: none
	RAM     *Amount // bytes, budget
	Flash   *Amount // bytes, budget
	Drift   float64 // fraction by which its clock may run wrong; 0.01 where nothing is said
	DriftAt *Clause
	Battery *Clause // its sent and received bytes are the energy of a plan
}

// Emit asks for the source of a peer in a language.
type Emit struct {
	Language string // "go" or "c"
	Clause   Clause
}

// Amount is a number with a unit: bytes, bits.
type Amount struct {
	N      int64
	Clause Clause
}

// Channel is what carries datagrams between two peers, with everything that it may do to them.
type Channel struct {
	Name      string
	Doc       string
	Clause    Clause
	A, B      *Peer // as written; OneWay: from A to B
	OneWay    bool
	Direction Clause // "between a and b" or "from a to b"
	Over      string // "udp", "serial", ""
	OverAt    *Clause
	Unit      *Amount      // bytes of the largest datagram; nil: unlimited (65507 over udp)
	Loses     *Probability // of each datagram
	Repeats   *Clause
	Reorders  *Reorders
	Corrupts  *Corrupts
	Delays    *Delays
	Lives     *Lifetime
	Rate      *Rate
}

// Carried is how many bytes a datagram of n bytes takes at most on what carries it: over a serial line a frame, which is the
// datagram, a code for every 254 of its bytes that are begun, and a zero; see spec/wire.md. Else the datagram itself.
func (c *Channel) Carried(n int) int {
	if c.Over != "serial" {
		return n
	}
	return n + max((n+253)/254, 1) + 1
}

// Probability is a number in [0, 1] as the program wrote it.
type Probability struct {
	P      float64
	Clause Clause
}

// Reorders: a datagram may be delivered as long as at most Within distinct later-sent ones have been; Within < 0: no bound.
type Reorders struct {
	Within int
	Clause Clause
}

// Corrupts: a datagram may arrive altered; what the checksum misses has at most probability Unseen.
type Corrupts struct {
	Unseen float64 // 2^-16 where nothing is said
	Clause Clause
}

// Delays: every delivery takes between Min and Max.
type Delays struct {
	Min, Max time.Duration // whole milliseconds
	Clause   Clause
}

// Lifetime: no datagram arrives later than T after it was sent.
type Lifetime struct {
	T      time.Duration
	Clause Clause
}

// Rate bounds what one sender may send: exactly one of the two is set.
type Rate struct {
	Datagrams float64 // a second
	Bytes     float64 // a second
	Clause    Clause
}

// Interface is a set of calls from one peer to another over a channel.
type Interface struct {
	Name       string
	Doc        string
	Clause     Clause
	From       *Peer // the caller
	To         *Peer // the callee
	Channel    *Channel
	Default    time.Duration // the time of a call without `within`: 30 s
	DefaultAt  *Clause       // `within T` of the interface; nil where nothing is said
	Calls      []*Call
	Optimise   []string // what a plan is to be cheap in, of Objectives, the most important first; empty: bytes
	OptimiseAt *Clause
	Force      []Force
}

// Ordered reports whether some of its calls are to keep their order.
func (in *Interface) Ordered() bool {
	return slices.ContainsFunc(in.Calls, func(c *Call) bool { return c.Ordered != nil })
}

// Lanes is how many of its calls the interface asks to be outstanding at once, 1 or more.
func (in *Interface) Lanes() int {
	n := 1
	for _, c := range in.Calls {
		if c.Pipelined != nil {
			n = max(n, c.Pipelined.N)
		}
	}
	return n
}

// Objectives are what a plan can be cheap in, in the order in which plans are told apart where nothing else is said.
var Objectives = lang.Objectives

// Kind is the meta-property of a call that decides how often it may run.
type Kind int

const (
	Effect      Kind = iota // at most once; what a call is where nothing is said
	ExactlyOnce             // its effect is committed, and once only
	Idempotent              // again, but never after a later call of the interface has started
	Pure                    // any number of times
)

// Words are what a program says.
func (k Kind) Words() string {
	if k == ExactlyOnce {
		return "effect exactly once"
	}
	return k.String()
}

func (k Kind) String() string { return [...]string{"effect", "once", "idempotent", "pure"}[k] }

// Call is one operation: a request with arguments and an answer.
type Call struct {
	Name      string
	Doc       string
	Clause    Clause // "call water(plot u8, litres u8) Outcome"
	Params    []Field
	Result    *Type // nil: the answer carries no value
	Kind      Kind
	KindAt    Clause // the word, or the call's own clause where nothing is said
	Commutes  *Clause
	Serial    *Clause
	Ordered   *Clause // executions of those that have it keep the order of the calls
	Pipelined *Pipelined
	Keep      *Clause // it works with every version that is deployed; such calls come first
	Cache     *Cache
	Within    *Within
	Log       *Amount // events kept
}

// Cache: the caller keeps the last N distinct answers, none older than For.
type Cache struct {
	N      int
	For    time.Duration
	Clause Clause
}

// Pipelined asks that N calls can be outstanding on the wire at once, 2 or more.
type Pipelined struct {
	N      int
	Clause Clause
}

// Within bounds the end of a call; P is the demanded probability of an answer by T, 0 where none was given.
type Within struct {
	T      time.Duration
	P      float64
	Clause Clause
}

// Force overrides the solver: a feature switched off, or a parameter set.
type Force struct {
	Feature string // "duplicate suppression"
	Value   string // "off", "on", or a parameter's name followed by a number: "width 3"
	Clause  Clause
}

// Struct is a named record of fields.
type Struct struct {
	Name   string
	Doc    string
	Fields []Field
	Clause Clause
}

// Enum is a named set of values, numbered from 0.
type Enum struct {
	Name    string
	Doc     string
	Members []string
	Clause  Clause
}

// Field is a named value: of a struct, or a parameter of a call.
type Field struct {
	Name   string
	Doc    string
	Type   *Type
	Clause Clause
}

// Assertion is a property of the program's own, of the calls of one interface.
type Assertion struct {
	Interface *Interface
	Mode      string // "always", "never", "eventually"; "" where Property names one of the failure model's
	Property  string
	Of        *Call // of a Property
	After     *Cond // from the first moment on in which it holds; nil: from the start
	Cond      *Cond
	Clause    Clause
}

// CondOp tells conditions apart.
type CondOp int

// Conditions are facts, joined.
const (
	Fact CondOp = iota
	Not         // of X
	And         // of X and Y
	Or
)

// Cond is a condition over one call: the same in every Fact, but where Other is set.
type Cond struct {
	Op    CondOp
	X, Y  *Cond
	Call  *Call  // of a Fact
	State string // of a Fact, in the words of lang.CallStates
	Other bool   // of a Fact: another call than that of the other facts
}

// Calls are those that a condition names, each once, in order.
func (c *Cond) Calls() []*Call {
	if c == nil {
		return nil
	}
	var out []*Call
	for _, x := range append(append([]*Call{c.Call}, c.X.Calls()...), c.Y.Calls()...) {
		if x != nil && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}

// million is one, in parts per million.
const million = 1_000_000

// Wrong is by how many parts in a million the peer's clock may run wrong.
func (p *Peer) Wrong() int { return int(math.Round(p.Drift * million)) }

// AtMost is the longest time, in whole milliseconds of the peer's own clock, that takes no longer than a time does.
func (p *Peer) AtMost(t time.Duration) time.Duration {
	return time.Duration(int64(t/time.Millisecond)*int64(million-p.Wrong())/million) * time.Millisecond
}

// AtLeast is the shortest time, in whole milliseconds of the peer's own clock, that takes no less than a time does.
func (p *Peer) AtLeast(t time.Duration) time.Duration {
	ms := int64((t + time.Millisecond - 1) / time.Millisecond)
	return time.Duration((ms*int64(million+p.Wrong())+million-1)/million) * time.Millisecond
}
