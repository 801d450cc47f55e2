package faultlink

import (
	"bytes"
	"encoding/binary"
	"math"
	"math/bits"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// arrival is a delivery as a receiver sees it.
type arrival struct {
	number  int // of the datagram, from 0 in the order of sending
	at      time.Duration
	altered int // bits
}

// replicas is odd and more than twice maxFlips, so that a majority of each bit survives corruption.
const replicas = 2*maxFlips + 1

func numbered(n int) []byte {
	return bytes.Repeat(binary.BigEndian.AppendUint32(nil, uint32(n)), replicas)
}

// read recovers the number by a majority of each bit and counts the altered ones.
func read(t interface{ Fatalf(string, ...any) }, datagram []byte) (number, altered int) {
	if len(datagram) != 4*replicas {
		t.Fatalf("a datagram of %d bytes became one of %d", 4*replicas, len(datagram))
	}
	if number := int(binary.BigEndian.Uint32(datagram)); bytes.Equal(datagram, numbered(number)) {
		return number, 0
	}
	for bit := range 32 {
		ones := 0
		for r := range replicas {
			ones += int(binary.BigEndian.Uint32(datagram[4*r:]) >> bit & 1)
		}
		if ones > replicas/2 {
			number |= 1 << bit
		}
	}
	for i, b := range numbered(number) {
		altered += bits.OnesCount8(b ^ datagram[i])
	}
	return number, altered
}

// traffic sends a datagram at each of the times, looks at the lane at each of the extra times too, and drains it.
func traffic(t interface{ Fatalf(string, ...any) }, l *Lane, sends, looks []time.Duration) []arrival {
	var got []arrival
	collect := func(now time.Duration) {
		for next, more := l.Next(); more && !next.After(start.Add(now)); next, more = l.Next() {
			// Arrivals that were blocked until another one happened carry an earlier time than that one.
			at := next.Sub(start)
			if len(got) > 0 {
				at = max(at, got[len(got)-1].at)
			}
			due := l.Due(next)
			if len(due) == 0 {
				t.Fatalf("Next promised an arrival at %v and Due had none", next.Sub(start))
			}
			for _, d := range due {
				number, altered := read(t, d)
				got = append(got, arrival{number, at, altered})
			}
		}
	}
	for i, at := range sends {
		for len(looks) > 0 && looks[0] <= at {
			collect(looks[0])
			looks = looks[1:]
		}
		l.Send(start.Add(at), numbered(i))
	}
	collect(math.MaxInt64 / 2)
	return got
}

func every(interval time.Duration, n int) []time.Duration {
	times := make([]time.Duration, n)
	for i := range times {
		times[i] = time.Duration(i) * interval
	}
	return times
}

func drawFaults(t *rapid.T) Faults {
	lowest := time.Duration(rapid.IntRange(0, 50).Draw(t, "delay"))
	return Faults{
		Lose:     rapid.SampledFrom([]float64{0, 0.1, 0.5, 1}).Draw(t, "lose"),
		Repeat:   rapid.SampledFrom([]float64{0, 0.2, 0.9, 1}).Draw(t, "repeat"),
		Corrupt:  rapid.SampledFrom([]float64{0, 0.3, 1}).Draw(t, "corrupt"),
		Overtake: rapid.SampledFrom([]int{Unbounded, 0, 1, 2, 3, 8}).Draw(t, "overtake"),
		DelayMin: lowest,
		DelayMax: lowest + time.Duration(rapid.IntRange(0, 200).Draw(t, "spread")),
		// DelayMax may equal DelayMin: then only repeats overtake.
	}
}

func drawTimes(t *rapid.T, name string) []time.Duration {
	var times []time.Duration
	now := time.Duration(0)
	for _, gap := range rapid.SliceOfN(rapid.IntRange(0, 60), 0, 60).Draw(t, name) {
		now += time.Duration(gap)
		times = append(times, now)
	}
	return times
}

func newLane(t interface{ Fatalf(string, ...any) }, f Faults, seed uint64) *Lane {
	l, err := NewLane(f, seed)
	if err != nil {
		t.Fatalf("%v: %v", f, err)
	}
	return l
}

// ages gives for each arrival how many distinct later-sent datagrams had arrived before it, by the definition.
func ages(got []arrival) []int {
	result := make([]int, len(got))
	seen := map[int]bool{}
	var distinct []int // in the order of their first arrival
	for i, a := range got {
		for _, number := range distinct {
			if number > a.number {
				result[i]++
			}
		}
		if !seen[a.number] {
			seen[a.number] = true
			distinct = append(distinct, a.number)
		}
	}
	return result
}

func TestNothingOvertakesFurtherThanDeclared(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFaults(t)
		l := newLane(t, f, rapid.Uint64().Draw(t, "seed"))
		got := traffic(t, l, drawTimes(t, "sends"), nil)
		overtaken := uint64(0)
		for i, age := range ages(got) {
			if f.Overtake != Unbounded && age > f.Overtake {
				t.Fatalf("arrival %d is datagram %d after %d later ones under %v: %v", i, got[i].number, age, f, got)
			}
			if age > 0 {
				overtaken++
			}
		}
		if c := l.Counters(); c.Overtaken != overtaken {
			t.Fatalf("%d arrivals were overtaken, the counter says %d", overtaken, c.Overtaken)
		}
	})
}

func TestEveryAgeUpToTheBoundHappens(t *testing.T) {
	// Without this a lane that never reorders would pass the bound.
	for _, k := range []int{1, 2, 4} {
		f := Faults{Repeat: 0.5, Overtake: k, DelayMin: 1, DelayMax: 40}
		got := traffic(t, newLane(t, f, 1), every(5, 4000), nil)
		firsts, repeats := make([]int, k+1), make([]int, k+1)
		seen := map[int]bool{}
		for i, age := range ages(got) {
			if seen[got[i].number] {
				repeats[age]++
			} else {
				firsts[age]++
			}
			seen[got[i].number] = true
		}
		for age := range k + 1 {
			if firsts[age] == 0 || repeats[age] == 0 {
				t.Errorf("within %d: first copies by age %v, repeats by age %v; each should happen", k, firsts, repeats)
				break
			}
		}
	}
}

func TestRepeatsOvertakeWithoutDelays(t *testing.T) {
	f := Faults{Repeat: 0.5, Overtake: 2}
	got := traffic(t, newLane(t, f, 1), every(1, 1000), nil)
	byAge := make([]int, 3)
	for _, age := range ages(got) {
		byAge[age]++
	}
	if byAge[1] == 0 || byAge[2] == 0 {
		t.Errorf("arrivals by age: %v; repeats should come late though nothing is delayed", byAge)
	}
}

func TestWithoutReorderingItIsFirstInFirstOut(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFaults(t)
		f.Overtake = 0
		got := traffic(t, newLane(t, f, rapid.Uint64().Draw(t, "seed")), drawTimes(t, "sends"), nil)
		for i := 1; i < len(got); i++ {
			if got[i].number < got[i-1].number {
				t.Fatalf("datagram %d arrived after %d", got[i].number, got[i-1].number)
			}
		}
	})
}

func TestArrivalsKeepTheirTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFaults(t)
		sends := drawTimes(t, "sends")
		got := traffic(t, newLane(t, f, rapid.Uint64().Draw(t, "seed")), sends, nil)
		last := map[int]time.Duration{}
		for _, a := range got {
			before, repeat := last[a.number]
			last[a.number] = a.at
			if repeat {
				if a.at < before {
					t.Fatalf("a repeat of datagram %d arrived at %v, before the copy at %v", a.number, a.at, before)
				}
				continue
			}
			// A first copy waits only for earlier ones, and each of those has arrived within DelayMax of its
			// own sending: so the bound above holds under every rule of overtaking.
			if took := a.at - sends[a.number]; took < f.DelayMin || took > f.DelayMax {
				t.Fatalf("datagram %d took %v under %v", a.number, took, f)
			}
		}
	})
}

func TestNothingIsLostUndeclared(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := drawFaults(t)
		l := newLane(t, f, rapid.Uint64().Draw(t, "seed"))
		sends := drawTimes(t, "sends")
		got := traffic(t, l, sends, nil)
		distinct, altered := map[int]bool{}, uint64(0)
		for _, a := range got {
			distinct[a.number] = true
			if a.altered > maxFlips {
				t.Fatalf("%d bits of one copy were altered", a.altered)
			}
			if a.altered > 0 {
				altered++
			}
		}
		c := l.Counters()
		want := Counters{
			Sent:      uint64(len(sends)),
			Lost:      uint64(len(sends) - len(distinct)),
			Delivered: uint64(len(got)),
			Repeated:  uint64(len(got) - len(distinct)),
			Corrupted: altered,
			Overtaken: c.Overtaken, // checked with the bound
			Expired:   c.Expired,
		}
		if diff := cmp.Diff(want, c); diff != "" {
			t.Fatalf("counters differ from what was seen (-seen +counted):\n%s", diff)
		}
		if f.Lose == 0 && c.Lost > 0 || f.Lose == 1 && c.Delivered > 0 {
			t.Fatalf("%v gave %+v", f, c)
		}
		if f.Corrupt == 1 && c.Corrupted != c.Delivered {
			t.Fatalf("corrupts 100%% altered %d of %d copies", c.Corrupted, c.Delivered)
		}
	})
}

func TestSameSeedSameArrivals(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f, seed := drawFaults(t), rapid.Uint64().Draw(t, "seed")
		sends := drawTimes(t, "sends")
		calm := traffic(t, newLane(t, f, seed), sends, nil)
		nosy := traffic(t, newLane(t, f, seed), sends, drawTimes(t, "looks"))
		if diff := cmp.Diff(calm, nosy, cmp.AllowUnexported(arrival{})); diff != "" {
			t.Fatalf("looking at the lane changed what arrives:\n%s", diff)
		}
	})
}

func TestSeedsDiffer(t *testing.T) {
	f := Faults{Lose: 0.5}
	one := traffic(t, newLane(t, f, 1), every(1, 64), nil)
	two := traffic(t, newLane(t, f, 2), every(1, 64), nil)
	if cmp.Equal(one, two, cmp.AllowUnexported(arrival{})) {
		t.Error("seeds 1 and 2 lose the same of 64 datagrams")
	}
}

func TestFatesDoNotDependOnTiming(t *testing.T) {
	f := Faults{Lose: 0.3, Corrupt: 0.3, Overtake: Unbounded, DelayMin: 1, DelayMax: 100}
	fates := func(interval time.Duration) map[int]int {
		fate := map[int]int{}
		for _, a := range traffic(t, newLane(t, f, 9), every(interval, 500), nil) {
			fate[a.number] = a.altered
		}
		return fate
	}
	if diff := cmp.Diff(fates(1), fates(1000)); diff != "" {
		t.Errorf("another pace changed which datagrams are lost or altered:\n%s", diff)
	}
}

// near fails if count of n is further than five standard deviations from probability p.
func near(t *testing.T, what string, count, n uint64, p float64) {
	t.Helper()
	mean, deviation := float64(n)*p, math.Sqrt(float64(n)*p*(1-p))
	if math.Abs(float64(count)-mean) > 5*deviation {
		t.Errorf("%s: %d of %d, expected %.0f with a deviation of %.0f", what, count, n, mean, deviation)
	}
}

func TestRates(t *testing.T) {
	const n = 20000
	for _, p := range []float64{0.01, 0.2, 0.5} {
		for seed := range uint64(3) {
			l := newLane(t, Faults{Lose: p, Corrupt: p}, seed)
			traffic(t, l, every(1, n), every(1, n))
			near(t, "lost", l.Counters().Lost, n, p)
			near(t, "corrupted", l.Counters().Corrupted, l.Counters().Delivered, p)

			// With room between the datagrams no repeat expires, so each delivery is followed by a repeat with p.
			l = newLane(t, Faults{Repeat: p, DelayMax: 10}, seed)
			traffic(t, l, every(1000, n), every(1000, n))
			near(t, "repeated", l.Counters().Repeated, l.Counters().Delivered, p)
		}
	}
}

func TestDelaysAreUniform(t *testing.T) {
	const n, cells = 20000, 10
	f := Faults{DelayMin: 1000, DelayMax: 1999}
	got := traffic(t, newLane(t, f, 3), every(10000, n), every(10000, n))
	var histogram [cells]uint64
	for _, a := range got {
		histogram[(a.at-time.Duration(a.number)*10000-1000)/100]++
	}
	for i, count := range histogram {
		near(t, "delays in tenth "+string(rune('0'+i)), count, n, 1.0/cells)
	}
}

func TestNeighbouringFatesAreIndependent(t *testing.T) {
	const n = 20000
	l := newLane(t, Faults{Lose: 0.5}, 5)
	lost := make([]bool, n)
	for i := range lost {
		before := l.Counters().Lost
		l.Send(start, nil)
		lost[i] = l.Counters().Lost > before
	}
	same := uint64(0)
	for i := 1; i < n; i++ {
		if lost[i] == lost[i-1] {
			same++
		}
	}
	near(t, "equal neighbours", same, n-1, 0.5)
}

func TestEdges(t *testing.T) {
	t.Run("an empty datagram passes unaltered", func(t *testing.T) {
		l := newLane(t, Faults{Corrupt: 1}, 1)
		l.Send(start, nil)
		if due := l.Due(start); len(due) != 1 || len(due[0]) != 0 || l.Counters().Corrupted != 0 {
			t.Errorf("got %v, %+v", due, l.Counters())
		}
	})
	t.Run("one byte is altered", func(t *testing.T) {
		for seed := range uint64(100) {
			l := newLane(t, Faults{Corrupt: 1}, seed)
			l.Send(start, []byte{0x55})
			if due := l.Due(start); len(due) != 1 || due[0][0] == 0x55 {
				t.Fatalf("seed %d: got %x", seed, due)
			}
		}
	})
	t.Run("repeats 100% ends", func(t *testing.T) {
		l := newLane(t, Faults{Repeat: 1}, 1)
		l.Send(start, []byte("x"))
		if due := l.Due(start); len(due) != maxCopies {
			t.Errorf("%d copies", len(due))
		}
	})
	t.Run("the caller may reuse its buffer", func(t *testing.T) {
		l := newLane(t, Faults{}, 1)
		buffer := []byte("first")
		l.Send(start, buffer)
		copy(buffer, "other")
		if due := l.Due(start); string(due[0]) != "first" {
			t.Errorf("got %q", due[0])
		}
	})
	t.Run("time does not run backwards", func(t *testing.T) {
		l := newLane(t, Faults{Overtake: Unbounded, DelayMin: 10, DelayMax: 10}, 1)
		l.Send(start.Add(100), []byte("a"))
		l.Send(start, []byte("b"))
		if due := l.Due(start.Add(109)); len(due) != 0 {
			t.Errorf("%q arrived early", due)
		}
		if due := l.Due(start.Add(110)); len(due) != 2 || string(due[0]) != "a" {
			t.Errorf("got %q", due)
		}
	})
	t.Run("nothing is next on an idle lane", func(t *testing.T) {
		if next, more := newLane(t, Faults{}, 1).Next(); more {
			t.Errorf("next at %v", next)
		}
	})
}
