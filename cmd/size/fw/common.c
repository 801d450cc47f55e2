// What every firmware of the measurement has: a start, a serial line, a clock, and three functions of string.h.
#include "common.h"

extern uint32_t start_of_bss[], end_of_bss[], stack_top[];
int main(void);

__attribute__((used)) static void reset(void)
{
    for (uint32_t *at = start_of_bss; at < end_of_bss; at++) {
        *at = 0;
    }
    (void)main();
    for (;;) {
    }
}

__attribute__((section(".vectors"), used)) static const void *const vectors[] = {stack_top, (void *)reset};

__attribute__((used)) void uart_put(uint8_t byte)
{
    *(volatile uint32_t *)0x40004000u = byte;
}

__attribute__((used)) uint8_t uart_get(void)
{
    return (uint8_t) * (volatile uint32_t *)0x40004000u;
}

__attribute__((used)) uint32_t tick(void)
{
    return *(volatile uint32_t *)0x40001000u;
}

__attribute__((used)) void *memcpy(void *to, const void *from, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ((uint8_t *)to)[i] = ((const uint8_t *)from)[i];
    }
    return to;
}

__attribute__((used)) void *memset(void *to, int value, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        ((uint8_t *)to)[i] = (uint8_t)value;
    }
    return to;
}

__attribute__((used)) int memcmp(const void *a, const void *b, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (((const uint8_t *)a)[i] != ((const uint8_t *)b)[i]) {
            return ((const uint8_t *)a)[i] < ((const uint8_t *)b)[i] ? -1 : 1;
        }
    }
    return 0;
}
