// The host by semihosting (ARM: Semihosting for AArch32 and AArch64, 2.0; RISC-V: the same calls): orders from the command line of
// the emulator, lines to its console, and the end of the emulator.
#include "board.h"

enum { SYS_WRITE0 = 0x04, SYS_GET_CMDLINE = 0x15, SYS_EXIT_EXTENDED = 0x20 };
enum { APPLICATION_EXIT = 0x20026 };

struct orders orders;
static uint32_t steps;

static void leave(uintptr_t status)
{
    const uintptr_t block[2] = {APPLICATION_EXIT, status};
    (void)host_call(SYS_EXIT_EXTENDED, block);
    for (;;) {
    }
}

void board_off(void) { leave(77); }

void board_fail(const char *why)
{
    static bool told;
    if (!told) {
        told = true;
        note(why, NULL, 0);
    }
    leave(99);
}

void board_end(int status)
{
    (void)status;
    board_fail("halted");
}

// The value behind a name in the command line, ended by a blank; NULL where the name is not there.
static const char *value_of(const char *line, const char *name)
{
    for (; *line != '\0'; line++) {
        size_t i = 0;
        while (name[i] != '\0' && line[i] == name[i]) {
            i++;
        }
        if (name[i] == '\0') {
            return line + i;
        }
    }
    return NULL;
}

static uint32_t number_of(const char *line, const char *name)
{
    uint32_t n = 0;
    const char *at = value_of(line, name);
    for (; at != NULL && *at >= '0' && *at <= '9'; at++) {
        n = n * 10u + (uint32_t)(*at - '0');
    }
    return n;
}

static void text_of(const char *line, const char *name, char *to, size_t max)
{
    size_t n = 0;
    const char *at = value_of(line, name);
    for (; at != NULL && *at != '\0' && *at != ' ' && n + 1u < max; at++) {
        to[n++] = *at;
    }
    to[n] = '\0';
}

void host_start(void)
{
    static char line[512];
    uintptr_t asked[2] = {(uintptr_t)line, sizeof line - 1u};
    if (host_call(SYS_GET_CMDLINE, asked) != 0) {
        leave(98);
    }
    orders.last = number_of(line, "last=");
    orders.word = number_of(line, "word=");
    orders.random = number_of(line, "random=");
    orders.dump = number_of(line, "dump=");
    text_of(line, "flash=", orders.flash, sizeof orders.flash);
}

void board_say(const char *line) { (void)host_call(SYS_WRITE0, line); }

void board_step(void)
{
    if (++steps == orders.last) {
        board_off();
    }
}

void board_entropy(uint8_t *bytes, size_t n)
{
    static uint32_t state; // Marsaglia's xorshift (2003)
    for (size_t i = 0; i < n; i++) {
        if (state == 0u) {
            state = orders.random | 1u;
        }
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        bytes[i] = (uint8_t)(state >> 24);
    }
}
