package lang

import (
	"time"

	"sprocketc/diag"
)

// File is a program's tree. It holds what could be read, also where there were errors.
type File struct {
	Source     *diag.File
	Protocol   *Protocol // nil where the clause is missing
	Structs    []*Struct
	Enums      []*Enum
	Peers      []*Peer
	Channels   []*Channel
	Interfaces []*Interface
	Asserts    []*Assert

	// Incomplete is set where a clause at the top could not be read, so that what is missing may have been meant.
	Incomplete bool

	root *rawBlock       // for the formatter
	lost map[string]bool // names that clauses declare which could not be read; their uses are not reported
}

// Ident is a name as written.
type Ident struct {
	Name string
	Span diag.Span
}

// Head is what every declaration begins with.
type Head struct {
	Name   Ident
	Doc    string    // the comment above, without slashes, lines separated by newlines
	Note   string    // the comment behind, without slashes
	Span   diag.Span // of the clause without its block: "peer probe"
	Broken bool      // the head could not be read; its errors are reported
}

// Protocol names the program.
type Protocol struct{ Head }

// Struct is a record of fields.
type Struct struct {
	Head
	Fields []*Field
}

// Field is a field of a struct or a parameter of a call.
type Field struct {
	Head
	Type *Type
}

// Enum is a set of names.
type Enum struct {
	Head
	Members []Ident
}

// TypeKind tells types apart.
type TypeKind int

// Kinds of types. A Named type refers to a struct or an enum of the file.
const (
	Bool TypeKind = iota
	Uint
	Int
	Float
	Text
	Bytes
	Array
	List
	Option
	Named
)

// Type is a type as written, its bounds checked.
type Type struct {
	Kind   TypeKind
	Span   diag.Span
	Bits   int    // of Uint, Int, Float
	Refine *Range // of Uint, Int
	Max    int    // of Text, Bytes, Array, List
	Fixed  bool   // of Bytes: exactly Max
	Elem   *Type  // of Array, List, Option
	Name   string // of Named
}

// Range is `a..b`, both ends included.
type Range struct {
	Lo, Hi int64
	Span   diag.Span
}

// Word is a clause of one word.
type Word struct{ Span diag.Span }

// Amount is a clause with a number: bytes, bits, a count.
type Amount struct {
	N    int64
	Span diag.Span // of the clause
}

// Percent is a clause with a fraction, 0.2 for `20%`.
type Percent struct {
	P    float64
	Span diag.Span
}

// Peer is one of the programs that communicate.
type Peer struct {
	Head
	Emit    []Ident // "go", "c"; the span is of the whole clause in EmitAt
	EmitAt  diag.Span
	Crashes *Word
	Commits *Word   // separately: no record together with what a handler did
	Stable  *Amount // bytes
	Entropy *Amount // bits
	RAM     *Amount // bytes
	Flash   *Amount // bytes
	Drift   *Percent
	Battery *Word
}

// Channel is what carries datagrams, with what it may do to them.
type Channel struct {
	Head
	A, B      Ident // as written
	OneWay    bool  // from A to B
	Direction diag.Span
	Over      *Over
	Unit      *Amount // bytes
	Loses     *Percent
	Repeats   *Word
	Reorders  *Reorders
	Corrupts  *Corrupts
	Delays    *Delays
	Lives     *Span
	Rate      *Rate
}

// Over names the carrier: "udp", "serial", "unix", "custom".
type Over struct {
	Name string
	Span diag.Span
}

// Reorders has Within -1 where no bound is given.
type Reorders struct {
	Within int
	Span   diag.Span
}

// Corrupts has Unseen -1 where nothing is said.
type Corrupts struct {
	Unseen float64
	Span   diag.Span
}

// Delays is a range of delays in whole milliseconds.
type Delays struct {
	Min, Max time.Duration
	Span     diag.Span
}

// Span is a clause with a time in whole milliseconds below 2^31.
type Span struct {
	T    time.Duration
	Span diag.Span
}

// Rate has either Datagrams or Bytes, a second; the other is 0.
type Rate struct {
	Datagrams, Bytes float64
	Span             diag.Span
}

// Interface is a set of calls from one peer to another.
type Interface struct {
	Head
	From, To, On Ident
	Default      *Span   // `within T` of the interface
	Optimise     []Ident // what a plan is to be cheap in, the most important first
	OptimiseAt   diag.Span
	Calls        []*Call
	Force        []*Force
}

// CallKind is the meta-property that decides how often a call may run.
type CallKind int

// Kinds of calls; Effect is what a call is where nothing is said.
const (
	Effect CallKind = iota
	ExactlyOnce
	Idempotent
	Pure
)

// Call is a request with an answer.
type Call struct {
	Head
	Params    []*Field
	Result    *Type // nil where the answer carries no value
	Kind      CallKind
	KindAt    *Word // nil where nothing is said
	Commutes  *Word
	Serial    *Word
	Ordered   *Order
	Pipelined *Amount // calls outstanding at once
	Keep      *Word   // it works with every version that is deployed
	Cache     *Cache
	Within    *Within
	Log       *Amount // events
}

// Order keeps the executions of a call in the order of the calls, its own and those of After.
type Order struct {
	After Ident // its name is "" where no other call is meant
	Span  diag.Span
}

// Cache keeps N answers for For.
type Cache struct {
	N    int
	For  time.Duration
	Span diag.Span
}

// Within bounds a call; P is 0 where no probability is given.
type Within struct {
	T    time.Duration
	P    float64
	Span diag.Span
}

// Force overrides the solver: Value is "on", "off", or a parameter and a number ("width 3").
type Force struct {
	Feature string
	Value   string
	Span    diag.Span
}
