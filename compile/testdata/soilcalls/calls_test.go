package soil

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"testing"
	"time"

	"emitted/faultlink"
)

// ether is both cores with the lanes between them, in virtual time; nothing of it sleeps.
type ether struct {
	now      time.Duration
	gateway  *gatewayCore
	probe    *probeCore
	toProbe  *faultlink.Lane
	toGate   *faultlink.Lane
	running  []function // handlers that were started and have not returned
	sent     [2]int
	ended    bool
	how      outcome
	complete time.Duration
}

func (e *ether) ms() uint32 { return uint32(e.now / time.Millisecond) }

var epoch = time.Unix(0, 0)

// port is what the cores ask of the world.
type port struct {
	*ether
	memory [64]byte
	side   int
	lane   *faultlink.Lane
}

func (p *port) read(offset int, b []byte) error  { copy(b, p.memory[offset:]); return nil }
func (p *port) write(offset int, b []byte) error { copy(p.memory[offset:], b); return nil }
func (p *port) transmit(d []byte) {
	p.sent[p.side]++
	p.lane.Send(epoch.Add(p.now), d)
}
func (p *port) invoke(f function, _ []byte) { p.running = append(p.running, f) }
func (p *port) started(string, uint32)      {}
func (p *port) cancelled(string)            {}
func (p *port) noted(string, function)      {}
func (p *port) complete(o outcome, _ function, _ []byte) {
	if !p.ended {
		p.ended, p.how, p.ether.complete = true, o, p.now
	}
}

var answers = map[function][]byte{fnSample: {0, 0, 0, 0}, fnSchedule: {}, fnWater: {0}}

// answer lets the handlers return that have started: they take no time.
func (e *ether) answer() {
	for len(e.running) > 0 {
		f := e.running[0]
		e.running = e.running[1:]
		e.probe.answer(answers[f], e.ms())
	}
}

// settle lets everything happen, the earliest first, until nothing is in flight and no timer runs.
func (e *ether) settle() {
	for {
		at, do := time.Duration(math.MaxInt64), func() {}
		see := func(t time.Duration, f func()) {
			if t < at {
				at, do = max(t, e.now), f
			}
		}
		for i, next := range []func() (uint32, bool){e.gateway.next, e.probe.next} {
			if due, any := next(); any {
				see(time.Duration(due)*time.Millisecond, func() {
					if i == 0 {
						e.gateway.poll(e.ms())
					} else {
						e.probe.poll(e.ms())
					}
				})
			}
		}
		for i, lane := range []*faultlink.Lane{e.toProbe, e.toGate} {
			if due, any := lane.Next(); any {
				see(due.Sub(epoch), func() {
					for _, d := range lane.Due(epoch.Add(e.now)) {
						if i == 0 {
							e.probe.receive(d, e.ms())
							e.answer()
						} else {
							e.gateway.receive(d, e.ms())
						}
					}
				})
			}
		}
		if at == math.MaxInt64 {
			return
		}
		e.now = at
		do()
	}
}

// figure is what drawn values come to.
type figure struct{ N, Sum, Squares float64 }

func (f *figure) add(v float64) {
	f.N++
	f.Sum += v
	f.Squares += v * v
}

// TestCalls makes calls one at a time, from idle, and prints what they came to as JSON. Its environment says how.
func TestCalls(t *testing.T) {
	var ask []struct {
		Fn          string
		Fresh       bool
		Calls       int
		Lose        float64
		Least, Most time.Duration
		Overtake    int
	}
	if err := json.Unmarshal([]byte(os.Getenv("SOIL_CALLS")), &ask); err != nil {
		t.Fatal(err)
	}
	functions := map[string]function{"sample": fnSample, "schedule": fnSchedule, "water": fnWater}
	args := map[function][]byte{fnSample: {0}, fnSchedule: {0, 0}, fnWater: {0, 0}}
	for i, a := range ask {
		faults := faultlink.Faults{Lose: a.Lose, DelayMin: a.Least, DelayMax: a.Most, Overtake: a.Overtake}
		e := &ether{}
		lane := func(seed uint64) *faultlink.Lane {
			l, err := faultlink.NewLane(faults, seed)
			if err != nil {
				t.Fatal(err)
			}
			return l
		}
		e.toProbe, e.toGate = lane(uint64(10*i+1)), lane(uint64(10*i+2))
		e.gateway = &gatewayCore{port: &port{ether: e, side: 0, lane: e.toProbe}}
		e.probe = &probeCore{port: &port{ether: e, side: 1, lane: e.toGate}}
		start := func(err error) {
			if err != nil {
				t.Fatal(err)
			}
			e.settle()
		}
		start(e.probe.start(e.ms()))
		start(e.gateway.start(e.ms()))
		fn := functions[a.Fn]
		got := map[string]*figure{}
		for _, name := range []string{"answered", "gateway", "probe", "ms"} {
			got[name] = &figure{}
		}
		one := func(n int) {
			e.ended, e.sent = false, [2]int{}
			b := append([]byte(nil), args[fn]...)
			b[0] = byte(n) // another argument each time: no answer is remembered
			made := e.now
			if !e.gateway.call(fn, b, e.ms()) {
				t.Fatal("a call is not taken")
			}
			e.settle()
			if !e.ended || e.gateway.halted() != nil || e.probe.halted() != nil {
				t.Fatalf("call %d does not end", n)
			}
			e.complete -= made
		}
		for n := 0; e.how != outcomeAnswer || n < 5; n++ { // until the peers know each other
			one(n)
		}
		for n := range a.Calls {
			if a.Fresh {
				start(e.gateway.start(e.ms()))
			}
			e.now = e.now.Truncate(time.Millisecond) + time.Second // a call is made at a whole millisecond, as a core sees it
			one(n)
			hit := 0.0
			if e.how == outcomeAnswer {
				hit = 1
			}
			got["answered"].add(hit)
			got["gateway"].add(float64(e.sent[0]))
			got["probe"].add(float64(e.sent[1]))
			got["ms"].add(float64(e.complete) / float64(time.Millisecond))
		}
		b, err := json.Marshal(got)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Printf("figures %s\n", b)
	}
}
