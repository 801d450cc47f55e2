package versions

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/verify"
)

// explore lets the checker say what the caller of one version and the callee of the other do with each other, over the
// functions whose datagrams are understood: the properties that follow from either version, in the world as the new one
// declares it. Functions that break alone are left out, and what is shown of the others is said to be without them.
func (d *Diff) explore(way int, p pair, understood []string, search verify.Options) {
	if len(understood) == 0 {
		return
	}
	if d.same(way, p, understood) {
		d.Explored = append(d.Explored, Explored{Way: way, Functions: understood})
		d.apart(way, p, understood, search)
		return
	}
	report, err := d.check(way, p, understood, search)
	if err != nil {
		for _, f := range understood {
			d.function(f).says(way, Breaks, "nothing shows that the machines work together: %v", err)
		}
		return
	}
	holding := understood
	if report.Verdict == verify.Violated && len(understood) > 1 {
		holding = nil
		for _, f := range understood {
			alone, err := d.check(way, p, []string{f}, search)
			if err == nil && alone.Verdict == verify.Violated {
				d.breaks(way, f, alone, p.deaf)
				continue
			}
			holding = append(holding, f)
		}
		if len(holding) == 0 {
			return
		}
		if len(holding) < len(understood) {
			if report, err = d.check(way, p, holding, search); err != nil {
				return
			}
		}
	}
	for _, f := range holding {
		switch report.Verdict {
		case verify.Violated:
			d.breaks(way, f, report, p.deaf)
		case verify.Undecided:
			d.function(f).says(way, Undecided, "%s", report.Why)
		default:
			if len(holding) < len(understood) {
				d.function(f).says(way, But, "only while %s does not call what breaks: %s", ages[way][0], strings.Join(without(understood, holding), ", "))
			}
		}
	}
	if report.Verdict == verify.Holds {
		d.apart(way, p, holding, search)
	}
}

// apart asks whether the functions keep what they promise when the caller also calls those that are not understood.
func (d *Diff) apart(way int, p pair, holding []string, search verify.Options) {
	caller, _ := d.sides(way)
	foreign := without(append(slices.Clone(p.foreign["REQ"]), p.foreign["ANS"]...), holding)
	all := []string{}
	for _, c := range caller.Plan.Interface.Calls {
		if slices.Contains(foreign, c.Name) || slices.Contains(holding, c.Name) {
			all = append(all, c.Name)
		}
	}
	if len(all) == len(holding) {
		return
	}
	// Of what breaks nothing is asked: the promises are those of the others. That a call is answered cannot be asked of some only.
	weaker := p
	weaker.promised = map[string][]string{}
	for k, list := range p.promised {
		weaker.promised[k] = among(list, holding)
	}
	weaker.promised["pure"] = append(weaker.promised["pure"], foreign...)
	weaker.safe = true
	report, err := d.check(way, weaker, all, search)
	if err == nil && report.Verdict == verify.Holds {
		return
	}
	for _, f := range holding {
		d.function(f).says(way, But, "shown only while %s does not call what breaks: %s", ages[way][0], strings.Join(without(all, holding), ", "))
	}
}

// same reports whether the two machines are, timers aside, the same in both versions: what verify says of each holds for them.
func (d *Diff) same(way int, p pair, functions []string) bool {
	if len(p.deaf) > 0 {
		return false
	}
	mixed, err := p.mix(functions)
	if err != nil {
		return false
	}
	for _, v := range []Version{d.Old, d.New} {
		alone := p
		alone.caller, alone.callee, alone.world = v.System, v.System, v.System
		for _, f := range functions {
			if callOf(v, f) == nil {
				return false
			}
		}
		s, err := alone.mix(functions)
		if err != nil || untimed(s) != untimed(mixed) {
			return false
		}
	}
	return true
}

func (d *Diff) check(way int, p pair, functions []string, search verify.Options) (*verify.Report, error) {
	s, err := p.mix(functions)
	if err != nil {
		return nil, err
	}
	report, err := verify.Check(s, search)
	if err != nil {
		report = &verify.Report{Protocol: s.Name, Verdict: verify.Undecided, Why: err.Error()}
	}
	d.Explored = append(d.Explored, Explored{way, functions, report})
	return report, nil
}

func (d *Diff) function(name string) *Function {
	return d.Functions[slices.IndexFunc(d.Functions, func(f *Function) bool { return f.Name == name })]
}

// breaks tells of a function that a property does not hold.
func (d *Diff) breaks(way int, name string, report *verify.Report, deaf []string) {
	f := d.function(name)
	if len(deaf) > 0 {
		f.says(way, Breaks, "its receiver does not understand %s, and drops it", strings.Join(deaf, ", "))
	}
	for i := range report.Properties {
		x := &report.Properties[i]
		if x.Verdict != verify.Violated {
			continue
		}
		text := fmt.Sprintf("`%s` does not hold", x.Name)
		if x.Run != nil {
			text += fmt.Sprintf(" (a run of %d steps)", len(x.Run.Steps))
		}
		if x.Why != "" {
			text += ": " + x.Why
		}
		f.says(way, Breaks, "%s", text)
		if f.Way[way].Property == nil {
			f.Way[way].Property = x
		}
	}
}

func without(list, gone []string) []string {
	var out []string
	for _, x := range list {
		if !slices.Contains(gone, x) && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	return out
}
