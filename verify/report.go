package verify

import (
	"context"
	"io"
	"time"

	"sprocketc/fsm"
)

// Verdicts of a report and of each property.
const (
	Holds     = "holds"
	Violated  = "violated"
	Undecided = "undecided"
)

// Options bound and steer a search. The zero value searches up to 4 GiB, with the engine that fits the channels.
type Options struct {
	MaxStates   int
	MaxMemory   int64  // bytes of the tables
	Channels    string // "" for the fitting representation, "fifo:C" for exact words of capacity C
	NoReduction bool   // exact words: take redundant transitions as well
	Engine      string // one of Engines; "" is auto
	Workers     int    // of exact words, on one table; 0 is 1
	Progress    func(Progress)
	Context     context.Context // its end is a limit: the report says what was covered

	// Save is called where a limit ends a search in exact words, with what writes a checkpoint of it; Resume goes on with
	// the search of a checkpoint.
	Save   func(write func(io.Writer) error) error
	Resume *Checkpoint

	shortest bool // every step that makes a run shorter is taken
	short    uint // in tests: from which size of the table on its slots are short
}

// Progress of a search that goes on.
type Progress struct {
	States, Frontier, Depth int
	Memory                  int64
	Elapsed                 time.Duration
	Nodes                   int // of a decision diagram; by saturation states are counted at the end only, and are 0 until then
}

// Report is what was shown, and no more.
type Report struct {
	Protocol    string
	Verdict     string
	Why         string // of undecided: the limit that was reached
	Properties  []Property
	States      int
	Transitions int
	Depth       int
	Bytes       int64 // of the tables at the end
	Elapsed     time.Duration
	Assumptions []string // what the verdict rests on
	Limits      []string // of decisions.md 7's kind: what stands beside holds
	NotChecked  []NotChecked
	Unfired     []string // stages of the machines that no reachable state lets happen, where the search was complete
	Engine      string
	Sets        bool   // states were found as sets: transitions were not counted, and Depth may be 0
	Chain       *Chain // the figures that the text asks for; nil where it asks for none
}

// Property is a verdict on one property; a violated one has a run.
type Property struct {
	Name    string
	Verdict string
	Why     string // of violated: what went wrong
	Run     *Run
}

// NotChecked is a property that follows from the program and was not checked.
type NotChecked struct{ Name, Reason string }

// Run is a run that breaks a property: a shortest one, or a stem and a loop where something never happens.
type Run struct {
	Sys   *fsm.System // the system without what no machine reads; messages and effects are numbered by it
	Steps []Step      // from the first world on
	Start World
	Note  string // "shortest within capacity 2"

	// Loop is the index of the step from which on the steps repeat for ever; len(Steps) where nothing happens any more,
	// though nothing that must happen is left out; -1 of a run that ends with the step that breaks the property.
	Loop int
	// Carried are the numbers of the datagrams that are sent in the loop and arrive in its next round.
	Carried []int
	// Doomed is the index of the last step before which what should happen still could, given that what the run loses is
	// lost, and after which it cannot; -1 where there is none.
	Doomed int

	// Datagrams are numbered from 1 in the order in which they are sent, those of the peers' first start before all.
	// Sent has the numbers of each step's Sent, Taken that of the datagram that each step delivers or loses, or 0.
	Sent  [][]int
	Taken []int
}
