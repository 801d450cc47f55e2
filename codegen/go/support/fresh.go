package support

// fresh makes a value of 1 to 2^bits-1 of 64 random bits: the low ones, and 1 where they are 0.
func fresh(random uint64, bits int) uint64 {
	return max(random&(1<<bits-1), 1)
}
