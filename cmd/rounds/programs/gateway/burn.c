// The host in C, over a terminal.
#include "burn_host_posix.h"
#include "gateway.h"

static burn_host_posix driver;

void burn_host_done_burn(burn_host *c, burn_host_outcome outcome, const bool *result)
{
    (void)c;
    ended(outcome, result == NULL ? "-" : *result ? "true" : "false");
}

void burn_host_done_serial(burn_host *c, burn_host_outcome outcome, const uint32_t *result)
{
    (void)c;
    (void)outcome;
    (void)result;
}

bool peer_open(const char *line, const char *store, uint32_t speed) { return burn_host_posix_open(&driver, line, 0, store, speed) == 0; }

bool peer_call(unsigned round) { return burn_host_call_burn(&driver.line.core, (uint8_t)(round % 32u), burn_host_posix_now(&driver)) == BURN_HOST_OK; }

bool peer_step(void) { return burn_host_posix_step(&driver, 1000) == 0; }
