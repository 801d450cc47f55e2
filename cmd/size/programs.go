package main

import (
	"fmt"
	"strings"
)

// A record is the argument and the result of one function: four fields, in four shapes, each with a codec of its own.
type record struct {
	i             int
	ts, raw, name int // bits, bits, bytes at most
}

func records(n int) []record {
	var out []record
	for i := range n {
		out = append(out, record{i, []int{32, 16, 32, 32}[i%4], []int{16, 32, 8, 16}[i%4], []int{32, 16, 24, 8}[i%4]})
	}
	return out
}

// each prints a text for every record: $i is its number, $ts and $raw are bits, $name is bytes.
func each(n int, format string) string {
	var b strings.Builder
	for _, r := range records(n) {
		b.WriteString(strings.NewReplacer("$i", fmt.Sprint(r.i), "$ts", fmt.Sprint(r.ts), "$raw", fmt.Sprint(r.raw), "$name", fmt.Sprint(r.name)).Replace(format))
	}
	return b.String()
}

// program is what sprocketc compiles: at most one run of a call over a bad serial line, as the code by hand has it.
func program(n int) string {
	return "protocol sized\n" + each(n, "struct R$i { ts u$ts; raw u$raw; flags u8; name bytes max $name }\n") + `
peer hub  { emit c }
peer node { emit c }

channel line { between hub and node; over serial; unit max 64B; loses 5%; corrupts unseen 0.01%; delays 1ms..20ms }

interface Sized from hub to node on line {
` + each(n, "    call f$i(x R$i) R$i { effect; within 5s }\n") + "}\n"
}

// Firmware for emitted peers. Each handler answers with what it was given, altered; each answer is kept.
func emittedHub(n int) string {
	return `#include "common.h"
#include "sized_hub_serial.h"
static sized_hub_serial line;
` + each(n, "static sized_r$i r$i;\n") + `
void sized_hub_port_put(sized_hub *c, const uint8_t *bytes, size_t n)
{
    (void)c;
    for (size_t i = 0; i < n; i++) {
        uart_put(bytes[i]);
    }
}
` + each(n, `
void sized_hub_done_f$i(sized_hub *c, sized_hub_outcome outcome, const sized_r$i *result)
{
    (void)c;
    (void)outcome;
    if (result != NULL) {
        r$i = *result;
        r$i.ts++;
    }
}
`) + `
int main(void)
{
    sized_hub_serial_start(&line, tick());
    for (;;) {
        sized_hub_poll(&line.core, tick());
        sized_hub_serial_take(&line, uart_get(), tick());
        switch (uart_get()) {
` + each(n, `        case $i:
            (void)sized_hub_call_f$i(&line.core, &r$i, tick());
            break;
`) + "        }\n    }\n}\n"
}

func emittedNode(n int) string {
	return `#include "common.h"
#include "sized_node_serial.h"
static sized_node_serial line;
` + each(n, "static sized_r$i r$i;\n") + `
void sized_node_port_put(sized_node *c, const uint8_t *bytes, size_t n)
{
    (void)c;
    for (size_t i = 0; i < n; i++) {
        uart_put(bytes[i]);
    }
}
` + each(n, `
void sized_node_on_f$i(sized_node *c, const sized_r$i *x)
{
    r$i = *x;
    r$i.ts++;
    (void)sized_node_return_f$i(c, &r$i, tick());
}
`) + `
int main(void)
{
    sized_node_serial_start(&line, tick());
    for (;;) {
        sized_node_poll(&line.core, tick());
        sized_node_serial_take(&line, uart_get(), tick());
    }
}
`
}

// handCodec is a packed codec as one writes it: the fields least significant byte first, then a size and so many bytes.
func handCodec(n int) string {
	var b strings.Builder
	for _, r := range records(n) {
		fmt.Fprintf(&b, "typedef struct { uint%d_t ts; uint%d_t raw; uint8_t flags, len, name[%d]; } rec%d;\nstatic rec%d r%d;\n", r.ts, r.raw, r.name, r.i, r.i, r.i)
		var out, in strings.Builder
		at := 0
		for _, f := range []struct {
			name string
			bits int
		}{{"ts", r.ts}, {"raw", r.raw}, {"flags", 8}} {
			var parts []string
			for shift := 0; shift < f.bits; shift += 8 {
				fmt.Fprintf(&out, "b[%d] = (uint8_t)(r->%s >> %d);\n", at, f.name, shift)
				parts = append(parts, fmt.Sprintf("(uint32_t)b[%d] << %d", at, shift))
				at++
			}
			fmt.Fprintf(&in, "r->%s = (uint%d_t)(%s);\n", f.name, f.bits, strings.Join(parts, " | "))
		}
		fmt.Fprintf(&b, "static size_t enc%d(uint8_t *b, const rec%d *r)\n{\n%suint8_t n = r->len > %d ? %d : r->len;\nb[%d] = n;\nmemcpy(b + %d, r->name, n);\nreturn %du + n;\n}\n",
			r.i, r.i, out.String(), r.name, r.name, at, at+1, at+1)
		fmt.Fprintf(&b, "static bool dec%d(rec%d *r, const uint8_t *b, size_t n)\n{\nif (n < %d || b[%d] > %d || n != %du + b[%d]) {\nreturn false;\n}\n%sr->len = b[%d];\nmemcpy(r->name, b + %d, r->len);\nreturn true;\n}\n",
			r.i, r.i, at+1, at, r.name, at+1, at, in.String(), at, at+1)
	}
	return b.String()
}

const handHead = `#include "common.h"
#include "hand_rpc.h"
void rpc_tx(const uint8_t *f, uint8_t n)
{
    cobs_send(f, n);
}
static cobs_rx rx;
`

// handHub is the caller by hand: kept is what takes an answer apart, sent what makes a request.
func handHub(codec, kept, sent string) string {
	return handHead + "static rpc_client cl;\n" + codec + `
int main(void)
{
    rpc_client_init(&cl, (uint16_t)tick());
    for (;;) {
        rpc_client_poll(&cl, tick());
        uint8_t k = cobs_feed(&rx, uart_get());
        if (k > 0 && rpc_client_rx(&cl, rx.b, k)) {
            uint8_t method = cl.f[0];
` + kept + `
        }
        uint8_t method = uart_get();
        if (cl.state != RPC_BUSY) {
` + sent + `
        }
    }
}
`
}

// handNode is the callee by hand, run what its handlers do: they take in apart and leave the answer in out.
func handNode(codec, run string) string {
	return handHead + "static rpc_server sv;\n" + codec + `
int rpc_handle(uint8_t method, const uint8_t *in, uint8_t n, uint8_t *out)
{
` + run + `
    return -1;
}

int main(void)
{
    for (;;) {
        uint8_t k = cobs_feed(&rx, uart_get());
        if (k > 0) {
            rpc_server_rx(&sv, rx.b, k);
        }
    }
}
`
}

func packedHub(n int) string {
	return handHub(handCodec(n), "switch (method) {\n"+each(n, "case $i:\nif (dec$i(&r$i, rpc_args(&cl), cl.n)) {\nr$i.ts++;\n}\nbreak;\n")+"}\n",
		"switch (method) {\n"+each(n, "case $i:\nrpc_call(&cl, $i, (uint8_t)enc$i(rpc_args(&cl), &r$i), tick());\nbreak;\n")+"}\n")
}

func packedNode(n int) string {
	return handNode(handCodec(n), "switch (method) {\n"+each(n, "case $i:\nif (!dec$i(&r$i, in, n)) {\nreturn -1;\n}\nr$i.ts++;\nreturn (int)enc$i(out, &r$i);\n")+"}\n")
}

// For nanopb the messages are a text for its generator, and the code around it is the same.
func protoText(n int) string {
	return "syntax = \"proto3\";\n" + each(n, "message R$i { uint32 ts = 1; uint32 raw = 2; uint32 flags = 3; bytes name = 4; }\n")
}

func protoOptions(n int) string {
	return each(n, "R$i.ts int_size:IS_$ts\nR$i.raw int_size:IS_$raw\nR$i.flags int_size:IS_8\nR$i.name max_size:$name\n")
}

func nanopbCodec(n int) string {
	return `#include <pb_decode.h>
#include <pb_encode.h>
#include "sized.pb.h"
` + each(n, "static R$i r$i;\n") + "static const struct { const pb_msgdesc_t *of; void *at; } kinds[] = {\n" + each(n, "{R$i_fields, &r$i},\n") + fmt.Sprintf(`};
static bool dec(uint8_t method, const uint8_t *b, size_t n)
{
    pb_istream_t in = pb_istream_from_buffer(b, n);
    return method < %d && pb_decode(&in, kinds[method].of, kinds[method].at);
}
static size_t enc(uint8_t method, uint8_t *b)
{
    pb_ostream_t out = pb_ostream_from_buffer(b, RPC_PAYLOAD);
    return pb_encode(&out, kinds[method].of, kinds[method].at) ? out.bytes_written : 0;
}
`, n)
}

// alter is what is done with a record that has come, whichever it is.
func alter(n int) string {
	return "switch (method) {\n" + each(n, "case $i:\nr$i.ts++;\nbreak;\n") + "}\n"
}

func nanopbHub(n int) string {
	return handHub(nanopbCodec(n), "if (dec(method, rpc_args(&cl), cl.n)) {\n"+alter(n)+"}\n",
		fmt.Sprintf("if (method < %d) {\nrpc_call(&cl, method, (uint8_t)enc(method, rpc_args(&cl)), tick());\n}\n", n))
}

func nanopbNode(n int) string {
	return handNode(nanopbCodec(n), "if (dec(method, in, n)) {\n"+alter(n)+"return (int)enc(method, out);\n}\n")
}
