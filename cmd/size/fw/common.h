#include <stddef.h>
#include <stdint.h>
#include <string.h>

void uart_put(uint8_t byte);
uint8_t uart_get(void);
uint32_t tick(void);
