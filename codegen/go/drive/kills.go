package drive

import (
	"fmt"
	"slices"
)

// runTalk is a conversation: the program makes each of its calls twice, one after the other, and once more each after the last kill.
// Everything that is sent arrives, but for what is lost.
type runTalk struct {
	lost     [2]int // by side, the so-manieth datagram, from 1; 0: none
	patience int    // of the first call of each function: it is given up after so many turns; 0: it is not
	kills    []runKill
}

// runTally counts what was killed and what came of it, over all conversations.
type runTally struct {
	talks, torn, twice int
	kills              [2]int // by side, at different actions
	outcomes           [5]int
	executions         int
}

func (n *runTally) String() string {
	return fmt.Sprintf("killed at %d actions of the caller, %d of the callee, %d torn writes, %d times once more; %d conversations: %d answered, %d refused, %d timed out, %d unknown, %d peer restarted, %d executions",
		n.kills[runCallerSide], n.kills[runCalleeSide], n.torn, n.twice, n.talks, n.outcomes[runAnswered], n.outcomes[runRefused], n.outcomes[runTimedOut],
		n.outcomes[runUnknown], n.outcomes[runPeerRestarted], n.executions)
}

// runKilled kills the peers at every visible action of conversations, with every write torn at every byte in every way, and where
// that was not a torn write, and nobody gives up, once more at every action of the start that follows. Pairs: once more at every
// later action. It fails where a property is broken, or where the caller takes no call any more.
func runKilled(t runT, pairs bool) *runTally {
	n := &runTally{}
	losses := [][2]int{{0, 0}}
	if runLoses {
		losses = append(losses, [2]int{1, 1}, [2]int{2, 1})
	}
	most := 0
	if len(runGivingUp) > 0 {
		most = 2
	}
	for _, lost := range losses {
		for patience := range most + 1 {
			x := runTalk{lost: lost, patience: patience}
			whole := n.talk(t, x)
			for at := range whole.acted {
				for _, k := range killsAt(whole, at) {
					x.kills = []runKill{k}
					first := n.talk(t, x)
					if k.kept >= 0 {
						n.torn++
						continue
					}
					n.kills[whole.acted[at].side]++
					last := first.restarts
					switch {
					case pairs:
						last = len(first.acted)
					case patience > 0:
						last = 0
					}
					for again := at + 1; again < last; again++ {
						for _, j := range killsAt(first, again) {
							x.kills = []runKill{k, j}
							n.talk(t, x)
							n.twice++
						}
					}
				}
			}
		}
	}
	return n
}

// killsAt are the kills at an action of a run, from 0: none where its peer does not crash.
func killsAt(r *run, at int) []runKill {
	x := r.acted[at]
	if !r.ports[x.side].mayCrash() {
		return nil
	}
	out := []runKill{{at + 1, -1, 0}}
	for kept := range x.written {
		for tail := range runTails {
			out = append(out, runKill{at + 1, kept, tail})
		}
	}
	return out
}

// talk goes through a conversation. One in which a property is broken is gone through again, drawn, and fails the test.
func (n *runTally) talk(t runT, x runTalk) *run {
	t.Helper()
	r := blankRun(runQuiet{t}, "")
	r.undrawn = true
	if property, why := r.talk(x); why != "" {
		r = blankRun(runQuiet{t}, "")
		property, why = r.talk(x)
		t.Logf("lost %v, patience %d, kills %v: the run:\n%s", x.lost, x.patience, x.kills, r.chart(property, r.step))
		t.Fatalf("%s is broken: %s", property, why)
	}
	n.talks++
	for _, c := range r.seen.calls {
		if c.outcome >= 0 {
			n.outcomes[c.outcome]++
		}
	}
	n.executions += len(r.seen.runs)
	return r
}

// talk says which property the conversation breaks, and how; "" where none.
func (r *run) talk(x runTalk) (property, why string) {
	r.lost, r.kills = x.lost, slices.Clone(x.kills)
	r.start(runCallerSide)
	r.start(runCalleeSide)
	functions := len(runFunctions)
	delivers := slices.Contains(runProperties, "delivered")
	last := runAnswered // outcome of the call before, of those after the last kill
	for n, after := 0, 0; n < 2*functions || len(x.kills) > 0 && after < functions; n++ {
		survived := len(r.kills) == 0
		fn, patience := n%functions, 0
		if n < functions {
			patience = x.patience
		}
		call := r.seen.Next()
		r.next("call")
		r.make(fn, call%len(runFunctions[fn].args))
		for turns := 1; r.seen.Pending() >= 0 || !r.caller.free(); turns++ {
			if property, why = r.breaks(); why != "" {
				return property, why
			}
			if turns > 60 {
				return "delivered", "the caller takes no call any more"
			}
			givingUp := runGivingUp
			if patience > 0 && turns >= patience || turns > 30 && !delivers { // a timer may wait for the call to be over
				givingUp = nil
			}
			r.turn(givingUp)
		}
		if property, why = r.breaks(); why != "" {
			return property, why
		}
		if !survived || len(x.kills) == 0 {
			continue
		}
		after++
		outcome := r.seen.calls[call].outcome
		if delivers && patience == 0 && outcome != runAnswered && (outcome != runPeerRestarted || last == runPeerRestarted) {
			return "delivered", fmt.Sprintf("call %d, which was made after the last crash, ends as %s", call+1, runOutcomes[outcome])
		}
		last = outcome
	}
	return "", ""
}

// breaks is a property of the program that is broken, and how; "" where none is.
func (r *run) breaks() (property, why string) {
	for _, p := range runProperties {
		if why := r.seen.Broken(p); why != "" {
			return p, why
		}
	}
	return "", ""
}
