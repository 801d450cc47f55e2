package support

import "errors"

// drop tells why a datagram was dropped before the machine saw it.
type drop uint8

const (
	kept         drop = iota
	dropLength        // shorter or longer than its kind can be
	dropKind          // no kind that this peer receives
	dropChecksum      // altered on the way
	dropValue         // a value out of its range, or padding that is not zero
)

func (d drop) String() string {
	return [...]string{"kept", "length", "kind", "checksum", "value"}[d]
}

// ErrHalted: the peer stopped for good, because its stable memory failed or its numbers are used up.
var ErrHalted = errors.New("peer halted")

var errUsedUp = errors.New("the numbers are used up")
