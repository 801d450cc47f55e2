package simulate

import (
	"time"

	"sprocketc/faultlink"
)

// Summary tells what became of a simulation's calls.
type Summary struct {
	Protocol  string
	Seed      uint64
	Faults    faultlink.Faults
	Crash     float64
	Calls     []CallSummary // in the order of the program
	Crashes   []PeerCrashes // of the caller, then of the callee
	Datagrams Datagrams
	Dropped   uint64        // by the receiver's codec
	Unseen    uint64        // altered, and taken for sound
	Spurious  uint64        // ends that were reported while no call was outstanding
	Breaches  uint64        // of the machines' own assertions
	Waited    time.Duration // by the program, for all calls that ended
	Virtual   time.Duration // that passed
}

// CallSummary tells what became of the calls of one function. Made is the sum of the outcomes and of Cut.
type CallSummary struct {
	Name, Kind string
	Made       int
	Answered   int
	Remembered int // of Answered: from the memo
	Refused    int
	TimedOut   int
	Unknown    int
	Restarted  int
	Cut        int // the calling program crashed meanwhile
	Ran        int // starts of the handler
	RanTwice   int // calls with an effect whose handler started more than once, or whose effect was committed more than once
	RanLate    int // starts after a later call's, of calls that last and do not commute
	Forged     int // starts that no call asked for
	Wrong      int // answers that were another call's
}

// PeerCrashes says how often a peer crashed, and whether it stopped for good because its numbers had run out.
type PeerCrashes struct {
	Peer    string
	Crashes int
	Halted  bool
}

// Datagrams that went over the link, in both directions.
type Datagrams struct{ Sent, Lost, Repeated, Overtaken, Altered, Bytes uint64 }

// Broken is the number of promises that were not kept.
func (s *Summary) Broken() int {
	n := int(s.Spurious + s.Breaches)
	for _, c := range s.Calls {
		n += c.RanTwice + c.RanLate + c.Forged + c.Wrong
	}
	return n
}

// ended counts the calls that are over.
func (s *Summary) ended() int {
	n := 0
	for _, c := range s.Calls {
		n += c.Answered + c.Refused + c.TimedOut + c.Unknown + c.Restarted + c.Cut
	}
	return n
}

// StepKind tells the steps of a simulation apart.
type StepKind int

const (
	Made    StepKind = iota // the program calls
	Ended                   // the call is over
	Sent                    // a datagram
	Lost                    // a datagram was sent, and will not arrive
	Arrived                 // a copy of a datagram
	Dropped                 // a copy arrived, and the peer did not take it
	Ran                     // a handler starts
	Noted                   // anything else at a peer
)

// Step is something that happened at a peer.
type Step struct {
	At     time.Duration
	Call   int // that is outstanding, from 1; 0: none is
	Actor  string
	Kind   StepKind
	Text   string
	Number int // of the datagram: odd ones are the caller's
}
