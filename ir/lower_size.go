package ir

import "sprocketc/diag"

// checkSizes reports each struct and message that is larger than MaxPayload, at the field that makes it so.
func checkSizes(p *Program) []diag.Diagnostic {
	var report diag.Report
	limit := newLimit()
	tooLarge := map[*Struct]bool{}
	check := func(fields []Field, what string, at Clause) bool {
		i := limit.exceeded(fields)
		if i < 0 {
			return false
		}
		if inner := innermost(fields[i].Type).Struct; inner == nil || !tooLarge[inner] { // else its own report is enough
			report.Errorf("too-large", fields[i].Clause.Span, "with this", "%s is larger than %d MiB", what, MaxPayload>>20).And(at.Span, "in this")
		}
		return true
	}
	// An inner struct is judged before those that contain it, whatever their order in the text.
	done := map[*Struct]bool{}
	var visit func(s *Struct)
	visit = func(s *Struct) {
		if s == nil || done[s] {
			return
		}
		done[s] = true
		for _, f := range s.Fields {
			visit(innermost(f.Type).Struct)
		}
		tooLarge[s] = check(s.Fields, "struct `"+s.Name+"`", s.Clause)
	}
	for _, s := range p.Structs {
		visit(s)
	}
	for _, i := range p.Interfaces {
		for _, c := range i.Calls {
			check(c.Params, "the request of `"+c.Name+"`", c.Clause)
			if c.Result != nil {
				check([]Field{{Type: c.Result, Clause: c.Clause}}, "the answer of `"+c.Name+"`", c.Clause)
			}
		}
	}
	diag.Sort(report.List)
	return report.List
}

// innermost is the type within arrays, lists and options.
func innermost(t *Type) *Type {
	for t.Elem != nil {
		t = t.Elem
	}
	return t
}
