package main

import (
	"fmt"
	"math/rand"
	"strings"
)

// program is the text of a random program in which about every feature and type comes about as often as not. With lanes, several
// of its calls are outstanding.
func program(r *rand.Rand, lanes bool) string {
	var b strings.Builder
	pick := func(of ...string) string { return of[r.Intn(len(of))] }
	maybe := func(p float64, format string, args ...any) {
		if r.Float64() < p {
			fmt.Fprintf(&b, "    "+format+"\n", args...)
		}
	}
	b.WriteString("protocol sized\n")
	types := []string{"u8", "u16", "u32", "u8", "u16", "bool", "i16", "u64", "f32", "u16 in 0..1000", "u8 in 0..100", "i16 in -40..125", "text max 24", "bytes max 16",
		"bytes[8]", "u8[4]", "list of u16 max 5", "u16?", "Mood", "Mood"}
	fmt.Fprintf(&b, "enum Mood { %s }\n", strings.Join([]string{"done", "dry", "stuck", "late", "lost"}[:2+r.Intn(4)], ", "))
	for _, name := range []string{"First", "Second"} {
		fmt.Fprintf(&b, "struct %s {\n", name)
		for i := range 1 + r.Intn(5) {
			fmt.Fprintf(&b, "    f%d %s\n", i, pick(types...))
		}
		b.WriteString("}\n")
	}
	overtakes := r.Float64() < 0.5
	for _, name := range []string{"a", "b"} {
		fmt.Fprintf(&b, "peer %s {\n    emit c\n", name)
		// What survives a crash is enough for a plan: only where nothing overtakes does a random epoch do.
		crashes, memory := r.Float64() < 0.7, r.Float64() < 0.75 || lanes
		if crashes {
			b.WriteString("    crashes\n")
		}
		if memory {
			b.WriteString("    stable 100B\n")
		}
		if crashes && !memory {
			b.WriteString("    entropy 32 bits\n")
			overtakes = false
		} else {
			maybe(0.1, "entropy 32 bits")
		}
		b.WriteString("}\n")
	}
	b.WriteString("channel c {\n    between a and b\n")
	maybe(0.8, "loses 20%%")
	maybe(0.5, "repeats")
	if overtakes {
		fmt.Fprintf(&b, "    reorders within %d\n", 1+r.Intn(4))
	}
	maybe(0.6, "corrupts%s", pick("", "", " unseen 1%", " unseen 0.0001%"))
	maybe(0.7, "delays %s", pick("1ms..5ms", "10ms..400ms"))
	maybe(0.3, "lives 60s")
	if !lanes {
		maybe(0.5, "rate max 20/s")
	}
	b.WriteString("}\ninterface I from a to b on c {\n")
	fmt.Fprintf(&b, "    optimise %s\n", pick("bytes", "bytes", "bytes", "wear", "ram", "latency"))
	types = append(types, "First", "Second", "First")
	for i := range 1 + min(r.Intn(5), r.Intn(5)) {
		var params []string
		for k := range r.Intn(4) {
			params = append(params, fmt.Sprintf("p%d %s", k, pick(types...)))
		}
		fmt.Fprintf(&b, "    call f%d(%s) %s {\n", i, strings.Join(params, ", "), pick("", "bool", pick(types...), pick(types...)))
		kind := pick("pure", "idempotent", "effect", "effect", "effect exactly once")
		if lanes {
			kind = pick("effect", "effect; ordered")
		}
		b.WriteString("        " + kind + "\n")
		if kind == "idempotent" {
			maybe(0.3, "    commutes")
		}
		if kind == "pure" {
			maybe(0.3, "    cache %d for 10s", []int{1, 4, 16}[r.Intn(3)])
		}
		if lanes && i == 0 {
			maybe(1, "    pipelined max %d", 2+r.Intn(3))
		}
		maybe(0.2, "    log %d", []int{4, 8, 16}[r.Intn(3)])
		maybe(0.4, "    within %s", pick("3s at 99%", "5s", "10s"))
		b.WriteString("    }\n")
	}
	b.WriteString("}\n")
	return b.String()
}
