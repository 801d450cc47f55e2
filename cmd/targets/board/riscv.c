// Start, clock and line of QEMU's RISC-V board "virt": a 16550, which is polled, and the machine's timer, which ends a sleep.
#include "board.h"

#define UART 0x10000000u
#define TIME 0x0200bff8u     // 10 MHz
#define DEADLINE 0x02004000u // of the first hart
#define PER_MS 10000u

extern uint32_t data_from[], data_start[], data_end[], bss_start[], bss_end[];
int main(void);
void start_in_c(void);

__attribute__((naked, section(".vectors"), used)) static void start(void)
{
    __asm__ volatile("la sp, stack_top\n\tj start_in_c");
}

__attribute__((interrupt, aligned(4))) static void trap(void) { board_fail("trap"); }

__attribute__((used)) void start_in_c(void)
{
    uint32_t *from = data_from;
    for (uint32_t *to = data_start; to < data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = bss_start; to < bss_end; to++) {
        *to = 0;
    }
    __asm__ volatile("csrw mtvec, %0" ::"r"(trap));
    host_start();
    board_end(main());
}

static uint64_t ticks(void)
{
    uint32_t high, low;
    do {
        high = REG32(TIME + 4);
        low = REG32(TIME);
    } while (high != REG32(TIME + 4));
    return (uint64_t)high << 32 | low;
}

void board_start(void)
{
    REG8(UART + 1) = 0; // no interrupt
    REG8(UART + 2) = 1; // with its FIFO
    __asm__ volatile("csrw mie, %0" ::"r"(1u << 7)); // the timer ends wfi; it does not interrupt, since mstatus.MIE is off
}

uint32_t board_now(void) { return (uint32_t)(ticks() * SPEED / PER_MS); }

int board_get(void) { return (REG8(UART + 5) & 1u) != 0u ? (int)REG8(UART) : -1; }

void board_put(uint8_t byte)
{
    while ((REG8(UART + 5) & 0x20u) == 0u) {
    }
    REG8(UART) = byte;
}

void board_wait(uint32_t ms)
{
    if (ms > 0u) {
        uint64_t at = ticks() + PER_MS;
        REG32(DEADLINE + 4) = UINT32_MAX;
        REG32(DEADLINE) = (uint32_t)at;
        REG32(DEADLINE + 4) = (uint32_t)(at >> 32);
        __asm__ volatile("wfi");
    }
}

intptr_t host_call(uintptr_t operation, const void *argument)
{
    register uintptr_t a0 __asm__("a0") = operation;
    register const void *a1 __asm__("a1") = argument;
    __asm__ volatile(".option push\n\t.option norvc\n\t.balign 16\n\tslli x0, x0, 0x1f\n\tebreak\n\tsrai x0, x0, 7\n\t.option pop"
                     : "+r"(a0)
                     : "r"(a1)
                     : "memory");
    return (intptr_t)a0;
}
