package support

// Frames on a serial line. Consistent overhead byte stuffing (Cheshire, Baker: Consistent Overhead Byte Stuffing, IEEE/ACM
// Transactions on Networking, 1999) takes the zeros out of a datagram, and a zero ends it. So whatever was lost, added or
// altered, the next zero is an end, and what follows it a beginning.

// longestRun is how many bytes without a zero stand behind one code.
const longestRun = 254

// frame gives a datagram as it goes over the line: codes, each with how far it is to the next code, the bytes between them,
// and a zero. Between two codes stands a zero that is not sent, but behind one of 255.
func frame(datagram []byte) []byte {
	out := make([]byte, 1, len(datagram)+len(datagram)/longestRun+2)
	code := 0 // where the last one is
	for i, b := range datagram {
		if b != 0 {
			out = append(out, b)
		}
		full := len(out)-code > longestRun
		if b == 0 || full && i+1 < len(datagram) {
			out[code] = byte(len(out) - code)
			code = len(out)
			out = append(out, 0)
		}
	}
	out[code] = byte(len(out) - code)
	return append(out, 0)
}

// deframer finds the datagrams in the bytes of a line. It keeps no more than the longest of them.
type deframer struct {
	datagram []byte // so far; its capacity is the longest
	code     byte   // the last one; 0: nothing has come since a zero
	left     byte   // bytes until the next code
	long     bool   // it does not fit
}

// found is what a byte ends.
type found uint8

const (
	foundNothing  found = iota
	foundDatagram       // in deframer.datagram, until the next byte is taken
	foundBroken         // what is no frame, or a longer one than any
)

// newDeframer expects datagrams of at most so many bytes.
func newDeframer(longest int) *deframer { return &deframer{datagram: make([]byte, 0, longest)} }

func (d *deframer) take(b byte) found {
	if d.code == 0 {
		d.datagram, d.left, d.long = d.datagram[:0], 0, false
	}
	switch {
	case b == 0:
		begun := d.code != 0
		d.code = 0
		switch {
		case begun && (d.left > 0 || d.long):
			return foundBroken
		case begun:
			return foundDatagram
		}
	case d.left > 0:
		d.left--
		d.put(b)
	default:
		if d.code != 0 && d.code <= longestRun {
			d.put(0)
		}
		d.code, d.left = b, b-1
	}
	return foundNothing
}

func (d *deframer) put(b byte) {
	if len(d.datagram) == cap(d.datagram) {
		d.long = true
		return
	}
	d.datagram = append(d.datagram, b)
}
