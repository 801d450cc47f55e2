package support

// fresh makes a value of 1 to 2^bits-1 of 64 random bits.
func fresh(random uint64, bits int) uint64 {
	return 1 + random%(1<<bits-1)
}
