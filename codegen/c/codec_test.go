package cgen

import (
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"sprocketc/codegen"
	"sprocketc/ir"
)

// echoMain hands each datagram of its input to a fresh peer and prints what it sends, or why it was dropped. Its handler
// gives back what it was asked with: what goes through the decoder comes back through the encoder.
const echoMain = `
#include "kinds_echo.h"

#include <stdio.h>
#include <string.h>

static kinds_echo peer;

void kinds_echo_port_send(kinds_echo *c, const uint8_t *bytes, size_t n)
{
    (void)c;
    for (size_t i = 0; i < n; i++) {
        printf("%02x", bytes[i]);
    }
}

void kinds_echo_on_everything(kinds_echo *c, const kinds_everything *x)
{
    if (kinds_echo_return_nothing(c, 0) != KINDS_ECHO_BUSY) {
        printf("another call's handler was ended");
    }
    if (kinds_echo_return_everything(c, x, 0) != KINDS_ECHO_OK) {
        printf("not taken");
    }
    if (kinds_echo_return_everything(c, x, 0) != KINDS_ECHO_BUSY) {
        printf("taken twice");
    }
}

void kinds_echo_on_bundles(kinds_echo *c, const kinds_bundles_l *l_, const kinds_bundles_i *i_, const kinds_bundles_bits *b,
    const kinds_bundles_put *p, const kinds_bundles_raw *r, int8_t x, kinds_colour now_)
{
    kinds_bundles_result result = {0};
    (void)l_; (void)i_; (void)b; (void)p; (void)r;
    // What is out of its range is told, and ends the handler without an answer.
    result.size = x > 100 ? 4 : 1;
    result.items[0] = x < -100 ? 3 : now_;
    kinds_echo_status want = x > 100 || x < -100 ? KINDS_ECHO_BAD_ARGUMENT : KINDS_ECHO_OK;
    if (kinds_echo_return_bundles(c, &result, 0) != want || kinds_echo_return_bundles(c, &result, 0) != KINDS_ECHO_BUSY) {
        printf("x %d was returned otherwise", (int)x);
    }
}

void kinds_echo_on_nothing(kinds_echo *c) { kinds_echo_return_nothing(c, 0); }

void kinds_echo_on_scalar(kinds_echo *c, double f, float q) { kinds_echo_return_scalar(c, f > (double)q, 0); }

void kinds_echo_on_flat(kinds_echo *c)
{
    kinds_flat_result result = {{1, 2, 3, 4, 5, 6, 7}};
    kinds_echo_return_flat(c, &result, 0);
}

int main(void)
{
    static char line[1 << 16];
    if (sizeof peer != KINDS_ECHO_RAM) {
        printf("the context is %u bytes\n", (unsigned)sizeof peer);
    }
    while (fgets(line, sizeof line, stdin) != NULL) {
        uint8_t bytes[1 << 15];
        size_t n = 0;
        unsigned x;
        while (sscanf(line + 2 * n, "%2x", &x) == 1) {
            bytes[n++] = (uint8_t)x;
        }
        kinds_echo_start(&peer, 0);
        kinds_echo_receive(&peer, bytes, n, 0);
        for (int i = 0; i < 4; i++) {
            if (peer.dropped[i] > 0u) {
                printf("dropped %d", i);
            }
        }
        printf("\n");
    }
    return 0;
}
`

// Values go through the emitted decoder and encoder and come back the same bytes, and what the reference codec refuses
// is refused, under the address and undefined-behaviour sanitizers.
func TestCodecAgreesWithTheReference(t *testing.T) {
	need(t, "gcc")
	p, sys := handPlan(t, kindsProgram(t), setting{widths: soil().widths, schedule: soil().schedule, sum: 2})
	_, in := inputs(p, sys, "kinds.sprocket")
	dir := t.TempDir()
	write(t, dir, emit(t, in)...)
	write(t, dir, codegen.File{Name: "main.c", Data: []byte(echoMain)})
	run(t, dir, "", "gcc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=all",
		"-o", "echo", "kinds_echo.c", "main.c")
	r := rand.New(rand.NewPCG(3, 4))
	var stdin strings.Builder
	var want []string
	answer := func(fn int, values []any) string {
		for i := range p.Wire {
			if w := &p.Wire[i]; w.Fn == p.Interface.Calls[fn].Name && sys.Message(w.Message).From == "callee" {
				return fmt.Sprintf("%x", datagram(w, nil, ir.Encode(w.Payload, values)))
			}
		}
		return ""
	}
	dropped := map[string]int{"length": 0, "kind": 1, "checksum": 2, "value": 3}
	kinds := map[string]int{}
	lost := 0
	for k := range 3000 {
		w := &p.Wire[r.IntN(len(p.Interface.Calls))]
		values := randomValues(r, w.Payload)
		b := datagram(w, nil, ir.Encode(w.Payload, values))
		if k%2 == 1 {
			b = b[:len(b)-w.Sum]
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
			if r.IntN(4) == 0 {
				b = append(b, 0)[:r.IntN(len(b)+1)]
			}
			b = append(b, checksum(w, b)...)
		}
		fmt.Fprintf(&stdin, "%x\n", b)
		got := takeApart(p, sys, "callee", b)
		kinds[got.why]++
		if got.why != "" {
			want = append(want, fmt.Sprintf("dropped %d", dropped[got.why]))
			continue
		}
		values, err := ir.Decode(got.w.Payload, got.payload)
		if err != nil {
			t.Fatal(err)
		}
		switch got.w.Fn {
		case "everything":
			want = append(want, answer(0, values))
		case "bundles":
			if x := values[5].(int64); x > 100 || x < -100 { // its answer is out of range
				want = append(want, "")
				lost++
			} else {
				want = append(want, answer(1, []any{[]any{values[6]}}))
			}
		case "nothing":
			want = append(want, answer(2, nil))
		case "scalar":
			want = append(want, answer(3, []any{values[0].(float64) > float64(values[1].(float32))}))
		case "flat":
			want = append(want, answer(4, []any{[]any{uint64(1), uint64(2), uint64(3), uint64(4), uint64(5), uint64(6), uint64(7)}}))
		}
	}
	if lost == 0 {
		t.Error("no answer was out of its range")
	}
	got := strings.Split(strings.TrimSuffix(run(t, dir, stdin.String(), filepath.Join(dir, "echo")), "\n"), "\n")
	if len(got) != len(want) {
		t.Fatalf("%d answers to %d datagrams", len(got), len(want))
	}
	sent := strings.Split(stdin.String(), "\n")
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("datagram %d: %s\n got %s\nwant %s", i, sent[i], got[i], want[i])
		}
	}
	for _, why := range []string{"", "length", "value"} {
		if kinds[why] < 20 {
			t.Errorf("only %d datagrams with %q", kinds[why], why)
		}
	}
}
