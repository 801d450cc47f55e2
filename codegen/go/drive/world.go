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

// action counts a visible action, after which the peer may crash.
func (p *runWorld) action() {
	p.r.acted++
	if p.r.visible++; p.r.visible == p.r.crash || p.r.acted == p.r.kill && p.mayCrash() {
		panic(runCrash{})
	}
}

func (p *runWorld) transmit(datagram []byte) {
	r := p.r
	if !r.silent {
		f := &runFlight{step: r.step, place: r.place, from: p.side, bytes: bytes.Clone(datagram), call: r.seen.Pending(), start: r.seen.CalleeStarts()}
		r.showSent(f)
		r.flights = append(r.flights, f)
	}
	r.place++
	p.action()
}

func (p *runWorld) complete(o outcome, fn function, answer []byte) {
	number := slices.IndexFunc(runFunctions[fn].answers, func(b []byte) bool { return bytes.Equal(b, answer) })
	p.r.show(sequence.Ends, p.side, runOutcomes[o], "")
	p.r.seen.Ended(int(o), number, p.r.calling)
	p.action()
}

func (p *runWorld) report(o outcome, fn function, answer, args []byte) {
	p.r.show(sequence.Ends, p.side, runOutcomes[o], "reported late")
	number := func(all [][]byte, of []byte) int {
		return slices.IndexFunc(all, func(b []byte) bool { return bytes.Equal(b, of) })
	}
	p.r.seen.Reported(int(fn), number(runFunctions[fn].args, args), number(runFunctions[fn].answers, answer))
	p.action()
}

// commit is a write with which what the handler did becomes durable. One that is torn leaves the old record where that has
// another slot, and then what the handler did is not there either.
func (p *runWorld) commit(offset int, b []byte) error {
	if !p.tears() || !slices.ContainsFunc(runRecords[p.side], func(x runRecord) bool { return x.slots > 1 && offset >= x.offset && offset < x.offset+x.slots*x.size }) {
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

// tears reports whether the next action is a write that is torn.
func (p *runWorld) tears() bool {
	return p.r.torn && p.r.visible+1 == p.r.crash || p.r.killTorn && p.r.acted+1 == p.r.kill && p.mayCrash()
}

func (p *runWorld) invoke(fn function, args []byte) {
	r := p.r
	number := slices.IndexFunc(runFunctions[fn].args, func(b []byte) bool { return bytes.Equal(b, args) })
	sentFor := -1
	if r.arrived != nil {
		sentFor = r.arrived.call
	}
	r.handler.fn, r.handler.number = int(fn), r.seen.Started(int(fn), number, sentFor)
	r.showHandler()
	p.action()
}

func (p *runWorld) read(offset int, b []byte) error {
	p.grow(offset + len(b))
	copy(b, p.memory[offset:])
	return nil
}

func (p *runWorld) write(offset int, b []byte) error {
	p.grow(offset + len(b))
	p.r.showWrite(p.side, cmp.Or(p.verb, "writes "), offset, b)
	if p.tears() {
		p.r.tore = true
		b = bytes.Clone(b)
		for i := len(b) / 2; i < len(b); i++ {
			b[i] = ^b[i]
		}
	}
	copy(p.memory[offset:], b)
	p.action()
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
