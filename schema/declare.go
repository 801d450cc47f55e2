package schema

// Fact is something that a program says of its calls, its peers or its channel, as far as the schema's rules look.
type Fact string

const (
	AnyCall       Fact = "a call"
	HarmfulCall   Fact = "a call that may not run twice, or not late" // not Harmless
	HarmlessCall  Fact = "a call that may run twice, and late"
	EffectCall    Fact = "a call with an effect"
	OnceCall      Fact = "a call that runs exactly once"
	RepeatedCall  Fact = "an idempotent call"
	IdempotentRun Fact = "an idempotent call that may not run late"
	CachedCall    Fact = "a cached call"
	LoggedCall    Fact = "a logged call"
	SerialCall    Fact = "a serial call"
	ChanceCall    Fact = "a call with a probability"
	PipelinedCall Fact = "a call of which several are outstanding"
	PlainRun      Fact = "a call without an effect"

	OneWay        Fact = "a one-way channel"
	Loses         Fact = "a channel that loses"
	LosesAll      Fact = "a channel that loses everything"
	Repeats       Fact = "a channel that repeats"
	Overtakes     Fact = "a channel with overtaking"
	OvertakesEver Fact = "a channel with overtaking without bound"
	Corrupts      Fact = "a channel that corrupts"
	UnseenBelow8  Fact = "fewer may stay unseen than 8 bits leave"
	UnseenBelow16 Fact = "fewer may stay unseen than 16 bits leave"
	UnseenBelow32 Fact = "fewer may stay unseen than 32 bits leave"
	Rated         Fact = "a channel with a rate"
	CallerCrashes Fact = "a caller that crashes"
	CalleeCrashes Fact = "a callee that crashes"
	CommitsApart  Fact = "a callee that commits separately"
	Lives         Fact = "a channel with a lifetime"
)

// OfCall reports whether a fact is one of single calls: each call for which it holds is an instance of its own.
func (f Fact) OfCall() bool {
	switch f {
	case AnyCall, HarmfulCall, HarmlessCall, EffectCall, OnceCall, RepeatedCall, IdempotentRun, CachedCall, LoggedCall, SerialCall, ChanceCall, PipelinedCall, PlainRun:
		return true
	}
	return false
}

// Resource is what a peer must have for a way to be open. A program that lacks one is not contradicted by a clause, but
// by the absence of one.
type Resource string

const (
	CallerStable  Resource = "stable memory of the caller"
	CallerEntropy Resource = "entropy of the caller"
	CalleeStable  Resource = "stable memory of the callee"
	CalleeEntropy Resource = "entropy of the callee"
	Lifetime      Resource = "a lifetime of datagrams"
)

// Goal is something that must hold, raised when all its facts do. Every goal is met by at least one feature that gives it.
type Goal struct {
	Name string
	When []Fact   // at most one of them of single calls
	Else string   // what goes wrong otherwise, for a contradiction
	Met  []string // features that meet it by the way: no plan has one for that, but what gives it is not needed beside one
}

// Way is how a feature can be had.
type Way struct {
	Source  string     // value of the parameter "source"; "" where there is one way
	Width   int        // value of the parameter "width" of a checksum
	Variant string     // value of the parameter "variant"; "" for the usual one
	For     []string   // objectives: it is open only where one of these is optimised; none: always
	Needs   []Resource // of the program
	Last    bool       // only where there is no plan without it, whatever that costs
	Forbids [][]Fact   // it is not sound where all facts of a list hold
	Why     string     // what would go wrong there, for a contradiction; with {caller}, {callee}
	Carries []Carry    // what it adds to datagrams
	Starts  int        // stable writes of a start of the peer whose stable memory it needs
	Forced  bool       // open to force only
}

// Carry is a field that a way adds to a message.
type Carry struct {
	Message string // REQ or ANS
	Sort    string // of numbers, whose width is a plan's; "" where Bits is set
	Bits    int
	Fenced  bool // only in requests of calls that the callee epoch fences
}

// Need is a feature without which another is not sound.
type Need struct {
	Feature string
	When    []Fact // only where these hold
	Source  string // only of this way
	Of      string // and only this way of the other will do, by its source
}

// Declaration says of a feature what it gives, needs and forbids, and what it costs.
type Declaration struct {
	Feature
	Gives  []string // goals
	Ways   []Way    // none: one way that costs nothing on the wire
	Needs  []Need
	Writes []Fact // one stable write for each call of which this holds
	Asks   []Fact // whose clauses a plan names as the reason, beside those of the goals
	Less   string // the variant that is the feature taken away; "": to force it off is all
}

// Theorem is a contradiction that no protocol resolves, whatever the schema.
type Theorem struct {
	When    []Fact
	Without []Resource // it holds only where the program has none of these
	Goal    string     // that cannot be met; force on one of its features waives the theorem too
	Message string     // with {call}, {caller}, {callee}, {channel}
	Why     string
	Source  string
}

// Declare finds a feature's declaration, or nil.
func Declare(name string) *Declaration {
	for i := range Declarations {
		if Declarations[i].Name == name {
			return &Declarations[i]
		}
	}
	return nil
}

// WaysOf are the ways of a feature; one that costs nothing where none is declared.
func (d *Declaration) WaysOf() []Way {
	if len(d.Ways) == 0 {
		return []Way{{}}
	}
	return d.Ways
}
