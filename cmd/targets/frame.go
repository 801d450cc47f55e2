package main

// Frames as spec/wire.md has them, for the modem: consistent overhead byte stuffing (Cheshire, Baker 1999), and a zero behind each.

const longestRun = 254 // bytes without a zero behind one code

// frame puts a datagram into a frame.
func frame(datagram []byte) []byte {
	out, code := []byte{1}, 0
	for i, b := range datagram {
		if b != 0 {
			out = append(out, b)
			out[code]++
		}
		if b == 0 || int(out[code]) == longestRun+1 && i+1 < len(datagram) {
			code = len(out)
			out = append(out, 1)
		}
	}
	return append(out, 0)
}

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
