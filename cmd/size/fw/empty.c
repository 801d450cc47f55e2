#include "common.h"

int main(void)
{
    for (;;) {
        uart_put((uint8_t)(uart_get() + tick()));
    }
}
