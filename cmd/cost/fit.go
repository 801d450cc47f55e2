package main

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"sort"
	"strconv"
	"strings"

	"sprocketc/compile/target"
)

// fit finds the bytes of each term by least squares of the relative error, and prints how far off they are: each fifth
// program is left out of the fit at first, to see what programs cost that the table was not made from.
func fit(samples []sample, target, role string, table, kept, was map[string]map[string]float64) {
	var all []sample
	for _, s := range samples {
		if s.role == role {
			all = append(all, s)
		}
	}
	var made, held []sample
	for i, s := range all {
		if strings.HasPrefix(s.name, "random") && i%5 == 0 {
			held = append(held, s)
		} else {
			made = append(made, s)
		}
	}
	known := map[string]float64{} // terms whose bytes are not asked again
	for term, row := range kept {
		if bytes, ok := row[target]; ok && strings.HasPrefix(term, role+": ") {
			known[term] = bytes
		}
	}
	before := map[string]float64{}
	for term, row := range was {
		before[term] = row[target]
	}
	x := solve(made, target, known, before)
	mean, worst := off(held, target, x)
	fmt.Printf("%-14s %s: %d samples, %d terms; held out: mean %.1f %%, worst %.1f %%", target, role, len(all), len(x), 100*mean, 100*worst)
	x = solve(all, target, known, before)
	mean, worst = off(all, target, x)
	fmt.Printf("; all: mean %.1f %%, worst %.1f %%", 100*mean, 100*worst)
	var ours []sample
	for _, s := range all {
		if !strings.HasPrefix(s.name, "random") {
			ours = append(ours, s)
		}
	}
	mean, worst = off(ours, target, x)
	fmt.Printf("; corpus: mean %.1f %%, worst %.1f %%\n", 100*mean, 100*worst)
	for term, bytes := range x {
		if table[term] == nil {
			table[term] = map[string]float64{}
		}
		table[term][target] = bytes
	}
}

func off(samples []sample, target string, x map[string]float64) (mean, worst float64) {
	for _, s := range samples {
		sum := 0.0
		for term, n := range s.terms {
			sum += n * x[term]
		}
		e := math.Abs(sum/s.bytes[target] - 1)
		mean += e / float64(len(samples))
		worst = max(worst, e)
	}
	return mean, worst
}

// solve is ridge regression by the normal equations, towards what terms had before. Terms that are known keep their bytes.
func solve(samples []sample, target string, known, before map[string]float64) map[string]float64 {
	var names []string
	for _, s := range samples {
		for term := range s.terms {
			if _, is := known[term]; !is && !slices.Contains(names, term) {
				names = append(names, term)
			}
		}
	}
	sort.Strings(names)
	n := len(names)
	a := make([][]float64, n)
	for i := range a {
		a[i] = make([]float64, n+1)
	}
	for _, s := range samples {
		w := 1 / (s.bytes[target] * s.bytes[target])
		if !strings.HasPrefix(s.name, "random") {
			w *= own
			if len(known) > 0 { // there are few terms to meet them with
				w *= own * own
			}
		}
		row := make([]float64, n) // in a fixed order: sums of floats depend on it
		for i, name := range names {
			row[i] = s.terms[name]
		}
		rest := s.bytes[target]
		for _, term := range slices.Sorted(maps.Keys(s.terms)) {
			rest -= known[term] * s.terms[term]
		}
		for i, u := range row {
			if u == 0 {
				continue
			}
			for j, v := range row {
				a[i][j] += w * u * v
			}
			a[i][n] += w * u * rest
		}
	}
	for i := range n {
		a[i][i] += ridge
		if bytes, ok := before[names[i]]; ok {
			a[i][i] += stays
			a[i][n] += stays * bytes
		}
	}
	for i := range n { // positive definite: no pivots are needed
		for k := i + 1; k < n; k++ {
			f := a[k][i] / a[i][i]
			if f == 0 {
				continue
			}
			for j := i; j <= n; j++ {
				a[k][j] -= f * a[i][j]
			}
		}
	}
	out := maps.Clone(known)
	if out == nil {
		out = map[string]float64{}
	}
	x := make([]float64, n)
	for i := n - 1; i >= 0; i-- {
		sum := a[i][n]
		for j := i + 1; j < n; j++ {
			sum -= a[i][j] * x[j]
		}
		x[i] = sum / a[i][i]
		out[names[i]] = x[i]
	}
	return out
}

// own is how much more a program of the corpus counts than a random one.
const own = 16

// ridge keeps terms that always come together finite.
const ridge = 1e-7

// stays is how much it weighs that a term is what it was: as ten programs of a kilobyte that tell of nothing else. Without it a small
// change of emitted code would move bytes between terms that often come together, and with these which of two plans of nearly one size
// is taken. What is left out of the fit comes out 0.4 % further off in the mean.
const stays = 1e-5

// write puts the table into a file. Columns of targets that were not measured stay as they are, for terms that are still there; one that never
// was is not there.
func write(file string, table map[string]map[string]float64, measured []target.Target) error {
	isMeasured := func(t target.Target) bool {
		return slices.ContainsFunc(measured, func(m target.Target) bool { return m.Name == t.Name })
	}
	old := map[string]map[string]string{}
	if data, err := os.ReadFile(file); err == nil {
		rows, err := csv.NewReader(bytes.NewReader(data)).ReadAll()
		if err != nil {
			return err
		}
		for _, row := range rows[min(1, len(rows)):] {
			old[row[0]] = map[string]string{}
			for i, text := range row[1:] {
				old[row[0]][rows[0][i+1]] = text
			}
		}
	}
	head := []string{"term"}
	var columns []target.Target
	for _, t := range target.All {
		known := slices.ContainsFunc(slices.Collect(maps.Values(old)), func(row map[string]string) bool { _, ok := row[t.Name]; return ok })
		if known || isMeasured(t) {
			head, columns = append(head, t.Name), append(columns, t)
		}
	}
	rows := [][]string{head}
	for _, term := range slices.Sorted(maps.Keys(table)) {
		row := []string{term}
		for _, t := range columns {
			text := "0"
			if isMeasured(t) {
				text = strconv.FormatFloat(table[term][t.Name], 'f', 1, 64)
			} else if was, ok := old[term][t.Name]; ok {
				text = was
			}
			row = append(row, text)
		}
		rows = append(rows, row)
	}
	var b bytes.Buffer
	if err := csv.NewWriter(&b).WriteAll(rows); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}
