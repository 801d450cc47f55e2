// What the gateways in C share: the rounds, as in ../_gateway/main.go.
#ifndef GATEWAY_H
#define GATEWAY_H

#include <stdbool.h>
#include <stdint.h>

// A program's gateway: it opens its peer, makes the call of a round, and lets the peer go on for a while.
bool peer_open(const char *line, const char *store, uint32_t speed);
bool peer_call(unsigned round);
bool peer_step(void);

// The call of the round has ended, with an outcome of the emitted enumeration and the answer as a word.
void ended(unsigned outcome, const char *answer);

#endif
