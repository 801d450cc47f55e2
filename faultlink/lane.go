package faultlink

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"time"
)

const (
	maxCopies = 16 // deliveries of one datagram, so that Repeat = 1 ends
	maxFlips  = 16 // altered bits of one copy

	// Where nothing bounds overtaking, a repeat waits for one more later datagram with this probability:
	// mostly few, sometimes many.
	holdOn = 0.75
)

// Counters says what a direction did so far.
type Counters struct {
	Sent      uint64 // datagrams that the sender handed over
	Lost      uint64 // of these, datagrams that vanished
	Delivered uint64 // copies handed to the receiver, repeats included
	Repeated  uint64 // of these, copies after a datagram's first
	Overtaken uint64 // of these, copies delivered after a later-sent datagram
	Corrupted uint64 // of these, copies that were altered
	Expired   uint64 // repeats that were dropped because too many later datagrams had been delivered
	NoPeer    uint64 // of Delivered, copies that no peer was known for or that the socket refused; always 0 in a Lane
}

// Lane is the fault model of one direction. It has no clock: time is handed in and never runs backwards
// (an earlier time counts as the latest seen). The arrivals depend on the datagrams and the times they were sent at,
// not on when Due was called. It is not safe for concurrent use.
type Lane struct {
	faults Faults
	seed   uint64
	pcg    *rand.PCG
	rng    *rand.Rand

	sent     uint64    // number of the datagram sent last, from 1
	lastSent time.Time // when that was
	flights  []flight  // by number, which is the order of sending
	counters Counters

	trace func(Event) // nil: nobody is told
	aToB  bool        // of the events
}

// flight is a datagram on its way: the copy that comes next, and those after it.
type flight struct {
	number uint64
	sentAt time.Time
	ready  time.Time // not before
	passed int       // distinct later-sent datagrams delivered so far
	first  bool      // no copy was delivered yet
	copies []planned // the next one in front
}

// planned is a copy of a datagram as it will arrive.
type planned struct {
	delay   time.Duration // from the sending
	hold    int           // later-sent datagrams that must have been delivered before this repeat is
	payload []byte
	altered bool
}

// NewLane returns an empty direction, or an error that names every field of f that is out of range.
func NewLane(f Faults, seed uint64) (*Lane, error) {
	if err := f.Validate(); err != nil {
		return nil, err
	}
	pcg := rand.NewPCG(0, 0)
	return &Lane{faults: f, seed: seed, pcg: pcg, rng: rand.New(pcg)}, nil
}

// Send hands over a datagram. The lane keeps no reference to it.
func (l *Lane) Send(now time.Time, datagram []byte) {
	if now.Before(l.lastSent) {
		now = l.lastSent
	}
	l.lastSent = now
	l.sent++
	l.counters.Sent++
	l.tell(Event{At: now, Number: l.sent, What: Sent, Datagram: datagram})
	copies := l.fate(datagram)
	if len(copies) == 0 {
		l.counters.Lost++
		l.tell(Event{At: now, Number: l.sent, What: Lost, Datagram: datagram})
		return
	}
	l.flights = append(l.flights, flight{number: l.sent, sentAt: now, ready: now.Add(copies[0].delay), first: true, copies: copies})
}

// fate decides all that will befall the datagram sent last: the copies that arrive, none if it is lost.
// It reseeds the generator by the datagram's number, so that the fate does not depend on what was delivered meanwhile.
func (l *Lane) fate(datagram []byte) []planned {
	l.pcg.Seed(mix(l.seed), mix(l.sent))
	if l.rng.Float64() < l.faults.Lose {
		return nil
	}
	copies := []planned{l.plan(datagram, 0)}
	for len(copies) < maxCopies && l.rng.Float64() < l.faults.Repeat {
		copies = append(copies, l.plan(datagram, l.hold()))
	}
	return copies
}

func (l *Lane) plan(datagram []byte, hold int) planned {
	p := planned{hold: hold, payload: bytes.Clone(datagram)}
	p.delay = l.faults.DelayMin + time.Duration(l.rng.Int64N(int64(l.faults.DelayMax-l.faults.DelayMin)+1))
	if l.rng.Float64() < l.faults.Corrupt && len(datagram) > 0 {
		p.altered = true
		l.flip(p.payload)
	}
	return p
}

// hold spreads repeats over all ages that overtaking allows: a repeat that came at once every time
// would never meet a peer that has moved on to its next call.
func (l *Lane) hold() int {
	if l.faults.Overtake != Unbounded {
		return l.rng.IntN(l.faults.Overtake + 1)
	}
	hold := 0
	for l.rng.Float64() < holdOn {
		hold++
	}
	return hold
}

// flip alters 1 to maxFlips distinct bits of a payload that is not empty.
func (l *Lane) flip(payload []byte) {
	bits := len(payload) * 8
	flipped := make(map[int]bool)
	for n := 1 + l.rng.IntN(min(bits, maxFlips)); len(flipped) < n; {
		bit := l.rng.IntN(bits)
		if !flipped[bit] {
			flipped[bit] = true
			payload[bit/8] ^= 1 << (bit % 8)
		}
	}
}

// Due returns the copies that arrive up to and including now, in the order of their arrival.
// The slices belong to the caller.
func (l *Lane) Due(now time.Time) [][]byte {
	var due [][]byte
	for {
		i := l.earliest()
		if i < 0 || l.flights[i].ready.After(now) {
			return due
		}
		due = append(due, l.deliver(i, now))
	}
}

// Next returns the time of the next arrival, or an earlier one where the arrival is overdue.
// It is false where nothing arrives before something more is sent.
func (l *Lane) Next() (time.Time, bool) {
	i := l.earliest()
	if i < 0 {
		return time.Time{}, false
	}
	return l.flights[i].ready, true
}

// Counters returns what the lane did so far.
func (l *Lane) Counters() Counters {
	return l.counters
}

// earliest returns the index of the flight whose copy may be delivered first, -1 if there is none.
func (l *Lane) earliest() int {
	best := -1
	blocked := false // an earlier first copy has been overtaken as often as it may be
	for i := range l.flights {
		f := &l.flights[i]
		// A repeat overtakes nobody whom its first copy had not overtaken before, so nothing blocks it.
		may := f.passed >= f.copies[0].hold && !(f.first && blocked)
		if may && (best < 0 || f.ready.Before(l.flights[best].ready)) {
			best = i
		}
		blocked = blocked || f.first && l.faults.Overtake != Unbounded && f.passed >= l.faults.Overtake
	}
	return best
}

// deliver takes the next copy out of flight i and puts the copy after it on its way.
func (l *Lane) deliver(i int, now time.Time) []byte {
	f := &l.flights[i]
	arrived := f.copies[0]
	l.count(f, arrived)
	l.tell(Event{At: now, Number: f.number, What: Arrived, Again: !f.first, Altered: arrived.altered, Datagram: arrived.payload})
	first := f.first
	f.first = false
	f.copies = f.copies[1:]
	if len(f.copies) > 0 {
		f.ready = f.sentAt.Add(f.copies[0].delay) // passed already where it is earlier than this copy's
	} else {
		l.flights = slices.Delete(l.flights, i, i+1)
	}
	if first {
		l.overtake(i, now)
	}
	return arrived.payload
}

func (l *Lane) count(f *flight, arrived planned) {
	l.counters.Delivered++
	if !f.first {
		l.counters.Repeated++
	}
	if f.passed > 0 {
		l.counters.Overtaken++
	}
	if arrived.altered {
		l.counters.Corrupted++
	}
}

// overtake tells the flights before index i that one more later-sent datagram was delivered,
// and drops the repeats for which that is one too many.
func (l *Lane) overtake(i int, now time.Time) {
	kept := l.flights[:0]
	for j, f := range l.flights {
		if j < i {
			f.passed++
			if l.faults.Overtake != Unbounded && f.passed > l.faults.Overtake {
				l.counters.Expired += uint64(len(f.copies))
				for _, c := range f.copies {
					l.tell(Event{At: now, Number: f.number, What: Expired, Datagram: c.payload})
				}
				continue
			}
		}
		kept = append(kept, f)
	}
	clear(l.flights[len(kept):])
	l.flights = kept
}

// mix scatters the bits of x, so that seeds and numbers that differ by one give unrelated generators
// (the finaliser of SplitMix64; Steele, Lea, Flood 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
