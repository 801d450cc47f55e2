package faultlink

import "time"

// What befell a datagram.
type What uint8

// Every datagram is Sent first; then it is Lost at once, or its copies arrive or expire later.
const (
	Sent    What = iota
	Lost         // at once
	Arrived      // a copy was delivered
	Expired      // a repeat was dropped, because too many later datagrams had been delivered
)

func (w What) String() string {
	switch w {
	case Sent:
		return "sent"
	case Lost:
		return "lost"
	case Arrived:
		return "arrived"
	case Expired:
		return "expired"
	}
	return "unknown"
}

// Event is one thing that befell a datagram.
type Event struct {
	At       time.Time // as handed to the lane; an arrival is told when it is delivered, which may be after it was due
	AtoB     bool
	Number   uint64 // of the datagram in its direction, from 1
	What     What
	Again    bool   // of an arrival: not the datagram's first copy
	Altered  bool   // of an arrival
	Datagram []byte // as it was sent or, of an arrival, as it was delivered; not to be changed nor kept
}

// tell reports to the trace, if there is one.
func (l *Lane) tell(e Event) {
	if l.trace != nil {
		e.AtoB = l.aToB
		l.trace(e)
	}
}
