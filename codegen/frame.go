package codegen

const longestRun = 254 // bytes without a zero behind one code

// Frame is a datagram as it goes over a serial line: consistent overhead byte stuffing (Cheshire, Baker 1999), and a zero behind it, as
// spec/wire.md has it. It is for what stands at the other end of emitted code: that has its own.
func Frame(datagram []byte) []byte {
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
