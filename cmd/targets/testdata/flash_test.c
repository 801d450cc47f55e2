// Tries board/flash.c on the host, with an array for the memory of the board.
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"

static uint32_t array[4096];
#undef REG32
#define REG32(at) array[(at) / 4u]
#define FLASH_MEMORY 0u
#include "flash.c"

struct orders orders;
static jmp_buf power;
static uint32_t steps;
void board_off(void) { longjmp(power, 1); }
void board_step(void) { steps++; }
void board_fail(const char *why) { fprintf(stderr, "%s\n", why); exit(1); }

static void check(int holds, const char *what)
{
    if (!holds) {
        fprintf(stderr, "%s\n", what);
        exit(1);
    }
}

int main(void)
{
    uint8_t a[8] = {1, 2, 3, 4, 5, 6, 7, 8}, b[8], c[8];
    memset(array, 0xff, sizeof array);
    check(flash_read(3, b, 8) && b[0] == 0xff && b[7] == 0xff, "erased memory is ones");
    check(flash_write(3, a, 7) && flash_read(3, b, 7) && memcmp(a, b, 7) == 0, "what was written is there");
    check(steps == 4, "two halves of an erasure and two words are steps");
    check(flash_read(4, c, 8) && c[0] == 0xff, "another slot is as it was");
    check(!program(3 * 64, 0xffffffffu), "a bit is set without an erasure");
    check(program(3 * 64, 0), "bits are cleared");
    check(!flash_write(64, a, 1) && !flash_read(0, a, 65), "a slot beyond the flash");
    orders.word = 4 + 1 + 3; // two programs above counted one word
    if (setjmp(power) == 0) {
        check(flash_write(3, a, 8) && false, "power does not fail");
    }
    flash_read(3, b, 8);
    check(memcmp(a, b, 4) == 0 && b[4] == 0xff, "power fails behind the first word");
    orders.word = 0;
    ledger_start();
    check(ledger_count() == 0, "a new ledger has entries");
    check(ledger_add(7, 5, a, 8) && ledger_count() == 1 && ledger_serial(0) == 7, "an entry is there");
    check(flash_read(5, b, 8) && memcmp(a, b, 8) == 0, "the record is in its slot");
    return 0;
}
