// Start, clock and line of Cortex-M boards: SysTick counts time, and the line's interrupt fills a ring.
#include "board.h"

#if defined(BOARD_MPS2) // AN385, AN386: CMSDK UART
#define UART 0x40004000u
#define LINE_IRQ 0u
#define CLOCK 25000000u
#elif defined(BOARD_AN505) // the same UART in secure space
#define UART 0x50200000u
#define LINE_IRQ 32u
#define CLOCK 20000000u
#elif defined(BOARD_MICROBIT) // UART of the nRF51
#define UART 0x40002000u
#define LINE_IRQ 2u
#define CLOCK 16000000u
#endif

#if defined(BOARD_MICROBIT)

static void uart_start(void)
{
    REG32(UART + 0x500) = 4;       // enabled
    REG32(UART + 0x304) = 1u << 2; // an interrupt for each byte
    REG32(UART + 0x000) = 1;       // receives
    REG32(UART + 0x008) = 1;       // sends
    REG32(UART + 0x11c) = 0;
}

static int uart_get(void)
{
    if (REG32(UART + 0x108) == 0u) {
        return -1;
    }
    REG32(UART + 0x108) = 0;
    return (int)(REG32(UART + 0x518) & 0xffu);
}

void board_put(uint8_t byte)
{
    REG32(UART + 0x11c) = 0;
    REG32(UART + 0x51c) = byte;
    while (REG32(UART + 0x11c) == 0u) {
    }
}

static void uart_quiet(void) {}

#else

static void uart_start(void)
{
    REG32(UART + 0x10) = 16; // the least divisor
    REG32(UART + 0x08) = 0xb; // sends, receives, an interrupt for each byte
}

static int uart_get(void) { return (REG32(UART + 4) & 2u) != 0u ? (int)(REG32(UART) & 0xffu) : -1; }

void board_put(uint8_t byte)
{
    while ((REG32(UART + 4) & 1u) != 0u) {
    }
    REG32(UART) = byte;
}

static void uart_quiet(void) { REG32(UART + 0x0c) = 2; }

#endif

extern uint32_t data_from[], data_start[], data_end[], bss_start[], bss_end[], stack_top[];
int main(void);

static volatile uint32_t now;
static volatile uint8_t ring[256];
static volatile uint8_t head, tail;

static void tick(void) { now += SPEED; }

static void line_irq(void)
{
    int byte;
    uart_quiet();
    while ((byte = uart_get()) >= 0) {
        if ((uint8_t)(head + 1u) != tail) { // else it is lost
            ring[head] = (uint8_t)byte;
            head++;
        }
    }
}

static void fault(void) { board_fail("fault"); }

static void reset(void)
{
    uint32_t *from = data_from;
    for (uint32_t *to = data_start; to < data_end; to++) {
        *to = *from++;
    }
    for (uint32_t *to = bss_start; to < bss_end; to++) {
        *to = 0;
    }
    host_start();
    board_end(main());
}

typedef void (*vector)(void);
__attribute__((section(".vectors"), used)) static const vector vectors[16 + 64] = {
    (vector)(void *)stack_top, reset, fault, fault, fault, fault, fault, fault, NULL, NULL, NULL, fault, fault, NULL, fault, tick,
    [16 + LINE_IRQ] = line_irq,
};

void board_start(void)
{
    uart_start();
    REG32(0xe000e014) = CLOCK / 1000u - 1u; // SysTick, each millisecond
    REG32(0xe000e018) = 0;
    REG32(0xe000e010) = 7;
    REG32(0xe000e100 + 4u * (LINE_IRQ / 32u)) = 1u << (LINE_IRQ % 32u);
    __asm__ volatile("cpsie i");
}

uint32_t board_now(void) { return now; }

int board_get(void)
{
    if (head == tail) {
        return -1;
    }
    int byte = ring[tail];
    tail++;
    return byte;
}

void board_wait(uint32_t ms)
{
    if (ms > 0u) {
        __asm__ volatile("cpsid i"); // an interrupt that is pending ends the sleep all the same
        if (head == tail) {
            __asm__ volatile("wfi");
        }
        __asm__ volatile("cpsie i");
    }
}

intptr_t host_call(uintptr_t operation, const void *argument)
{
    register uintptr_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
    return (intptr_t)r0;
}
