package solver

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/schema"
)

// override is what one clause of a force block comes to.
type override struct {
	feature string // that it acts on
	off     bool
	source  string // the way by which it is to be had; "" for any
	width   int    // 0: as the solver chooses
}

// settings are all overrides of an interface.
type settings struct {
	of     map[ir.Clause]override
	off    map[string]bool // features taken away
	on     map[string]bool // features that must be there
	named  map[string]bool // features whose rules are skipped
	source map[string]string
	width  map[string]int

	variants bool // ways are open whatever is optimised
}

// variants tells which feature a wrong variant is a way of.
var variants = map[string]override{
	schema.VolatileCallerEpoch: {feature: schema.CallerEpoch, source: "volatile"},
	schema.RandomCallerEpoch:   {feature: schema.CallerEpoch, source: "entropy"},
	schema.VolatileCalleeEpoch: {feature: schema.CalleeEpoch, source: "volatile"},
	schema.IntentAfterStart:    {feature: schema.IntentRecord},
	schema.AnyEpoch:            {feature: schema.ChallengeEcho, off: true},
	schema.EpochOfCaller:       {feature: schema.Window},
}

// canonical is the name of a feature under which the schema knows it: call numbers may be called numbers.
func canonical(feature string) string {
	if feature == "number" {
		return schema.CallNumber
	}
	return feature
}

// readForces checks an interface's overrides against the schema.
func readForces(in *ir.Interface) (settings, []diag.Diagnostic) {
	s := settings{of: map[ir.Clause]override{}, off: map[string]bool{}, on: map[string]bool{}, named: map[string]bool{},
		source: map[string]string{}, width: map[string]int{}}
	var report diag.Report
	by := map[string]ir.Clause{}
	for _, f := range in.Force {
		o, ok := readForce(in, f, &report)
		if !ok {
			continue
		}
		if first, twice := by[o.feature]; twice && (s.off[o.feature] != o.off || o.source != "" && s.source[o.feature] != "" && s.source[o.feature] != o.source ||
			o.width > 0 && s.width[o.feature] > 0 && s.width[o.feature] != o.width) {
			report.Errorf("conflicting-force", f.Clause.Span, "against this", "`%s` cannot be forced both ways", o.feature).And(first.Span, "this was forced before")
			continue
		}
		by[o.feature] = f.Clause
		s.of[f.Clause] = o
		s.named[o.feature] = true
		if o.off {
			s.off[o.feature] = true
			continue
		}
		s.on[o.feature] = true
		if o.source != "" {
			s.source[o.feature] = o.source
		}
		if o.width > 0 {
			s.width[o.feature] = o.width
		}
	}
	return s, report.List
}

func readForce(in *ir.Interface, f ir.Force, report *diag.Report) (override, bool) {
	name := canonical(f.Feature)
	feature := schema.Find(name)
	if feature == nil {
		d := report.Errorf("unknown-feature", f.Clause.Span, "", "the schema has no feature `%s`", f.Feature)
		if near := nearest(f.Feature); near != "" {
			d.Note("did you mean `%s`", near)
		}
		return override{}, false
	}
	o, variant := variants[name]
	if !variant {
		o = override{feature: name}
	}
	switch f.Value {
	case "off":
		if variant {
			report.Errorf("out-of-range", f.Clause.Span, "it is off where nothing is said", "the variant `%s` can only be switched on", name)
			return override{}, false
		}
		o.off = true
		return o, true
	case "on":
		if missing := map[string]string{schema.Pacing: "rate", schema.Memo: "cache", schema.Log: "log", schema.Window: "pipelined"}[name]; missing != "" && !asked(in, name) {
			report.Errorf("out-of-range", f.Clause.Span, "", "`%s` has no figures here", name).Note("it takes them from a clause `%s …`", missing)
			return override{}, false
		}
		return o, true
	}
	param, text, _ := strings.Cut(f.Value, " ")
	i := slices.IndexFunc(feature.Params, func(p schema.Param) bool { return p.Name == param })
	if i < 0 {
		d := report.Errorf("unknown-parameter", f.Clause.Span, "", "`%s` has no parameter `%s`", name, param)
		if len(feature.Params) == 0 {
			d.Note("it can be switched `on` or `off`")
		} else {
			d.Note("it has `%s`", feature.Params[0].Name)
		}
		return override{}, false
	}
	p := feature.Params[i]
	v, err := strconv.Atoi(text)
	if err != nil || !p.Allows(v) {
		d := report.Errorf("out-of-range", f.Clause.Span, "", "`%s` of `%s` cannot be %s", param, name, text)
		if len(p.Only) > 0 {
			d.Note("it is one of %s", strings.Trim(strings.Join(strings.Fields(fmt.Sprint(p.Only)), ", "), "[]"))
		} else {
			d.Note("it lies between %d and %d", p.Lo, p.Hi)
		}
		return override{}, false
	}
	o.width = v
	return o, true
}

// asked reports whether a clause of the program gives a feature its figures.
func asked(in *ir.Interface, feature string) bool {
	switch feature {
	case schema.Pacing:
		return in.Channel.Rate != nil
	case schema.Window:
		return in.Lanes() > 1
	case schema.Memo:
		return slices.ContainsFunc(in.Calls, func(c *ir.Call) bool { return c.Cache != nil })
	}
	return slices.ContainsFunc(in.Calls, func(c *ir.Call) bool { return c.Log != nil })
}

// nearest is the feature or variant whose name is most like a word, or "" where none is.
func nearest(word string) string {
	best, least := "", 1+len(word)/3
	for _, f := range append(slices.Clone(schema.Features), schema.Variants...) {
		if d := distance(word, f.Name); d < least {
			best, least = f.Name, d
		}
	}
	if best == "" { // a part of a name
		for _, f := range append(slices.Clone(schema.Features), schema.Variants...) {
			if len(word) > 2 && strings.Contains(f.Name, word) {
				return f.Name
			}
		}
	}
	return best
}

// distance is the least number of bytes to insert, delete or replace (Levenshtein 1966).
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := diagonal
			if a[i] != b[j] {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
