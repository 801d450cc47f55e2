package runtest

import (
	"sprocketc/codegen"
	"sprocketc/codegen/go/drive"
	"sprocketc/fsm"
	"sprocketc/ir"
	"sprocketc/verify"
)

// watched is what the observer of the tests sees of a run: how it breaks the property, or "" where that cannot be seen
// from outside. Calls and answers have the numbers that the driver gives them.
func watched(calls []*ir.Call, p verify.Property) string {
	w := &watcher{run: p.Run, calls: calls, flights: map[int]watchedFlight{}, handler: -1}
	var kinds []int
	for _, c := range calls {
		kinds = append(kinds, drive.Kind(c.Kind == ir.Pure, c.Kind == ir.Effect, c.Kind == ir.ExactlyOnce, c.Commutes != nil, c.Ordered != nil))
	}
	w.o = drive.NewObserver(kinds)
	m, err := verify.NewModel(p.Run.Sys)
	if err != nil {
		return ""
	}
	w.m, w.o.Commits = m, m.Commits()
	for i := range p.Run.Steps {
		if w.o.Pending() >= 0 && p.Run.Steps[i].Kind == verify.ProgramCalls {
			return "" // the drivers of tests have one call outstanding at a time
		}
		w.step(i)
	}
	if p.Name == "useful" { // the test takes the last step twice
		w.step(len(p.Run.Steps) - 1)
	}
	if p.Run.Loop >= 0 && w.o.Pending() >= 0 {
		return p.Why // the call is outstanding where the run does not go on
	}
	return w.o.Broken(p.Name)
}

// watchedFlight is a datagram: for which call it was sent, after how many starts of the callee, and the number of the
// answer that the callee had last.
type watchedFlight struct{ call, start, answer int }

type watcher struct {
	run     *verify.Run
	m       *verify.Model
	calls   []*ir.Call
	o       *drive.Observer
	flights map[int]watchedFlight

	numbers     []int // of the arguments, by call
	fns         []int // by call
	handlerFn   int
	handler     int // the execution that runs, or -1
	answer      int // of the handler that returned last
	arrived     watchedFlight
	hasArrived  bool
	calledInNow bool
}

func (w *watcher) step(i int) {
	x := w.run.Steps[i]
	w.hasArrived, w.calledInNow = false, false
	waits := false
	switch x.Kind {
	case verify.ProgramCalls:
		fn := int(x.In[0])
		number := w.o.Next() % codegen.LeafOf(w.calls[fn].Params).N
		w.numbers, w.fns = append(w.numbers, number), append(w.fns, fn)
		w.o.Made(fn, number)
		w.calledInNow = true
	case verify.HandlerReturns:
		w.answer = max(w.handler, 0) % codegen.LeafOf(codegen.ResultFields(w.calls[w.handlerFn])).N
		w.handler = -1
		w.o.Returned(w.answer)
	case verify.Delivers:
		w.arrived, w.hasArrived = w.flights[w.run.Taken[i]]
		if x.Machine == w.m.Caller {
			w.o.Heard(w.arrived.start)
		}
		waits = x.Machine == w.m.Callee && !x.Altered && x.After < 0 && w.o.Waits(w.arrived.call)
	}
	for _, f := range x.Effects {
		switch f.Kind {
		case fsm.DidInvoke:
			w.started(f)
		case fsm.DidComplete:
			w.ended(f)
		case fsm.DidPersist:
			if f.Commit {
				w.o.Committed()
			}
		case fsm.DidReport:
			w.reported(f)
		case fsm.DidBreach:
		}
	}
	for _, n := range w.run.Sent[i] {
		w.flights[n] = watchedFlight{w.o.Pending(), w.o.CalleeStarts(), w.answer}
	}
	if waits {
		w.o.Asked(len(w.run.Sent[i]))
	}
	if x.After >= 0 || x.Kind == verify.Crashes || x.Kind == verify.Replaces {
		for range 1 + len(x.Cuts) {
			if x.Machine == w.m.Caller {
				w.o.CallerCrashed()
			} else {
				w.o.CalleeCrashed()
				w.handler = -1
			}
		}
	}
}

func (w *watcher) started(f fsm.Effect) {
	number, call := -1, -1
	if w.hasArrived {
		call = w.arrived.call
	}
	if f.Slot != verify.Garbage && call >= 0 {
		number = w.numbers[call]
	}
	w.handlerFn = int(f.Fn)
	w.handler = w.o.Started(int(f.Fn), number, call)
}

func (w *watcher) ended(f fsm.Effect) {
	number := 0
	if w.hasArrived {
		number = w.arrived.answer
	}
	if f.Slot == verify.Garbage {
		number = -1
		if w.calls[f.Fn].Result == nil {
			number = 0 // there is nothing that could have been altered
		}
	}
	w.o.Ended(w.o.Pending(), int(f.Outcome), number, w.calledInNow)
}

// reported: it is the last call of its function that was kept.
func (w *watcher) reported(f fsm.Effect) {
	args, answer := -1, 0
	for i, fn := range w.fns {
		if fn == int(f.Fn) {
			args = w.numbers[i]
		}
	}
	if w.hasArrived {
		answer = w.arrived.answer
	}
	w.o.Reported(int(f.Fn), args, answer)
}
