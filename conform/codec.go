package conform

import (
	"sprocketc/fsm"
	"sprocketc/ir"
)

// Encode gives the datagram of a message by the reference codec: its fields in declared order, with the payload for the
// payload's field.
func Encode(w *ir.WireMessage, msg *fsm.Message, fields []uint32, payload []byte) []byte {
	return encode(w, msg, fields, payload)
}

// Decode takes a datagram apart that may be of any of some kinds, by the reference codec: its layout, the fields in
// declared order (those of the function and of the payload are 0), and the payload; or the reason for which it is dropped.
func Decode(sys *fsm.System, kinds []*ir.WireMessage, datagram []byte) (w *ir.WireMessage, fields []uint32, payload []byte, reason string) {
	return decode(sys, kinds, datagram)
}
