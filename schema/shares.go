package schema

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"sprocketc/fsm"
	"sprocketc/ir"
)

// A Share is a part of what a peer takes, in bytes, and what it is for.
type Share struct {
	What  string
	Bytes int
}

// RAMShares says what a machine's context in emitted C consists of, the largest part first; their sum is its size.
func RAMShares(p *ir.Plan, s *fsm.System, m *fsm.Machine) []Share {
	core, line := context(p, s, m)
	bytes, sum := map[string]int{}, 0
	for _, c := range append(core, line...) {
		bytes[c.what] += c.size
		sum += c.size
	}
	out := shares(bytes)
	if n := ram(p, s, m) - sum; n > 0 {
		out = append(out, Share{"alignment", n})
	}
	return out
}

// FlashShares says what the estimate of a machine's flash on FlashTarget consists of, the largest part first. The parts are
// sums of what was fitted, so each of them is less sure than the whole.
func FlashShares(p *ir.Plan, s *fsm.System, m *fsm.Machine) []Share {
	f, err := parseFlash()
	if err != nil {
		return nil
	}
	column := slices.Index(f.targets, FlashTarget)
	sums := map[string]float64{}
	for term, n := range CodeTerms(p, s, m) {
		if bytes := f.bytes[term]; bytes != nil {
			sums[partOf(term)] += n * bytes[column]
		}
	}
	bytes := map[string]int{}
	for part, sum := range sums {
		bytes[part] = int(math.Round(sum))
	}
	return shares(bytes)
}

// partOf is the part of the code that a term of the table counts into.
func partOf(term string) string {
	_, name, _ := strings.Cut(term, ": ")
	first, _, _ := strings.Cut(name, " ")
	switch {
	case name == "framing":
		return "frames of the serial line"
	case first == "checksum", name == "feature checksum", first == "header", first == "kind", first == "message":
		return "datagrams and their checksums"
	case first == "read", first == "write", first == "any", first == "call", first == "further", first == "cached", first == "logged", first == "depth":
		return "calls and their values"
	case first == "record", first == "persist", name == "fields of records", name == "bits of records", name == "values in records":
		return "records"
	}
	return "the machine"
}

// shares are sorted by size, and parts of the same by name.
func shares(bytes map[string]int) []Share {
	var out []Share
	for what, n := range bytes {
		if n != 0 {
			out = append(out, Share{what, n})
		}
	}
	slices.SortFunc(out, func(a, b Share) int { return cmp.Or(b.Bytes-a.Bytes, strings.Compare(a.What, b.What)) })
	return out
}

// because names a part with the features that bring it.
func because(what string, tag fsm.Tag) string {
	var features []string
	for _, all := range tag {
		for _, l := range all {
			if !l.Not && !slices.Contains(features, l.Feature) {
				features = append(features, l.Feature)
			}
		}
	}
	if len(features) == 0 {
		return what
	}
	return what + " (" + strings.Join(features, ", ") + ")"
}
