package support

import (
	"crypto/rand"
	"encoding/binary"
)

// entropy is the system's random source.
type entropy struct{}

func (entropy) random() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails: the program ends where the system has no randomness
	return binary.LittleEndian.Uint64(b[:])
}
