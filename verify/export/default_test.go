package export_test

import (
	"slices"
	"testing"

	"sprocketc/fsm"
	"sprocketc/verify"
	"sprocketc/verify/export"
)

// tally counts verdicts of the default mode that were held against SPIN's, over all tests.
var tally struct{ both, neither, wider, undecided int }

// byDefault is what the default mode says: in the representation that fits the channels, with every reduction.
func byDefault(t testing.TB, sys *fsm.System, limit int) *verify.Report {
	t.Helper()
	r, err := verify.Check(sys, verify.Options{MaxStates: limit})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// within lists the properties of an export that a report breaks by a run which finds room in channels of a capacity.
func within(r *verify.Report, sys *fsm.System, capacity int) (out []string) {
	exported := export.Properties(sys)
	for _, p := range r.Properties {
		if p.Verdict == verify.Violated && p.Run != nil && slices.Contains(exported, p.Name) && room(p.Run) <= capacity {
			out = append(out, p.Name)
		}
	}
	return
}

// judge holds the default mode against what SPIN finds broken where channels that state no capacity have one. What SPIN
// breaks does not hold. What the default mode breaks, SPIN breaks too, where the run finds room. With some, SPIN was stopped
// before it had sought everything.
func judge(t testing.TB, name string, sys *fsm.System, capacity int, r *verify.Report, found []string, some bool) {
	t.Helper()
	for _, p := range export.Properties(sys) {
		if p == export.Representation {
			continue
		}
		v := verify.Property{Name: p, Verdict: verify.Holds} // what is always watched is listed where it breaks
		if i := slices.IndexFunc(r.Properties, func(v verify.Property) bool { return v.Name == p }); i >= 0 {
			v = r.Properties[i]
		}
		switch spin := slices.Contains(found, p); {
		case v.Verdict == verify.Undecided:
			tally.undecided++
		case spin && v.Verdict == verify.Violated:
			tally.both++
		case spin && p == "no_deadlock" && blocks(sys): // the channels are full
		case spin:
			t.Errorf("%s: SPIN breaks %s at capacity %d; it holds in %s\n%s", name, p, capacity, r.Engine, sys)
		case v.Verdict == verify.Holds:
			tally.neither++
		case some:
		case v.Run == nil:
			t.Errorf("%s: no run breaks %s, nor does SPIN: %s\n%s", name, p, v.Why, sys)
		case room(v.Run) > capacity:
			tally.wider++
		default:
			t.Errorf("%s: %s breaks by a run that needs room for %d; SPIN does not break it at capacity %d\n%s", name, p, room(v.Run), capacity, sys)
		}
	}
}

// blocks reports whether a send may have to wait for room that only the export bounds.
func blocks(sys *fsm.System) bool {
	return slices.ContainsFunc(sys.Channels, func(c *fsm.Channel) bool { return c.Capacity == 0 && (!c.Loses || c.Waits) })
}

// room is how many datagrams a run has in flight at a time in a channel that states no capacity, at least where what is
// never delivered is lost at once.
func room(run *verify.Run) (most int) {
	const start = -1
	type sent struct{ channel, at, until int }
	var all []sent
	until := func(number int, c *fsm.Channel) int {
		last := start
		for i, n := range run.Taken {
			if n == number && run.Steps[i].Kind == verify.Delivers {
				last = i
			}
		}
		if last == start && (!c.Loses || c.Oldest || c.Waits) {
			return len(run.Steps)
		}
		return last
	}
	first := 0
	for i, numbers := range run.Sent {
		for k, n := range numbers {
			ch := run.Steps[i].Sent[k].Channel
			all = append(all, sent{ch, i, until(n, run.Sys.Channels[ch])})
			if first == 0 || n < first {
				first = n
			}
		}
	}
	if first > 1 || first == 0 {
		return 0 // what the start sends is not listed: it is taken to fit
	}
	for i, s := range all {
		c := run.Sys.Channels[s.channel]
		if c.Capacity > 0 || s.until <= s.at {
			continue
		}
		n := 1
		for _, o := range all[:i] { // of those sent together the earlier ones have come first, whatever becomes of them
			if o.channel == s.channel && (o.until > s.at || o.at == s.at) {
				n++
			}
		}
		most = max(most, n)
	}
	return
}
