package drive

import (
	"bytes"
	"cmp"
	"slices"

	"sprocketc/diag/sequence"
)

// runWorld is the world of one peer.
type runWorld struct {
	r      *run
	side   int
	memory []byte
	verb   string            // of the write at hand; "": it is a plain one
	old    map[string]runOld // by timer that runs and outlives something
}

// action counts a visible action, after which the peer may crash; of a write it is told how many bytes that has.
func (p *runWorld) action(written int) {
	r := p.r
	r.acted = append(r.acted, runActed{p.side, written})
	r.visible++
	if killed := r.killing(len(r.acted)); killed != nil {
		r.kills = r.kills[1:]
		panic(runCrash{})
	}
	if r.visible == r.crash {
		panic(runCrash{})
	}
}

// runActed is a visible action: whose, and of a write how many bytes it has.
type runActed struct{ side, written int }

// runKill kills the peer that does the so-manieth visible action of both, from 1, when it is done. A write may be torn: then so
// many of its bytes are there, and of the others what the tail says.
type runKill struct {
	action     int
	kept, tail int // kept is -1 where nothing is torn
}

// What a torn write leaves behind the bytes that are there.
const (
	runTailOld      = iota // what was there
	runTailOnes            // flash that was erased before
	runTailInverted        // neither
	runTails
)

// killing is the kill that comes with an action, or nil.
func (r *run) killing(action int) *runKill {
	if len(r.kills) == 0 || r.kills[0].action != action {
		return nil
	}
	return &r.kills[0]
}

func (p *runWorld) transmit(datagram []byte) {
	r := p.r
	if !r.silent {
		f := &runFlight{step: r.step, place: r.place, from: p.side, bytes: bytes.Clone(datagram), call: r.seen.Alone(), start: r.seen.CalleeStarts()}
		r.showSent(f)
		if r.sent[p.side]++; r.sent[p.side] != r.lost[p.side] {
			r.flights = append(r.flights, f)
		}
	}
	r.place++
	p.action(0)
}

func (p *runWorld) complete(o outcome, fn function, answer []byte) {
	p.ended(p.r.seen.Pending(), o, fn, answer)
}

func (p *runWorld) ended(call int, o outcome, fn function, answer []byte) {
	p.r.show(sequence.Ends, p.side, runOutcomes[o], "")
	p.r.seen.Ended(call, int(o), runNumber(runFunctions[fn].answers, answer), p.r.calling)
	p.action(0)
}

func (p *runWorld) report(o outcome, fn function, answer, args []byte) {
	p.r.show(sequence.Ends, p.side, runOutcomes[o], "reported late")
	p.r.seen.Reported(int(fn), runNumber(runFunctions[fn].args, args), runNumber(runFunctions[fn].answers, answer))
	p.action(0)
}

// runNumber is the number of an encoded value, or -1.
func runNumber(all [][]byte, of []byte) int {
	return slices.IndexFunc(all, func(b []byte) bool { return bytes.Equal(b, of) })
}

// runLanes is the world of a caller of which several calls may be outstanding.
type runLanes struct{ *runWorld }

// complete tells which call it is by its arguments: the caller makes no two at a time with the same ones.
func (p runLanes) complete(o outcome, fn function, answer, args []byte) {
	p.ended(p.r.seen.Of(int(fn), runNumber(runFunctions[fn].args, args)), o, fn, answer)
}

// commit is a write with which what the handler did becomes durable. One that is torn leaves the old record where that has
// another slot, and then what the handler did is not there either.
func (p *runWorld) commit(offset int, b []byte) error {
	p.grow(offset + len(b))
	if bytes.Equal(p.leaves(p.memory[offset:offset+len(b)], b), b) || !slices.ContainsFunc(runRecords[p.side], func(x runRecord) bool { return x.slots > 1 && offset >= x.offset && offset < x.offset+x.slots*x.size }) {
		p.r.seen.Committed()
	}
	p.verb = "commits "
	defer func() { p.verb = "" }()
	return p.write(offset, b)
}

func (p *runWorld) mayCrash() bool {
	if p.side == runCallerSide {
		return runCallerCrashes
	}
	return runCalleeCrashes
}

// leaves is what the next action, a write, leaves of what was there: all of it, or what a crash does when it tears the write.
func (p *runWorld) leaves(old, b []byte) []byte {
	kept, tail := len(b), runTailOld
	if k := p.r.killing(len(p.r.acted) + 1); k != nil && k.kept >= 0 {
		kept, tail = k.kept, k.tail
	} else if p.r.torn && p.r.visible+1 == p.r.crash {
		kept, tail = len(b)/2, runTailInverted
	}
	out := bytes.Clone(b)
	for i := kept; i < len(b); i++ {
		switch tail {
		case runTailOld:
			out[i] = old[i]
		case runTailOnes:
			out[i] = 0xff
		default:
			out[i] = ^b[i]
		}
	}
	return out
}

func (p *runWorld) invoke(fn function, args []byte) {
	r := p.r
	number := runNumber(runFunctions[fn].args, args)
	sentFor := -1
	if r.arrived != nil {
		sentFor = r.arrived.call
	}
	r.handler.fn, r.handler.number = int(fn), r.seen.Started(int(fn), number, sentFor)
	r.showHandler()
	p.action(0)
}

func (p *runWorld) read(offset int, b []byte) error {
	p.grow(offset + len(b))
	copy(b, p.memory[offset:])
	return nil
}

func (p *runWorld) write(offset int, b []byte) error {
	p.grow(offset + len(b))
	p.r.showWrite(p.side, cmp.Or(p.verb, "writes "), offset, b)
	left := p.leaves(p.memory[offset:offset+len(b)], b)
	p.r.tore = !bytes.Equal(left, b)
	copy(p.memory[offset:], left)
	p.action(len(b))
	return nil
}

// grow: what was never written is ones.
func (p *runWorld) grow(n int) {
	for len(p.memory) < n {
		p.memory = append(p.memory, 0xff)
	}
}

var runTokens uint64

// random gives other bits each time.
func (p *runWorld) random() uint64 { runTokens++; return runTokens }

func (p *runWorld) started(timer string, _ uint32) { p.ages(timer) }
func (p *runWorld) cancelled(timer string)         { delete(p.old, timer) }
func (p *runWorld) noted(string, function)         {}
func (p *runWorld) breached(name string)           { p.r.seen.bad(name, "%s is broken", name) }

// runLayout tells where the fields of a message are.
type runLayout struct {
	message, fn string
	kind        uint32
	header      int // bytes
	fields      []runField
}

type runField struct {
	name     string
	at, bits int
	shown    int      // how it is shown in charts
	scope    string   // of an identity: the field within whose value it counts, or ""
	members  []string // of an enumeration
}

// runBits reads a number that lies in a datagram most significant bit first.
func runBits(b []byte, at, n int) uint32 {
	v := uint32(0)
	for i := at; i < at+n && i/8 < len(b); i++ {
		v = v<<1 | uint32(b[i/8]>>(7-i%8)&1)
	}
	return v
}

func runSetBits(b []byte, at, n int, v uint32) {
	for i := range n {
		k := at + n - 1 - i
		if k/8 < len(b) {
			b[k/8] = b[k/8]&^(0x80>>(k%8)) | byte(v>>i&1)<<(7-k%8)
		}
	}
}
