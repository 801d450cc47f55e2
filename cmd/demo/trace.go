package main

import (
	"bytes"
	"sync"

	"sprocketc/faultlink"
)

// recorder keeps what a link tells.
type recorder struct {
	mu     sync.Mutex
	events []faultlink.Event
}

func (r *recorder) add(e faultlink.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.Datagram = bytes.Clone(e.Datagram)
	r.events = append(r.events, e)
}

// sentBytes is what both peers sent, without the headers of units.
func sentBytes(trace []faultlink.Event) int {
	n := 0
	for _, e := range trace {
		if e.What == faultlink.Sent {
			n += len(e.Datagram)
		}
	}
	return n
}
