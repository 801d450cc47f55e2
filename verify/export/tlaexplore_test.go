package export_test

import (
	"slices"
	"strconv"
	"strings"

	"sprocketc/verify/export"
)

// exploreTLA searches all states of a module, and gives their number and the invariants that do not hold somewhere. It
// ends where it has found as many of these as are wanted; with 0 it does not end before the last state.
func exploreTLA(text, config string, limit, wanted int) (states int, broken []string) {
	r := readTLA(text)
	e := tlaStandard()
	capacity := 0
	var invariants []string
	for line := range strings.Lines(config) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "CONSTANT Capacity = "); ok {
			capacity, _ = strconv.Atoi(n)
		}
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "INVARIANT "); ok {
			invariants = append(invariants, n)
		}
	}
	e = e.set("Capacity", tInt(capacity))
	body := map[string]*tlaNode{}
	state := &tlaOp{}
	e = &tlaEnv{r.vars[0], state, e}
	for _, d := range r.defs {
		o := &tlaOp{params: d.params, body: d.body}
		e = &tlaEnv{d.name, o, e}
		o.env = e // it may call itself
		body[d.name] = d.body
	}
	// Init is `s \in S`, Next is `s.broken = {} /\ \E w \in S : s' = w`
	first := e.eval(body["Init"].args[1]).elems()
	next := body["Next"].args[1].args[0]
	seen := map[string]bool{}
	var todo []*tlaValue
	add := func(v *tlaValue) {
		if !seen[v.text] {
			seen[v.text] = true
			todo = append(todo, v)
		}
	}
	for _, v := range first {
		add(v)
	}
	enough := func() bool {
		n := len(broken)
		if slices.Contains(broken, "Holds_"+export.Representation) {
			n-- // of no property: what breaks one may still come
		}
		return wanted > 0 && n >= wanted
	}
	for i := 0; i < len(todo) && len(todo) <= limit && !enough(); i++ {
		state.once = todo[i]
		for _, inv := range invariants {
			if !e.eval(body[inv]).yes() && !slices.Contains(broken, inv) {
				broken = append(broken, inv)
			}
		}
		if len(todo[i].apply(tString("broken")).elems()) == 0 {
			for _, v := range e.eval(next).elems() {
				add(v)
			}
		}
	}
	return len(todo), broken
}
