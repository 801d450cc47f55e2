// The desk in C, over UDP.
#include "minted_desk_posix.h"
#include "gateway.h"
#include "steps.h"

#include <stdio.h>
#include <string.h>

static minted_desk_posix driver;

void minted_desk_done_strike(minted_desk *c, minted_desk_outcome outcome, const uint16_t *result)
{
    char answer[8] = "-";
    (void)c;
    if (result != NULL) {
        (void)snprintf(answer, sizeof answer, "%u", (unsigned)*result);
    }
    ended(outcome, answer);
}

void minted_desk_late_strike(minted_desk *c, minted_desk_outcome outcome, uint32_t serial, const uint16_t *result)
{
    char line[48];
    (void)c;
    (void)outcome;
    (void)snprintf(line, sizeof line, "gateway late %u %u\n", (unsigned)serial, result == NULL ? 0u : (unsigned)*result);
    note(line);
    step();
}

void minted_desk_done_stock(minted_desk *c, minted_desk_outcome outcome, const uint16_t *result)
{
    (void)c;
    (void)outcome;
    (void)result;
}

bool peer_open(const char *line, const char *store, uint32_t speed)
{
    char host[64];
    char *port;
    (void)snprintf(host, sizeof host, "%s", line);
    port = strrchr(host, ':');
    if (port == NULL) {
        return false;
    }
    *port = '\0';
    return minted_desk_posix_open(&driver, "127.0.0.1", "0", host, port + 1, store, speed) == 0;
}

bool peer_call(unsigned round) { return minted_desk_call_strike(&driver.core, round, minted_desk_posix_now(&driver)) == MINTED_DESK_OK; }

bool peer_step(void) { return minted_desk_posix_step(&driver, 1000) == 0; }
