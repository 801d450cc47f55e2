package solver

import (
	"slices"
	"time"

	"sprocketc/ir"
	"sprocketc/schema"
)

// kind says what a clause of the program does, as far as a plan depends on it.
type kind int

const (
	direction kind = iota // one way
	loses
	reorders
	repeats
	corrupts
	delays
	rate
	unit
	crashes
	commits // separately
	stable
	entropy // too little of it
	lives
	ram
	flash
	theCall  // its arguments and answer, and that it must end with one
	callKind // effect or idempotent
	serial
	pipelined
	cache
	log
	within // of the interface too
	force
)

// clause is one of the program's own clauses, with its selector: the literal that says that it counts.
type clause struct {
	kind     kind
	text     ir.Clause
	call     int      // index, of a call's clauses; -1 else
	peer     *ir.Peer // of a peer's
	selector int
	force    *ir.Force
}

// clausesOf lists what may contradict, in the order in which clauses are tried to be left out of a contradiction.
func clausesOf(in *ir.Interface) []clause {
	var out []clause
	add := func(k kind, text *ir.Clause, call int, peer *ir.Peer) {
		if text != nil {
			out = append(out, clause{kind: k, text: *text, call: call, peer: peer})
		}
	}
	amount := func(k kind, a *ir.Amount, peer *ir.Peer) {
		if a != nil {
			add(k, &a.Clause, -1, peer)
		}
	}
	ch := in.Channel
	if ch.Repeats != nil {
		add(repeats, ch.Repeats, -1, nil)
	}
	if ch.Corrupts != nil {
		add(corrupts, &ch.Corrupts.Clause, -1, nil)
	}
	for i, c := range in.Calls {
		if c.Log != nil {
			add(log, &c.Log.Clause, i, nil)
		}
		if c.Cache != nil {
			add(cache, &c.Cache.Clause, i, nil)
		}
		add(serial, c.Serial, i, nil)
		if c.Pipelined != nil {
			add(pipelined, &c.Pipelined.Clause, i, nil)
		}
	}
	for i, c := range in.Calls {
		add(theCall, &c.Clause, i, nil)
	}
	for i, c := range in.Calls {
		if c.Kind != ir.Pure {
			add(callKind, &c.KindAt, i, nil)
		}
		if c.Within != nil {
			add(within, &c.Within.Clause, i, nil)
		}
	}
	add(within, in.DefaultAt, -1, nil)
	if ch.Loses != nil {
		add(loses, &ch.Loses.Clause, -1, nil)
	}
	if ch.Rate != nil {
		add(rate, &ch.Rate.Clause, -1, nil)
	}
	if ch.Reorders != nil {
		add(reorders, &ch.Reorders.Clause, -1, nil)
	}
	if ch.Delays != nil {
		add(delays, &ch.Delays.Clause, -1, nil)
	}
	for _, p := range []*ir.Peer{in.From, in.To} {
		add(crashes, p.Crashes, -1, p)
		add(commits, p.Commits, -1, p)
	}
	if ch.Lives != nil {
		add(lives, &ch.Lives.Clause, -1, nil)
	}
	for _, p := range []*ir.Peer{in.From, in.To} {
		amount(stable, p.Stable, p)
		if !enough(p.Entropy) {
			amount(entropy, p.Entropy, p)
		}
		amount(ram, p.RAM, p)
		amount(flash, p.Flash, p)
	}
	amount(unit, ch.Unit, nil)
	if ch.OneWay {
		add(direction, &ch.Direction, -1, nil)
	}
	for i := range in.Force {
		out = append(out, clause{kind: force, text: in.Force[i].Clause, call: -1, force: &in.Force[i]})
	}
	return out
}

// instance is a place in the program where a fact holds: the clause that says it, and the call where it is one's.
type instance struct {
	clause int // index into the clauses; -1: no clause says it
	call   *ir.Call
}

// instances lists where a fact holds.
func instances(in *ir.Interface, clauses []clause, fact schema.Fact) []instance {
	var out []instance
	find := func(k kind, call int, peer *ir.Peer) int {
		return slices.IndexFunc(clauses, func(c clause) bool {
			return c.kind == k && c.call == call && (peer == nil || c.peer == peer)
		})
	}
	world := func(holds bool, k kind, peer *ir.Peer) {
		if holds {
			out = append(out, instance{clause: find(k, -1, peer)})
		}
	}
	ch := in.Channel
	below := func(p float64) bool { return ch.Corrupts != nil && ch.Corrupts.Unseen < p }
	switch fact {
	case schema.OneWay:
		world(ch.OneWay, direction, nil)
	case schema.Loses:
		world(ch.Loses != nil, loses, nil)
	case schema.Repeats:
		world(ch.Repeats != nil, repeats, nil)
	case schema.Overtakes:
		world(ch.Reorders != nil && ch.Reorders.Within != 0, reorders, nil)
	case schema.OvertakesEver:
		world(ch.Reorders != nil && ch.Reorders.Within < 0, reorders, nil)
	case schema.Corrupts:
		world(ch.Corrupts != nil, corrupts, nil)
	case schema.UnseenBelow8:
		world(below(1.0/(1<<8)), corrupts, nil)
	case schema.UnseenBelow16:
		world(below(1.0/(1<<16)), corrupts, nil)
	case schema.UnseenBelow32:
		world(below(1.0/(1<<32)), corrupts, nil)
	case schema.Rated:
		world(ch.Rate != nil, rate, nil)
	case schema.CallerCrashes:
		world(in.From.Crashes != nil, crashes, in.From)
	case schema.Lives:
		world(ch.Lives != nil, lives, nil)
	case schema.CommitsApart:
		world(in.To.Commits != nil, commits, in.To)
	case schema.CalleeCrashes:
		world(in.To.Crashes != nil, crashes, in.To)
	}
	for i, c := range in.Calls {
		call := func(holds bool, k kind) {
			if holds {
				out = append(out, instance{clause: find(k, i, nil), call: c})
			}
		}
		switch fact {
		case schema.AnyCall:
			call(true, theCall)
		case schema.HarmfulCall:
			call(!schema.Harmless(c), callKind)
		case schema.HarmlessCall:
			call(schema.Harmless(c), theCall)
		case schema.EffectCall:
			call(c.Kind == ir.Effect, callKind)
		case schema.OnceCall:
			call(c.Kind == ir.ExactlyOnce, callKind)
		case schema.RepeatedCall:
			call(c.Kind == ir.Idempotent, callKind)
		case schema.IdempotentRun:
			call(c.Kind == ir.Idempotent && !schema.Harmless(c), callKind)
		case schema.CachedCall:
			call(c.Cache != nil, cache)
		case schema.LoggedCall:
			call(c.Log != nil, log)
		case schema.SerialCall:
			call(c.Serial != nil, serial)
		case schema.PipelinedCall:
			call(c.Pipelined != nil, pipelined)
		case schema.PlainRun:
			call(c.Kind == ir.Idempotent || c.Kind == ir.Pure, callKind)
		case schema.ChanceCall:
			call(c.Within != nil && c.Within.P > 0, within)
		}
	}
	return out
}

// leastEntropy is how many bits a random epoch needs: with fewer, two of a device's starts have the same one too often for
// anything to rest on that they have not.
const leastEntropy = 16

// soundEntropy is what a repair asks for.
const soundEntropy = 32

func enough(bits *ir.Amount) bool { return bits != nil && bits.N >= leastEntropy }

// given reports whether the program gives a resource at all, be it too little: no theorem is about those that have it.
func given(in *ir.Interface, r schema.Resource) bool {
	return has(in, r) || r == schema.CallerEntropy && in.From.Entropy != nil || r == schema.CalleeEntropy && in.To.Entropy != nil
}

// has reports whether the program gives enough of a resource.
func has(in *ir.Interface, r schema.Resource) bool {
	switch r {
	case schema.CallerStable:
		return in.From.Stable != nil
	case schema.CallerEntropy:
		return enough(in.From.Entropy)
	case schema.CalleeStable:
		return in.To.Stable != nil
	case schema.CalleeEntropy:
		return enough(in.To.Entropy)
	case schema.Lifetime:
		return in.Channel.Lives != nil
	}
	return false
}

// combinations calls visit with the clauses of each way in which all facts hold together, and the call that is meant.
// Nothing is visited where one of them never holds.
func combinations(in *ir.Interface, clauses []clause, facts []schema.Fact, visit func(of []int, call *ir.Call)) {
	var walk func(i int, of []int, call *ir.Call)
	walk = func(i int, of []int, call *ir.Call) {
		if i == len(facts) {
			visit(slices.Clone(of), call)
			return
		}
		for _, x := range instances(in, clauses, facts[i]) {
			next := of
			if x.clause >= 0 {
				next = append(slices.Clone(of), x.clause)
			}
			if x.call != nil {
				walk(i+1, next, x.call)
			} else {
				walk(i+1, next, call)
			}
		}
	}
	walk(0, nil, nil)
}

// copyOf is a copy of a program with one interface: what its peers, channel and calls point to may be replaced in it.
func copyOf(p *ir.Program) *ir.Program {
	q := *p
	in := *p.Interfaces[0]
	ch, from, to := *in.Channel, *in.From, *in.To
	in.Channel, in.From, in.To = &ch, &from, &to
	if ch.A == p.Interfaces[0].To {
		ch.A, ch.B = &to, &from
	} else {
		ch.A, ch.B = &from, &to
	}
	in.Calls = nil
	for _, c := range p.Interfaces[0].Calls {
		k := *c
		in.Calls = append(in.Calls, &k)
	}
	in.Force = slices.Clone(in.Force)
	q.Interfaces = []*ir.Interface{&in}
	q.Peers = nil
	for _, x := range p.Peers {
		switch x {
		case p.Interfaces[0].From:
			x = &from
		case p.Interfaces[0].To:
			x = &to
		}
		q.Peers = append(q.Peers, x)
	}
	return &q
}

// timeEnough is the time of a call whose clause does not count: it needs no more, and what waits for its end waits no longer
// than it must.
func timeEnough(in *ir.Interface) time.Duration {
	t := time.Second
	if d := in.Channel.Delays; d != nil {
		t = max(t, in.From.AtLeast(2*d.Max)+time.Millisecond)
	}
	return t.Truncate(time.Millisecond)
}

// weakened is the program without what the clauses that are not on say: an effect becomes pure, a budget is lifted, a
// call carries nothing.
func weakened(p *ir.Program, clauses []clause, on func(clause) bool) *ir.Program {
	q := copyOf(p)
	in := q.Interfaces[0]
	ch := in.Channel
	for _, c := range clauses {
		if on(c) {
			continue
		}
		peer := in.From
		if c.peer == p.Interfaces[0].To {
			peer = in.To
		}
		switch c.kind {
		case direction:
			ch.OneWay = false
		case loses:
			ch.Loses = nil
		case reorders:
			ch.Reorders = nil
		case repeats:
			ch.Repeats = nil
		case corrupts:
			ch.Corrupts = nil
		case delays:
			ch.Delays = nil
		case rate:
			ch.Rate = nil
		case unit:
			ch.Unit = nil
		case crashes:
			peer.Crashes = nil
		case commits:
			peer.Commits = nil
		case stable:
			peer.Stable = &ir.Amount{N: 1 << 40}
		case entropy:
			peer.Entropy = &ir.Amount{N: soundEntropy}
		case lives:
			ch.Lives = &ir.Lifetime{T: time.Millisecond} // as short as it may be
			if d := p.Interfaces[0].Channel.Delays; d != nil {
				ch.Lives.T = max(ch.Lives.T, d.Max)
			}
		case ram:
			peer.RAM = nil
		case flash:
			peer.Flash = nil
		case theCall:
			in.Calls[c.call].Params, in.Calls[c.call].Result = nil, nil
		case callKind:
			in.Calls[c.call].Kind = ir.Pure
		case serial:
			in.Calls[c.call].Serial = nil
		case pipelined:
			in.Calls[c.call].Pipelined = nil
		case cache:
			in.Calls[c.call].Cache = nil
		case log:
			in.Calls[c.call].Log = nil
		case within:
			if c.call >= 0 {
				in.Calls[c.call].Within = &ir.Within{T: timeEnough(p.Interfaces[0])}
			} else {
				in.Default, in.DefaultAt = timeEnough(p.Interfaces[0]), nil
			}
		case force:
			in.Force = slices.DeleteFunc(in.Force, func(f ir.Force) bool { return f.Clause == c.text })
		}
	}
	return q
}
