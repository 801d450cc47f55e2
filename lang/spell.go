package lang

import "slices"

// nearest is the one candidate that name is likely to be a slip of; the empty string where none or several are.
// Distances count insertions, deletions, replacements and swaps of neighbours: 1, or 2 from six letters on.
func nearest(name string, candidates []string) string {
	limit := 1
	if len(name) >= 6 {
		limit = 2
	}
	if len(name) < 2 || len(name) > 64 {
		return ""
	}
	best, bestDistance, tie := "", limit+1, false
	sorted := slices.Clone(candidates)
	slices.Sort(sorted)
	for _, c := range slices.Compact(sorted) {
		if c == name || c == "" || len(c)-len(name) > limit || len(name)-len(c) > limit {
			continue
		}
		switch d := distance(name, c); {
		case d < bestDistance:
			best, bestDistance, tie = c, d, false
		case d == bestDistance:
			tie = true
		}
	}
	if tie || bestDistance >= len(best) {
		return ""
	}
	return best
}

// distance is the optimal string alignment distance in bytes.
func distance(a, b string) int {
	var two, one, row []int
	one = make([]int, len(b)+1)
	for j := range one {
		one[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row = make([]int, len(b)+1)
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(one[j]+1, row[j-1]+1, one[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], two[j-2]+1)
			}
		}
		two, one = one, row
	}
	return one[len(b)]
}
