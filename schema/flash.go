package schema

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"

	"sprocketc/fsm"
	"sprocketc/ir"
)

// flash.csv says how many bytes each part of the emitted C takes on each target, as `make bench-cost` measured them. No compiler is called here.
//
//go:embed flash.csv
var flashTable string

// FlashTarget is the target whose figures a plan's flash is: the smallest of those measured. Budgets are held against it.
const FlashTarget = "cortex-m0plus"

// Target tells what a target of the table is called.
func Target(name string) string {
	return map[string]string{"cortex-m0plus": "Cortex-M0+", "cortex-m4": "Cortex-M4", "rv32": "RV32IMC", "avr": "AVR"}[name]
}

type flash struct {
	targets []string
	bytes   map[string][]float64 // by term, in the order of the targets
}

var parseFlash = sync.OnceValues(func() (*flash, error) {
	rows, err := csv.NewReader(strings.NewReader(flashTable)).ReadAll()
	if err != nil || len(rows) == 0 || len(rows[0]) < 2 {
		return nil, fmt.Errorf("flash.csv cannot be read: %w", err)
	}
	f := &flash{targets: rows[0][1:], bytes: map[string][]float64{}}
	for _, row := range rows[1:] {
		var values []float64
		for _, text := range row[1:] {
			x, err := strconv.ParseFloat(text, 64)
			if err != nil {
				return nil, fmt.Errorf("flash.csv, %s: %w", row[0], err)
			}
			values = append(values, x)
		}
		f.bytes[row[0]] = values
	}
	return f, nil
})

// FlashTargets are the targets of the table.
func FlashTargets() []string {
	f, err := parseFlash()
	if err != nil {
		return nil
	}
	return slices.Clone(f.targets)
}

// FlashTable is the table: bytes by term and target.
func FlashTable() map[string]map[string]float64 {
	f, err := parseFlash()
	if err != nil {
		return nil
	}
	out := map[string]map[string]float64{}
	for term, bytes := range f.bytes {
		out[term] = map[string]float64{}
		for i, t := range f.targets {
			out[term][t] = bytes[i]
		}
	}
	return out
}

// Flash estimates the bytes of code and constants of a machine in emitted C, with -Os, on each target of the table.
// Schedules of the plan must be set. A part that was never measured counts nothing.
func Flash(p *ir.Plan, s *fsm.System, m *fsm.Machine) map[string]int {
	out := map[string]int{}
	f, err := parseFlash()
	if err != nil {
		return out
	}
	terms := CodeTerms(p, s, m)
	sums := make([]float64, len(f.targets))
	for _, name := range slices.Sorted(maps.Keys(terms)) { // in a fixed order: sums of floats depend on it
		for i, bytes := range f.bytes[name] {
			sums[i] += terms[name] * bytes
		}
	}
	for i, t := range f.targets {
		out[t] = int(math.Round(max(sums[i], 0)))
	}
	return out
}
