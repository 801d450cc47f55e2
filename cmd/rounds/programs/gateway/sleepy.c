// The gateway in C, over UDP.
#include "sleepy_gateway_posix.h"
#include "gateway.h"

#include <stdio.h>
#include <string.h>

static sleepy_gateway_posix driver;

void sleepy_gateway_done_turn(sleepy_gateway *c, sleepy_gateway_outcome outcome, const uint16_t *result)
{
    char answer[8] = "-";
    (void)c;
    if (result != NULL) {
        (void)snprintf(answer, sizeof answer, "%u", (unsigned)*result);
    }
    ended(outcome, answer);
}

void sleepy_gateway_done_level(sleepy_gateway *c, sleepy_gateway_outcome outcome, const uint16_t *result)
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
    return sleepy_gateway_posix_open(&driver, "127.0.0.1", "0", host, port + 1, store, speed) == 0;
}

bool peer_call(unsigned round)
{
    return sleepy_gateway_call_turn(&driver.core, (uint8_t)(round % 16u), (uint16_t)round, sleepy_gateway_posix_now(&driver)) == SLEEPY_GATEWAY_OK;
}

bool peer_step(void) { return sleepy_gateway_posix_step(&driver, 1000) == 0; }
