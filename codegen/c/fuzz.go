package cgen

import (
	_ "embed"
	"encoding/binary"
	"fmt"

	"sprocketc/codegen"
)

//go:embed rt/fuzz/input.c
var fuzzInput string

// fuzzers are how the harness is compiled: what is no number may be converted, all else that is undefined ends the run.
const fuzzers = "clang -std=c99 -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all"

// EmitFuzz prints <protocol>_<peer>_fuzz.c, a target of libFuzzer for the core that Emit printed, and over a serial line for its
// framing too. A program and a port do what the harness of EmitProof has them do, step by step as the input says: the first
// number of an input is how many bytes the hooks draw, which come next; then come the steps, each the number of its bytes, which
// of FuzzSteps it is, and what it draws. Stable memory keeps what is written, unless the hooks draw something else.
func EmitFuzz(in codegen.Input) (codegen.File, error) {
	g, err := newGen(in)
	if err != nil {
		return codegen.File{}, err
	}
	return codegen.File{Name: g.name + "_fuzz.c", Data: []byte(g.fuzz())}, g.err()
}

// FuzzSteps names the steps of the harness, by the number that stands in an input: those of a program ("start", "receive", "poll",
// "call NAME", "return NAME" …), and over a serial line "serial start" and "take", which draw a time and then bytes of the line.
func FuzzSteps(in codegen.Input) ([]string, error) {
	g, err := newGen(in)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, s := range g.fuzzSteps() {
		out = append(out, s.name)
	}
	return out, nil
}

// FuzzNumber is a number as an input has it.
func FuzzNumber(n uint64) []byte {
	if n < 0xf8 {
		return []byte{byte(n)}
	}
	b := binary.LittleEndian.AppendUint64(nil, n)
	size := 8
	for size > 1 && b[size-1] == 0 {
		size--
	}
	return append([]byte{byte(0xf8 + size - 1)}, b[:size]...)
}

// FuzzStep is a step as an input has it: its number, and what it draws.
func FuzzStep(number int, draws ...[]byte) []byte {
	body := []byte{byte(number)}
	for _, d := range draws {
		body = append(body, d...)
	}
	return append(FuzzNumber(uint64(len(body))), body...)
}

// fuzzSteps are those of the proof, and those of a line.
func (g *gen) fuzzSteps() []proofStep {
	out := g.proofSteps("fuzz_return_")
	if g.serial() {
		out = append(out, proofStep{"serial start", []string{g.name + "_serial_start(&fuzz_line, (uint32_t)prove_any);"}},
			proofStep{"take", []string{"uint32_t now = (uint32_t)prove_any;", "while (fuzz_steps.left > 0u) {",
				g.name + "_serial_take(&fuzz_line, fuzz_byte(&fuzz_steps), now);", "}"}})
	}
	return out
}

func (g *gen) fuzz() string {
	var t, body text
	stable := g.in.Plan.Peers[g.in.Peer.Name].Stable
	draw := func(from string) {
		body.p("#define prove_any fuzz_any(&%s)", from)
		body.p("#define prove_any_float fuzz_float(&%s)", from)
		body.p("#define prove_fill(bytes, n) fuzz_fill(&%s, (bytes), (n))", from)
	}
	draw("fuzz_hooks")
	body.p("")
	g.proofHooks(&body, true)
	for _, m := range []string{"prove_any", "prove_any_float", "prove_fill"} {
		body.p("#undef %s", m)
	}
	draw("fuzz_steps")
	body.p("")
	if !g.caller {
		for _, c := range g.calls {
			g.proofReturn(&body, c, "fuzz_return_")
		}
	}
	body.doc("A datagram of as many bytes as the step has, in memory of its own: the sanitizer sees what is read beside it.")
	body.p("static void prove_receive(void)")
	body.p("{")
	body.p("uint32_t now = (uint32_t)prove_any;")
	body.p("size_t n = fuzz_steps.left;")
	body.p("uint8_t *datagram = malloc(n);")
	body.p("if (datagram != NULL) {")
	body.p("fuzz_fill(&fuzz_steps, datagram, n);")
	body.p("%s_receive(&prove_peer, datagram, n, now);", g.name)
	body.p("}")
	body.p("free(datagram);")
	body.p("}")
	body.p("")
	g.fuzzMain(&body, stable)

	file, header := g.name, g.name
	if g.serial() {
		file, header = g.name+".c "+g.name+"_serial", g.name+"_serial"
	}
	t.p("%s", g.firstLine())
	t.p("//")
	t.doc(fmt.Sprintf("A target of libFuzzer: whatever a program may do with %s, as the input says.", g.name))
	t.p("//")
	t.p("//     %s -o %s_fuzz %s.c %s_fuzz.c", fuzzers, g.name, file, g.name)
	t.p("//")
	t.p(`#include "%s.h"`, header)
	t.p("")
	t.p("#include <stdlib.h>")
	t.p("#include <string.h>")
	t.p("")
	t.b.WriteString(fuzzInput)
	t.p("")
	t.p("static volatile uint64_t prove_seen;")
	if g.serial() {
		t.p("static %s_serial fuzz_line;", g.name)
		t.p("#define prove_peer (fuzz_line.core)")
	} else {
		t.p("static %s prove_peer;", g.name)
	}
	if stable > 0 {
		t.p("static uint8_t fuzz_store[%d];", stable)
	}
	t.p("")
	t.b.WriteString(proofRead(body.String()))
	t.b.WriteString(body.String())
	return layout(t.String())
}

// fuzzMain prints what libFuzzer calls.
func (g *gen) fuzzMain(t *text, stable int) {
	steps := g.fuzzSteps()
	t.p("int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);")
	t.p("")
	t.p("int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)")
	t.p("{")
	t.p("fuzz_input = (struct fuzz_stream){data, size};")
	t.p("fuzz_hooks = fuzz_cut(&fuzz_input, fuzz_any(&fuzz_input));")
	t.p("fuzz_steps = (struct fuzz_stream){data, 0};")
	if stable > 0 {
		t.p("memset(fuzz_store, 0, sizeof fuzz_store);")
	}
	if g.serial() {
		t.p("memset(&fuzz_line, 0, sizeof fuzz_line);")
		t.p("%s_serial_start(&fuzz_line, 0);", g.name)
	} else {
		t.p("memset(&prove_peer, 0, sizeof prove_peer);")
		t.p("%s_start(&prove_peer, 0);", g.name)
	}
	t.p("while (fuzz_input.left > 0u) {")
	t.p("fuzz_steps = fuzz_cut(&fuzz_input, fuzz_any(&fuzz_input));")
	g.proofSwitch(t, steps)
	t.p("}")
	t.p("return 0;")
	t.p("}")
}
