package ir

import "testing"

// What a frame takes at most, beside what spec/wire.md says of it.
func TestCarried(t *testing.T) {
	for n, want := range map[int]int{0: 2, 1: 3, 253: 255, 254: 256, 255: 258, 508: 511, 509: 513} {
		if got := (&Channel{Over: "serial"}).Carried(n); got != want {
			t.Errorf("a datagram of %d bytes takes %d, not %d", n, got, want)
		}
		if got := (&Channel{Over: "udp"}).Carried(n); got != n {
			t.Errorf("over udp a datagram of %d bytes takes %d", n, got)
		}
	}
}
