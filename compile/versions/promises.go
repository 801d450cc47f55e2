package versions

import (
	"slices"

	"sprocketc/ir"
)

// promises compares what exploration does not see: layers of the caller, and the pace of the senders.
func (d *Diff) promises() {
	for _, f := range d.Functions {
		o, n := f.Old, f.New
		if o == nil || n == nil {
			continue
		}
		if o.Cache != nil && n.Kind != ir.Pure {
			f.Way[0].add(Breaks, Reason{"an old caller may answer it from what it remembers, and it does not run", &o.Cache.Clause, &n.KindAt})
		}
		if n.Within != nil && n.Within.P > 0 && (o.Within == nil || o.Within.P < n.Within.P || o.Within.T > n.Within.T) {
			f.Way[0].add(But, Reason{"an old caller does not send it as often as the new demand on its time asks for", within(o), &n.Within.Clause})
		}
		if o.Cache == nil || n.Kind != ir.Pure {
			continue
		}
		for _, g := range d.Functions { // what an old caller remembers outlives a call that was pure for it
			if g.Old != nil && g.New != nil && g.Old.Kind == ir.Pure && g.New.Kind != ir.Pure && g.New.Commutes == nil {
				f.Way[0].add(But, Reason{"an old caller goes on answering it from what it remembers after " + g.Name + ", which is not pure any more", &o.Cache.Clause, &g.New.KindAt})
			}
		}
	}
	if d.New.Plan.Pace > d.Old.Plan.Pace {
		rate := &d.New.Plan.Interface.Channel.Clause
		if r := d.New.Plan.Interface.Channel.Rate; r != nil {
			rate = &r.Clause
		}
		for _, f := range d.Functions {
			for way := range f.Way {
				if v := f.Way[way].Verdict; v != None && f.Old != nil && f.New != nil {
					f.Way[way].add(But, Reason{"an old peer sends faster than the channel allows now", nil, rate})
				}
			}
		}
	}
}

func within(c *ir.Call) *ir.Clause {
	if c.Within == nil {
		return nil
	}
	return &c.Within.Clause
}

// upgrades compares the records that peers keep in stable memory.
func (d *Diff) upgrades() {
	for _, role := range []string{"caller", "callee"} {
		o, n := peer(d.Old, role), peer(d.New, role)
		was, is := d.Old.Plan.Peers[o.Name], d.New.Plan.Peers[n.Name]
		if was == nil || is == nil {
			continue
		}
		u := Upgrade{Peer: n.Name, Outcome: Outcome{Verdict: Compatible}}
		for _, r := range is.Records {
			i := slices.IndexFunc(was.Records, func(x ir.RecordLayout) bool { return x.Name == r.Name })
			if i < 0 {
				if len(was.Records) > 0 {
					u.add(But, Reason{"the record " + r.Name + " is new, and blank at first", &o.Clause, &n.Clause})
				}
				continue
			}
			if old := was.Records[i]; old.Offset == r.Offset && old.Slots == r.Slots && old.Seed == r.Seed && slices.Equal(old.Fields, r.Fields) {
				continue
			}
			v, text := Breaks, "the record "+r.Name+" cannot be read by the new version: it begins with blank memory, and uses again what it may never use again"
			if m := d.New.System.Machine(role); m != nil && m.Erased {
				v, text = But, "the record "+r.Name+" cannot be read by the new version: it begins as one that was replaced, when nothing is in flight"
			}
			u.add(v, Reason{text, &o.Clause, &n.Clause})
		}
		for _, r := range was.Records {
			if !slices.ContainsFunc(is.Records, func(x ir.RecordLayout) bool { return x.Name == r.Name }) {
				u.add(But, Reason{"the record " + r.Name + " is not used any more", &o.Clause, &n.Clause})
			}
		}
		d.Upgrades = append(d.Upgrades, u)
	}
}

func peer(v Version, role string) *ir.Peer {
	if role == "caller" {
		return v.Plan.Interface.From
	}
	return v.Plan.Interface.To
}
