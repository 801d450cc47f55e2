package support

// outcome is how a call ended.
type outcome uint8

const (
	outcomeAnswer        outcome = iota
	outcomeRefused               // never ran and never will
	outcomeTimedOut              // its time is over; an effect has not run and will not
	outcomeUnknown               // its time is over; it may have run and may still run
	outcomePeerRestarted         // it may have run, and will not run any more
)
