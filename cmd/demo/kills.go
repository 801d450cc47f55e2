package main

import (
	"math/rand/v2"
	"slices"
	"time"
)

// kill is an end of one peer or of both, some time after a call has started.
type kill struct {
	call           int // number of the call
	after          time.Duration
	gateway, probe bool
	down           time.Duration // until it is started again
}

// Times are those of the peers, which the speed divides.
const (
	mostAfter = 1500 * time.Millisecond // a call takes about one second
	mostDown  = 800 * time.Millisecond
)

// planKills spreads n kills over the calls: one in five of the gateway, the others of the probe; every third one of the
// gateway takes the probe along, so both are down at once. The last calls are spared, so that every kill meets peers
// that work.
func planKills(seed uint64, calls, n int) []kill {
	rng := rand.New(rand.NewPCG(seed, 2))
	last := calls - min(calls/2, max(calls/20, 10))
	var kills []kill
	gateways := n / 5
	for i := range n - gateways {
		k := kill{call: rng.IntN(max(last, 1)), probe: true}
		if i < (gateways+2)/3 {
			k.gateway = true
		}
		kills = append(kills, k)
	}
	for range gateways - (gateways+2)/3 {
		kills = append(kills, kill{call: rng.IntN(max(last, 1)), gateway: true})
	}
	for i := range kills {
		kills[i].after = time.Duration(rng.Int64N(int64(mostAfter)))
		kills[i].down = time.Duration(rng.Int64N(int64(mostDown)))
	}
	slices.SortStableFunc(kills, func(a, b kill) int { return a.call - b.call })
	return kills
}
