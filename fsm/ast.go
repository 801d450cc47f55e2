package fsm

import "sprocketc/diag"

// System is a closed system: machines, the messages and channels between them, and what is to be checked.
type System struct {
	Name       string
	Doc        []string // comment lines above, without slashes
	Sorts      []*Sort
	Enums      []*Enum // the built-in enumeration outcome is not listed
	Sets       []*Set
	Messages   []*Message
	Channels   []*Channel
	Machines   []*Machine
	Invariants []*Invariant
	Assertions []*Assertion
	Demands    []*Demand
	Queries    []*Query // what is asked of the chain
	Checks     []string // properties to check by name: "at_most_once"
}

// Sort is an unbounded sort of values; 0 is none. Numbers have next, before, ==; tokens have fresh and ==.
type Sort struct {
	Name  string
	Token bool
	Bits  int // width in emitted code; 0: not stated. The proof does not depend on it
	Wrap  int // modulus of a number that is reused: next wraps, before is serial-number arithmetic (RFC 1982); 0: never reused
	Tag   Tag
	Doc   []string
	Span  diag.Span
}

// Enum is a named set of values, numbered from 0.
type Enum struct {
	Name    string
	Members []string
	Tag     Tag
	Doc     []string
	Span    diag.Span
}

// Set is a named subset of an enumeration.
type Set struct {
	Name    string
	Enum    string
	Members []string
	Tag     Tag
	Doc     []string
	Span    diag.Span
}

// Has reports whether value v of the enumeration is in the set.
func (s *Set) Has(e *Enum, v uint32) bool {
	for _, m := range s.Members {
		if int(v) < len(e.Members) && e.Members[v] == m {
			return true
		}
	}
	return false
}

// TypeKind tells the types of variables apart.
type TypeKind int

const (
	Bool TypeKind = iota
	Range
	EnumKind
	Number  // of an ordered sort
	Token   // of an unordered sort
	Payload // opaque; copied, never tested
)

// Hidden reports whether the values of a type are hidden from the proof of the system: what there is of a large value, and
// which value it is. See pieces.go.
func (t Type) Hidden() bool { return t.Kind == Range && t.Name != "" }

// Type of a variable, a message field or a parameter.
type Type struct {
	Kind   TypeKind
	Name   string // of the sort or enumeration
	Lo, Hi uint32 // of Range, inclusive
	Scope  string // Number: the variable or field within whose value it counts; "" for none
	Len    int    // array length; 0 for a scalar
}

// Message is a kind of datagram.
type Message struct {
	Name   string
	From   string // the machine that sends it
	Fields []*Field
	Tag    Tag
	Doc    []string
	Span   diag.Span
}

// Field of a message. A field with a set is on the wire only in messages whose field fn is in that set.
type Field struct {
	Name string
	Type Type
	For  string // set; "" for always
	Wire bool   // needed by the codec (it tells the kinds apart), whether or not a machine reads it
	Tag  Tag
	Doc  []string
	Span diag.Span
}

// Index of a field by name, or -1.
func (m *Message) Index(name string) int {
	for i, f := range m.Fields {
		if f.Name == name {
			return i
		}
	}
	return -1
}

// Channel carries the messages of one machine to another, one direction.
type Channel struct {
	Name     string
	From, To string
	Capacity int // of a bounded FIFO channel; 0: none is stated, the checker chooses the representation
	Loses    bool
	Loss     Odds     // how often, each datagram for itself; a proof does not depend on it
	Oldest   bool     // it loses only what would arrive next
	Delay    Interval // of every delivery in ms, uniform between First and Cap; 0..0: none is stated. Nor on this
	Lives    uint32   // ms after it was sent no datagram arrives any more; 0: none is stated
	Waits    bool     // a send waits for room, also where the channel loses; without it a full channel that loses is loss
	Repeats  bool
	Within   int  // a datagram may be overtaken by up to this many later ones; -1: any number
	Corrupts bool // and no checksum turns an altered datagram into a lost one
	Tag      Tag
	Doc      []string
	Span     diag.Span
}

// Machine is one peer.
type Machine struct {
	Name    string
	Crashes bool // may stop after any visible action and start again with its records only
	Budget  int  // crashes at most; 0 with Crashes: any number
	Drift   int  // parts in a million by which its clock may run wrong
	Erased  bool // may also be replaced by a blank one, when no datagram is in flight
	Vars    []*Var
	Records []*Record
	Timers  []*Timer
	Memos   []*Memo
	Journal *Journal
	Events  []*Event
	Tails   []*Tail
	Doc     []string
	Span    diag.Span
}

// Var is a volatile variable: zero after a start.
type Var struct {
	Name  string
	Type  Type
	While Expr // it is dead, and zeroed in the proof, while this does not hold; nil: never
	Layer bool // hidden from the proof: every read may give any value
	Init  uint32
	Start string // the initial value as the text gives it; "" where it gives none
	Any   bool   // every initial value is possible
	Tag   Tag
	Doc   []string
	Span  diag.Span
}

// Record is what survives a crash, written whole by persist. With one slot a torn write leaves it unreadable;
// with two it reads as the old or the new. Blank memory is unreadable.
type Record struct {
	Name   string
	Slots  int // 1 or 2
	Fields []*Field
	Tag    Tag
	Doc    []string
	Span   diag.Span
}

// Timer fires, in the proof, at any time while it runs; in emitted code after its interval.
type Timer struct {
	Name     string
	Layer    bool
	Per      string     // enumeration whose value chooses the interval; "" for one interval
	Spans    []Interval // one, or one for each member of Per
	Outlives Outlived
	Tag      Tag
	Doc      []string
	Span     diag.Span
}

// Interval of a timer in milliseconds: First after start, then doubled by each again, up to Cap.
type Interval struct{ First, Cap uint32 }

// Doubles reports whether any interval of the timer grows.
func (t *Timer) Doubles() bool {
	for _, s := range t.Spans {
		if s.Cap > s.First {
			return true
		}
	}
	return false
}

// Memo keeps answers by function and arguments; a layer.
type Memo struct {
	Name    string
	Per     string      // enumeration of functions
	Entries []MemoEntry // one for each member; N = 0: not kept
	Tag     Tag
	Doc     []string
	Span    diag.Span
}

// MemoEntry: the last N distinct answers, none older than Age milliseconds since it was asked for.
type MemoEntry struct{ N, Age uint32 }

// Journal keeps the last N notes for the program to read; a layer.
type Journal struct {
	Name string
	N    uint32
	Tag  Tag
	Doc  []string
	Span diag.Span
}

// EventKind tells the events apart.
type EventKind int

const (
	OnCall    EventKind = iota // by the program: fields fn, args
	OnReturn                   // of the handler: field ans
	OnMessage                  // a datagram's arrival: the message's fields
	OnTimer
	OnRestart
	OnFree // by the environment, in systems stated by hand
)

// Event is what a machine does when something happens.
type Event struct {
	Kind   EventKind
	Name   string   // of the message, timer or free event
	Param  string   // the name by which the body refers to the event's fields; "" for none
	Params []*Param // of free events
	When   Expr     // the environment makes it happen only when this holds; nil for always
	Body   []*Stage
	Tag    Tag
	Doc    []string
	Span   diag.Span
}

// Tail is a shared list of stages.
type Tail struct {
	Name   string
	Params []*Param
	Body   []*Stage
	Tag    Tag
	Doc    []string
	Span   diag.Span
}

// Param is a named, typed value.
type Param struct {
	Name string
	Type Type
	Span diag.Span
}

// Stage is one step of an ordered list.
type Stage struct {
	Tag  Tag
	Doc  []string
	Stmt Stmt
	Span diag.Span
}

// Invariant is a condition over the variables of all machines ("caller.n"), checked in every state; or one that a
// state must satisfy for a run to begin in it, where variables start with any value.
type Invariant struct {
	Name  string
	Start bool // of the second kind; it has no name
	Cond  Expr
	Doc   []string
	Span  diag.Span
}

// Tag is a disjunction of conjunctions of features; the empty tag always holds.
type Tag [][]Lit

// Lit is a feature or its negation.
type Lit struct {
	Feature string
	Not     bool
}

// Stmt is one of the actions below.
type Stmt interface{ stmt() }

type (
	// When guards a list of stages.
	When struct {
		Cond       Expr
		Then, Else []*Stage
	}
	// Assign sets a variable (or an element of an array).
	Assign struct {
		Target Expr // *Name or *Index
		Value  Expr
	}
	// Send puts a message into the channel towards its receiver.
	Send struct {
		Message string
		Fields  []FieldValue
	}
	// Persist writes a record; the action is over when it is durable. With Commit what the handler did that has returned becomes
	// durable in the same step: both or neither.
	Persist struct {
		Record string
		Fields []FieldValue
		Commit bool
	}
	// Start a timer: with Again after the next interval of its schedule, else after the first.
	Start struct {
		Timer string
		Again bool
		Per   Expr // nil where the timer has one interval
	}
	// Cancel a timer.
	Cancel struct{ Timer string }
	// Invoke starts the handler of a function.
	Invoke struct{ Fn, Args Expr }
	// Complete ends the program's call; Args are those of the call where several may be outstanding, else nil.
	Complete struct{ Outcome, Fn, Answer, Args Expr }
	// Report tells how a call came out for which the program does not wait any more: it gave up, or crashed. Args are those
	// of the call.
	Report struct{ Outcome, Fn, Answer, Args Expr }
	// Do runs a tail.
	Do struct {
		Tail string
		Args []Expr
	}
	// End ends the event, or the tail.
	End struct{}
	// Note appends to the journal.
	Note struct {
		What string
		Fn   Expr
	}
	// Place stages a piece of the value of a digest, at its place; it is over when that is durable where the pieces that the
	// machine knows of are. Staging is no execution, and may be repeated.
	Place struct{ Piece, Data, Of Expr }
	// Breach reports that an assertion of the machine's own failed.
	Breach struct{ Name string }
	// Ask stamps the time from which the age of the next remembered answer counts.
	Ask struct{ Memo string }
	// Remember stores an answer in a memo.
	Remember struct {
		Memo             string
		Fn, Args, Answer Expr
	}
	// Forget empties a memo.
	Forget struct{ Memo string }
)

func (*When) stmt()     {}
func (*Assign) stmt()   {}
func (*Send) stmt()     {}
func (*Persist) stmt()  {}
func (*Start) stmt()    {}
func (*Cancel) stmt()   {}
func (*Invoke) stmt()   {}
func (*Complete) stmt() {}
func (*Report) stmt()   {}
func (*Do) stmt()       {}
func (*End) stmt()      {}
func (*Note) stmt()     {}
func (*Breach) stmt()   {}
func (*Ask) stmt()      {}
func (*Remember) stmt() {}
func (*Forget) stmt()   {}
func (*Place) stmt()    {}

// FieldValue gives a field of a message or a record its value.
type FieldValue struct {
	Name  string
	Value Expr
}

// Expr is one of the expressions below.
type Expr interface{ expr() }

type (
	// Literal is a number, or a boolean as 0 or 1 (IsBool).
	Literal struct {
		Value  uint32
		IsBool bool
	}
	// None is the value 0 of a number, a token or a slot.
	None struct{}
	// Name is a variable, a record's field, a parameter of a tail or a member of an enumeration.
	Name struct {
		Name string
		Span diag.Span
	}
	// Select is a field of the event ("m.n"), or, in invariants, a variable of a machine ("caller.n").
	Select struct {
		Base, Field string
		Span        diag.Span
	}
	// Index is an element of an array.
	Index struct {
		Name string
		At   Expr
		Span diag.Span
	}
	// Not is logical negation.
	Not struct{ X Expr }
	// Binary is one of || && == != < <= > >= + - * %.
	Binary struct {
		Op   string
		X, Y Expr
	}
	// In tests membership of a set.
	In struct {
		X   Expr
		Set string
	}
	// Call is a built-in: next(x), before(x, y), fresh(sort), full(x), unreadable(record), running(timer),
	// hit(memo, fn, args), recalled(memo), either(), and those of pieces.go.
	Call struct {
		Fn   string
		Args []Expr
		Span diag.Span
	}
)

func (*Literal) expr() {}
func (*None) expr()    {}
func (*Name) expr()    {}
func (*Select) expr()  {}
func (*Index) expr()   {}
func (*Not) expr()     {}
func (*Binary) expr()  {}
func (*In) expr()      {}
func (*Call) expr()    {}

// Outcomes of a call, the members of the built-in enumeration outcome.
const (
	Answer = iota
	Refused
	TimedOut
	Unknown
	PeerRestarted
)

// OutcomeEnum is the built-in enumeration outcome.
var OutcomeEnum = &Enum{Name: "outcome", Members: []string{"answer", "refused", "timed_out", "unknown", "peer_restarted"}}
