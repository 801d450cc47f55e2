package main

import (
	"runtime"
	"runtime/debug"
)

// shortTurns is how often garbage is looked for before a command counts as a long one.
const shortTurns = 4

// paceHeap lets less garbage gather in a short command than in a long one: to be given pages that nobody used yet costs it
// more than to find those again that it is done with. The checker's tables live to the end: to look at them often would take
// a quarter of its time.
func paceHeap() {
	debug.SetGCPercent(200)
	type sentinel struct{ _ *int } // unused at once, so that it is told when the heap was looked at
	left := shortTurns
	var looked func(*sentinel)
	looked = func(*sentinel) {
		if left--; left == 0 {
			debug.SetGCPercent(400)
			return
		}
		runtime.SetFinalizer(&sentinel{}, looked)
	}
	runtime.SetFinalizer(&sentinel{}, looked)
}
