package compile

import (
	"sprocketc/fsm"
	"sprocketc/schema"
)

// CodeTerms counts what the code of a result's machine consists of, as far as its size depends on it.
func CodeTerms(r *Result, m *fsm.Machine) map[string]float64 {
	return schema.CodeTerms(r.Plan, r.System, m)
}

// FlashTable is what the solver knows of code's size: bytes by term and target.
func FlashTable() map[string]map[string]float64 { return schema.FlashTable() }
