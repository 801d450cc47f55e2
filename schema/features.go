package schema

import "sprocketc/ir"

// The features, by the names that `solve` prints and `force` takes. The order is that of a plan.
const (
	CallNumber      = "call number"
	AnswerMatching  = "answer matching"
	Retransmission  = "retransmission"
	DupSuppression  = "duplicate suppression"
	ReplyCache      = "reply cache"
	Serial          = "serial"
	Window          = "window"
	CallerEpoch     = "caller epoch"
	CallerChallenge = "caller challenge"
	CalleeEpoch     = "callee epoch"
	ChallengeEcho   = "challenge echo"
	IntentRecord    = "intent record"
	AskingFirst     = "asking first"
	PendingRecord   = "pending record"
	CommitRecord    = "commit record"
	GoingOn         = "going on"
	QuietStart      = "quiet start"
	TwoSlots        = "two slots"
	OutcomeUnknown  = "outcome unknown"
	OutcomeRestart  = "outcome peer restarted"
	Checksum        = "checksum"
	Pacing          = "pacing"
	Memo            = "memo"
	Log             = "log"
)

// Variants of features that are worse in most objectives, and open only where they are better in one that is named.
const (
	Wide   = "wide"   // call numbers are never used up, and so their epoch is not renewed
	Steady = "steady" // a call is sent again at a fixed interval
	Eager  = "eager"  // a call is sent again as early as that makes its answer come sooner

	GoBackN   = "go-back-n"        // a call that comes before its turn is dropped, and sent again
	Selective = "selective repeat" // it is kept until it is its turn
)

// The wrong ways that the sources carry for teaching and testing; only `force` turns one on.
const (
	VolatileCallerEpoch = "volatile caller epoch"
	RandomCallerEpoch   = "random caller epoch"
	VolatileCalleeEpoch = "volatile callee epoch"
	IntentAfterStart    = "intent after start"
	AnyEpoch            = "any epoch"
	EpochOfCaller       = "epoch of the caller"
)

// Feature is one building block of a protocol.
type Feature struct {
	Name     string
	Sentence string  // what it does, for people
	Params   []Param // its numeric parameters, for force
}

// Param is a numeric parameter of a feature, and what it may be.
type Param struct {
	Name   string
	Lo, Hi int
	Only   []int // where not every value between the two makes sense
}

// Allows reports whether the parameter may have the value.
func (p Param) Allows(v int) bool {
	if v < p.Lo || v > p.Hi {
		return false
	}
	for _, only := range p.Only {
		if v == only {
			return true
		}
	}
	return len(p.Only) == 0
}

// Variants are the wrong ways.
var Variants = []Feature{
	{VolatileCallerEpoch, "the caller's epoch is counted in volatile memory", nil},
	{RandomCallerEpoch, "the caller's epoch is drawn at random, and has no order", nil},
	{VolatileCalleeEpoch, "the callee's epoch is counted in volatile memory", nil},
	{IntentAfterStart, "the intent is recorded after the handler was started", nil},
	{AnyEpoch, "a rejection is believed whatever request it answers", nil},
	{EpochOfCaller, "the epoch is the caller's and not the call's: what is outstanding when it takes a new one is sent again under that", nil},
}

// Find a feature or a variant by name, or nil.
func Find(name string) *Feature {
	for i := range Declarations {
		if Declarations[i].Name == name {
			return &Declarations[i].Feature
		}
	}
	for i := range Variants {
		if Variants[i].Name == name {
			return &Variants[i]
		}
	}
	return nil
}

// Features lists the schema's features in the order of a plan.
var Features = func() []Feature {
	var out []Feature
	for _, d := range Declarations {
		out = append(out, d.Feature)
	}
	return out
}()

// Harmless reports whether a call may run any number of times and at any time.
func Harmless(c *ir.Call) bool {
	return c.Kind == ir.Pure || c.Kind == ir.Idempotent && c.Commutes != nil
}
