/* What a careful firmware engineer writes by hand: request and response with CRC-16, retransmission with back-off, at most one run of a
 * call, no heap, one outstanding call, COBS. Frame: kind|method(1) seq(2,LE) payload crc16(2,LE). A callee that restarts runs old calls again. */
#pragma once
#include <stdint.h>
#include <stddef.h>
#include <stdbool.h>
#include <string.h>
#ifndef RPC_MTU
#define RPC_MTU 48              /* whole frame: 3 header + payload + 2 crc */
#endif
#define RPC_PAYLOAD (RPC_MTU-5)
#define RPC_REPLY 0x80
#ifndef RPC_TRIES
#define RPC_TRIES 8
#endif
#ifndef RPC_RTO0
#define RPC_RTO0 20             /* ticks */
#endif
#ifndef RPC_RTOMAX
#define RPC_RTOMAX 1000
#endif
enum { RPC_IDLE, RPC_BUSY, RPC_DONE, RPC_FAILED };
extern void rpc_tx(const uint8_t *f, uint8_t n);                       /* provided by the port */
typedef struct { uint32_t deadline; uint16_t seq, rto; uint8_t state, tries, n; uint8_t f[RPC_MTU]; } rpc_client;
void rpc_client_init(rpc_client *c, uint16_t nonce);
uint8_t *rpc_args(rpc_client *c);                                      /* where to encode the arguments, in place */
bool rpc_call(rpc_client *c, uint8_t method, uint8_t len, uint32_t now);
void rpc_client_poll(rpc_client *c, uint32_t now);
bool rpc_client_rx(rpc_client *c, const uint8_t *f, uint8_t n);        /* true: reply is in c->f+3, c->n bytes */
typedef struct { uint16_t seq; uint8_t n; bool any; uint8_t f[RPC_MTU]; } rpc_server;   /* f = last reply, kept to answer duplicates */
int rpc_handle(uint8_t method, const uint8_t *in, uint8_t n, uint8_t *out);   /* provided by the app; <0: no such method */
void rpc_server_rx(rpc_server *s, const uint8_t *f, uint8_t n);
uint16_t rpc_crc16(const uint8_t *p, uint8_t n);
/* COBS for a UART */
typedef struct { uint8_t n, left; bool zero, bad; uint8_t b[RPC_MTU]; } cobs_rx;
uint8_t cobs_feed(cobs_rx *d, uint8_t byte);                           /* nonzero: whole frame of that length in d->b */
extern void uart_put(uint8_t b);
void cobs_send(const uint8_t *p, uint8_t n);
