package main

// Frames come apart here for the modem, written apart from emitted code, which is what is tried; codegen.Frame makes them.

const longestRun = 254 // bytes without a zero behind one code

// deframer takes frames apart. The zero value is at the beginning of one.
type deframer struct{ between []byte } // zeros

// take takes the next byte. A frame that it ends gives its datagram; what is no frame gives nothing.
func (d *deframer) take(b byte) (datagram []byte, whole bool) {
	if b != 0 {
		d.between = append(d.between, b)
		return nil, false
	}
	rest := d.between
	d.between = nil
	if len(rest) == 0 {
		return nil, false
	}
	datagram = []byte{}
	for len(rest) > 0 {
		n := int(rest[0])
		if n > len(rest) {
			return nil, false
		}
		datagram = append(datagram, rest[1:n]...)
		rest = rest[n:]
		if n <= longestRun && len(rest) > 0 {
			datagram = append(datagram, 0)
		}
	}
	return datagram, true
}
