package verify

import (
	"fmt"
	"math/big"
	"slices"
	"strings"

	"sprocketc/verify/markov"
)

// lump puts states together that differ only in how long their timers still run, where that decides nothing: all states of
// a class must lead to the same classes with the same probabilities, and send the same (ordinary lumpability; Kemeny and
// Snell 1960). Where one class is not so, every state stays for itself. It gives the class of each state and their number.
func (x *chainOf) lump() ([]int, int) {
	class, names := make([]int, len(x.states)), map[string]int{}
	for i, s := range x.states {
		k := s.key(false)
		if _, ok := names[k]; !ok {
			names[k] = len(names)
		}
		class[i] = names[k]
	}
	row := make([]string, len(names))
	for i := range x.states {
		k := x.rowText(i, class)
		if row[class[i]] == "" {
			row[class[i]] = k
		}
		if row[class[i]] != k {
			for j := range class {
				class[j] = j
			}
			return class, len(class)
		}
	}
	return class, len(names)
}

// rowText is equal for states that lead to the same classes alike and send the same.
func (x *chainOf) rowText(i int, class []int) string {
	var parts []string
	for to, p := range x.row(i, class) {
		parts = append(parts, fmt.Sprint(to, " ", p))
	}
	for msg, n := range x.sends[i] {
		parts = append(parts, fmt.Sprint("sends ", msg, " ", n))
	}
	slices.Sort(parts)
	return "row " + strings.Join(parts, ",")
}

// row is the distribution over classes after a state.
func (x *chainOf) row(i int, class []int) map[int]*big.Rat {
	out := map[int]*big.Rat{}
	for _, t := range x.turns[i] {
		if out[class[t.to]] == nil {
			out[class[t.to]] = new(big.Rat)
		}
		out[class[t.to]].Add(out[class[t.to]], t.p)
	}
	return out
}

// quotient is the chain of the classes, a state of each, and what each sends.
func (x *chainOf) quotient(class []int, n int) (*markov.Chain, []int, []map[int]int) {
	chain, first, sends := &markov.Chain{Rows: make([][]markov.Edge, n)}, make([]int, n), make([]map[int]int, n)
	for i := len(class) - 1; i >= 0; i-- {
		first[class[i]] = i
	}
	for c, i := range first {
		for to, p := range x.row(i, class) {
			chain.Rows[c] = append(chain.Rows[c], markov.Edge{To: to, P: p})
		}
		slices.SortFunc(chain.Rows[c], func(a, b markov.Edge) int { return a.To - b.To })
		sends[c] = x.sends[i]
	}
	return chain, first, sends
}
