package support

import "sync"

// reports hands reports to the program, one at a time, in goroutines of their own.
type reports struct {
	turn    sync.Mutex
	running sync.WaitGroup
}

func (r *reports) tell(report func()) {
	r.running.Add(1)
	go func() {
		defer r.running.Done()
		r.turn.Lock()
		defer r.turn.Unlock()
		report()
	}()
}
