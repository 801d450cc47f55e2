package soil

import (
	"bytes"
	"errors"
	"testing"
)

// world is a port in virtual time.
type world struct {
	memory   [64]byte
	sent     [][]byte
	outcomes []outcome
	invoked  []function
}

func (w *world) read(offset int, b []byte) error  { copy(b, w.memory[offset:]); return nil }
func (w *world) write(offset int, b []byte) error { copy(w.memory[offset:], b); return nil }
func (w *world) transmit(d []byte)                { w.sent = append(w.sent, d) }
func (w *world) complete(o outcome, _ function, _ []byte) {
	w.outcomes = append(w.outcomes, o)
}
func (w *world) invoke(f function, _ []byte) { w.invoked = append(w.invoked, f) }
func (w *world) started(string, uint32)      {}
func (w *world) cancelled(string)            {}
func (w *world) noted(string, function)      {}

// A call's time and its schedule hold across the wrap of the clock.
func TestClockWraps(t *testing.T) {
	w := &world{}
	g := &gatewayCore{port: w}
	now := ^uint32(0) - 1000
	if err := g.start(now); err != nil {
		t.Fatal(err)
	}
	now += 100
	g.poll(now)
	if !g.call(fnWater, []byte{1, 2}, now) {
		t.Fatal("the call is not taken")
	}
	if g.call(fnWater, []byte{1, 2}, now) {
		t.Fatal("a second call is taken")
	}
	var sends []uint32
	for ms := range uint32(5001) {
		before := len(w.sent)
		g.poll(now + ms)
		if len(w.sent) > before {
			sends = append(sends, ms)
		}
		if ms == 4999 && len(w.outcomes) > 0 {
			t.Fatal("the call ended early")
		}
	}
	// First at once, then 200 ms, 400 ms, 800 ms, 800 ms … after the one before.
	if len(w.sent) != 8 || sends[0] != 200 || sends[1] != 600 || sends[2] != 1400 || sends[3] != 2200 {
		t.Errorf("sent %d times, at 0 and %v", len(w.sent), sends)
	}
	if len(w.outcomes) != 1 || w.outcomes[0] != outcomeTimedOut {
		t.Errorf("ended with %v", w.outcomes)
	}
	if due, any := g.next(); any && int32(due-(now+5001)) > 50 {
		t.Errorf("a timer still runs until %d", due)
	}
}

func TestNumbersNeverWrap(t *testing.T) {
	w := &world{}
	g := &gatewayCore{port: w}
	if err := g.start(0); err != nil {
		t.Fatal(err)
	}
	g.persistIdentity(maxCepoch)
	g.n = maxNum - 1
	if !g.call(fnSample, []byte{1}, 1) || g.n != maxNum || g.halted() != nil {
		t.Fatalf("the last number is refused: %v", g.halted())
	}
	g.poll(5000) // it times out
	sent := len(w.sent)
	g.call(fnSample, []byte{2}, 5001)
	if !errors.Is(g.halted(), ErrHalted) || !errors.Is(g.halted(), errUsedUp) {
		t.Fatalf("numbers beyond the last: %v, n = %d", g.halted(), g.n)
	}
	g.poll(90000)
	if _, any := g.next(); any || g.call(fnSample, []byte{3}, 90001) || len(w.sent) != sent || g.ce != maxCepoch {
		t.Error("the machine goes on after it has halted")
	}
	if err := g.start(90002); err != nil || g.halted() != nil && len(w.sent) != sent {
		t.Errorf("after a restart: %v", err)
	}
}

// A torn write leaves the record as it was before; blank memory is unreadable.
func TestTornRecord(t *testing.T) {
	for _, fill := range []byte{0, 0xff} {
		w := &world{}
		for i := range w.memory {
			w.memory[i] = fill
		}
		p := &probeCore{port: w}
		for i := range 600 { // beyond the wrap of the slots' sequence
			if err := p.start(0); err != nil || p.boot != kepoch(i+1) {
				t.Fatalf("start %d has epoch %d: %v", i, p.boot, err)
			}
		}
		newest := p.epoch.offset + p.epoch.slot*p.epoch.size
		w.memory[newest+2] ^= 0x10
		if err := p.start(0); err != nil || p.boot != 600 { // 599 is read, its next is written
			t.Fatalf("after a torn write the epoch is %d: %v", p.boot, err)
		}
		for i := range w.memory {
			w.memory[i] ^= 0x55
		}
		if err := p.start(0); err != nil || p.boot != 1 {
			t.Fatalf("on memory that is lost the epoch is %d: %v", p.boot, err)
		}
	}
}

// No datagram makes the codec read beyond it, and what it keeps encodes to the same bytes.
func FuzzProbeReceives(f *testing.F) {
	f.Add(encodeREQ(reqMessage{fn: fnWater, ce: 1, n: 2, ke: 3, args: []byte{4, 5}}))
	f.Add(encodeREQ(reqMessage{fn: fnSample, ce: 1, n: 2, args: []byte{4}}))
	f.Fuzz(func(t *testing.T, d []byte) {
		m, why := decodeForProbe(d)
		if why == kept && !bytes.Equal(encodeREQ(m.(reqMessage)), d) {
			t.Errorf("%x is kept and encodes differently", d)
		}
		p := &probeCore{port: &world{}}
		if err := p.start(0); err != nil {
			t.Fatal(err)
		}
		p.receive(d, 1)
	})
}

func FuzzGatewayReceives(f *testing.F) {
	f.Add(encodeANS(ansMessage{fn: fnSample, ce: 1, n: 2, ans: []byte{0, 0, 0, 0}}))
	f.Fuzz(func(t *testing.T, d []byte) {
		m, why := decodeForGateway(d)
		if a, ok := m.(ansMessage); why == kept && ok && !bytes.Equal(encodeANS(a), d) {
			t.Errorf("%x is kept and encodes differently", d)
		}
	})
}

func TestMemoAge(t *testing.T) {
	m := memo{limits: []memoLimit{fnSample: {2, 1000}, fnSchedule: {}}}
	m.ask(100)
	m.remember(fnSample, []byte{1}, []byte{11})
	m.ask(200)
	m.remember(fnSample, []byte{2}, []byte{12})
	if !m.hit(fnSample, []byte{1}, 1100) || !bytes.Equal(m.recalled, []byte{11}) {
		t.Error("an answer of the allowed age is not recalled")
	}
	if m.hit(fnSample, []byte{1}, 1101) {
		t.Error("an answer that is too old is recalled")
	}
	m.ask(1150)
	m.remember(fnSample, []byte{3}, nil)
	m.ask(1160)
	m.remember(fnSample, []byte{4}, nil)
	if m.hit(fnSample, []byte{2}, 1170) || !m.hit(fnSample, []byte{3}, 1170) || !m.hit(fnSample, []byte{4}, 1170) {
		t.Error("the oldest of three was not replaced")
	}
	m.remember(fnSchedule, nil, nil)
	if m.hit(fnSchedule, nil, 1170) {
		t.Error("an answer that is not to be kept is kept")
	}
}
