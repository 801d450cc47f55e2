package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"sprocketc/compile"
	"sprocketc/faultlink"
)

// line is what joins the two processes.
type line struct {
	gateway, node string // what each opens: a terminal, the address or the port of a socket
	said          func() string
	close         func()
}

// newLine opens a line that is as bad as the show says.
func (s *show) newLine(seed uint64) (*line, error) {
	if s.serial {
		return s.wire(seed)
	}
	port, err := faultlink.FreePort()
	if err != nil {
		return nil, err
	}
	l, err := faultlink.Listen(faultlink.Config{Seed: seed, Speed: float64(s.speed), PeerB: "127.0.0.1:" + port}.Both(s.faults))
	if err != nil {
		return nil, err
	}
	return &line{gateway: l.AddrA().String(), node: port, close: func() { _ = l.Close() }, said: func() string {
		a, b := l.Counters()
		n := func(x, y uint64) string { return compile.Count(int(x + y)) }
		return fmt.Sprintf("%s datagrams, %s lost, %s repeated, %s overtaken", n(a.Sent, b.Sent), n(a.Lost, b.Lost), n(a.Repeated, b.Repeated),
			n(a.Overtaken, b.Overtaken))
	}}, nil
}

// frameBytes is how long the frames of burn are, about: what turns a share of frames into a share of bytes.
const frameBytes = 11

// wire joins two terminals by two lanes of bytes.
func (s *show) wire(seed uint64) (*line, error) {
	each := (1 - math.Pow(1-share, 1.0/frameBytes)) / 3
	faults := faultlink.ByteFaults{Lose: each, Add: each, Alter: each}
	ends := make([]*terminal, 2)
	for i := range ends {
		t, err := openTerminal()
		if err != nil {
			return nil, err
		}
		ends[i] = t
	}
	var carriers sync.WaitGroup
	var mu sync.Mutex // guards the counters
	counters := make([]faultlink.ByteCounters, 2)
	for i := range ends {
		lane, err := faultlink.NewByteLane(faults, 2*seed+uint64(i))
		if err != nil {
			return nil, err
		}
		rng := rand.New(rand.NewPCG(seed, uint64(i)))
		from, to := ends[i], ends[1-i]
		carriers.Go(func() {
			b := make([]byte, 256)
			for {
				n, err := from.control.Read(b)
				if err != nil {
					return
				}
				arrives := lane.Pass(b[:n])
				mu.Lock()
				counters[i] = lane.Counters()
				mu.Unlock()
				time.Sleep((s.faults.DelayMin + time.Duration(rng.Int64N(int64(s.faults.DelayMax-s.faults.DelayMin)+1))) / time.Duration(s.speed))
				if _, err := to.control.Write(arrives); err != nil {
					return
				}
			}
		})
	}
	return &line{gateway: ends[0].name, node: ends[1].name, close: func() {
		ends[0].close()
		ends[1].close()
		carriers.Wait()
	}, said: func() string {
		mu.Lock()
		defer mu.Unlock()
		a, b := counters[0], counters[1]
		n := func(x, y uint64) string { return compile.Count(int(x + y)) }
		return fmt.Sprintf("%s bytes, %s lost, %s altered, %s added", n(a.Sent, b.Sent), n(a.Lost, b.Lost), n(a.Altered, b.Altered), n(a.Added, b.Added))
	}}, nil
}
