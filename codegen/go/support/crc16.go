package support

// crc16 is CRC-16/CCITT (polynomial 0x1021, most significant bit first) from a start value.
func crc16(seed uint16, b []byte) uint16 {
	c := uint32(seed)
	for _, x := range b {
		c ^= uint32(x) << 8
		for range 8 {
			c <<= 1
			if c&0x10000 != 0 {
				c ^= 0x11021
			}
		}
	}
	return uint16(c)
}
