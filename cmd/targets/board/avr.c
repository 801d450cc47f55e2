// Clock, line and EEPROM of an ATmega328P. Three registers that are free for any use speak to the runner (simavr.c): a byte of a line of
// events, a sign, and a byte of randomness.
#include "board.h"

#include <avr/interrupt.h>
#include <avr/io.h>

enum { STEP = 1, WRITTEN = 2, FAILED = 3 }; // signs

static volatile uint32_t now;
static volatile uint8_t ring[128];
static volatile uint8_t head, tail;

ISR(TIMER0_COMPA_vect) { now += SPEED; }

ISR(USART_RX_vect)
{
    uint8_t byte = UDR0;
    uint8_t after = (uint8_t)((head + 1u) % sizeof ring);
    if (after != tail) { // else it is lost
        ring[head] = byte;
        head = after;
    }
}

void board_start(void)
{
    TCCR0A = 1u << WGM01;
    TCCR0B = (1u << CS01) | (1u << CS00); // 16 MHz / 64
    OCR0A = 249;                          // each millisecond
    TIMSK0 = 1u << OCIE0A;
    UBRR0 = 8; // 115,200 bits a second
    UCSR0B = (1u << RXEN0) | (1u << TXEN0) | (1u << RXCIE0);
    UCSR0C = (1u << UCSZ01) | (1u << UCSZ00);
    sei();
}

uint32_t board_now(void)
{
    uint8_t flags = SREG;
    cli();
    uint32_t t = now;
    SREG = flags;
    return t;
}

int board_get(void)
{
    if (head == tail) {
        return -1;
    }
    int byte = ring[tail];
    tail = (uint8_t)((tail + 1u) % sizeof ring);
    return byte;
}

void board_put(uint8_t byte)
{
    while ((UCSR0A & (1u << UDRE0)) == 0u) {
    }
    UDR0 = byte;
}

void board_wait(uint32_t ms) { (void)ms; }

void board_say(const char *line)
{
    for (; *line != '\0'; line++) {
        GPIOR0 = (uint8_t)*line;
    }
}

void board_fail(const char *why)
{
    note(why, NULL, 0);
    GPIOR1 = FAILED;
    for (;;) {
    }
}

void board_end(int status)
{
    (void)status;
    board_fail("halted");
}

void board_step(void) { GPIOR1 = STEP; }

void board_entropy(uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bytes[i] = GPIOR2;
    }
}

// Bytes of an EEPROM are written one by one, whatever stands there, and slots stand side by side.
bool flash_read(uint32_t offset, uint8_t *bytes, size_t n)
{
    if (offset + n > E2END) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        EEAR = (uint16_t)(offset + i);
        EECR |= 1u << EERE;
        bytes[i] = EEDR;
    }
    return true;
}

bool flash_write(uint32_t offset, const uint8_t *bytes, size_t n)
{
    if (offset + n > E2END) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        EEAR = (uint16_t)(offset + i);
        EEDR = bytes[i];
        cli(); // the second sign must follow the first within four cycles
        EECR |= 1u << EEMPE;
        EECR |= 1u << EEPE;
        sei();
        while ((EECR & (1u << EEPE)) != 0u) {
        }
        GPIOR1 = WRITTEN;
    }
    return true;
}
