package support

// crc8 is the checksum of polynomial 0x07, most significant bit first, from a start value.
func crc8(seed uint8, b []byte) uint8 {
	c := uint32(seed)
	for _, x := range b {
		c ^= uint32(x)
		for range 8 {
			c <<= 1
			if c&0x100 != 0 {
				c ^= 0x107
			}
		}
	}
	return uint8(c)
}
