//go:build !linux

package verify

// pages gets n zeroed words.
func pages(n int) []uint64 { return make([]uint64, n) }

// freePages gives back what pages got.
func freePages([]uint64) {}
