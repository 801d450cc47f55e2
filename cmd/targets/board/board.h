// What a board gives the firmware: a clock, a line of bytes, flash, and the end of power.
#ifndef BOARD_H
#define BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REG8(at) (*(volatile uint8_t *)(uintptr_t)(at))
#define REG32(at) (*(volatile uint32_t *)(uintptr_t)(at))

// Supplied for each processor, and called before main: memory is set up, and interrupts are still off.
void board_start(void);

// Milliseconds of the peer's time, which runs SPEED times faster than real time.
uint32_t board_now(void);

// The next byte of the line, -1 where none has come; to the line; and a sleep of a millisecond at most, which a byte may end.
int board_get(void);
void board_put(uint8_t byte);
void board_wait(uint32_t ms);

// The host that emulates the board (host.c): what the runner asked this life for, and a call by semihosting.
struct orders {
    uint32_t last;    // the step at which power fails, 1 for the first; 0: never
    uint32_t word;    // the word written to flash at which power fails; an erasure counts as one; 0: never
    uint32_t random;  // of this life
    uint32_t dump;    // not 0: write down what is in stable memory, and end
    char flash[200];  // a file of the host
};
extern struct orders orders;
void host_start(void);
intptr_t host_call(uintptr_t operation, const void *argument);
void note(const char *what, const uint32_t *numbers, size_t n); // a line to the console, whole
void board_say(const char *line);                               // such a line, as text
void board_fail(const char *why);                               // what must not happen: ends the emulator with status 99
void board_end(int status);                                     // main has returned: the peer has stopped for good
void board_off(void);                                           // power fails: ends the emulator, with status 77

// A step is something that is seen from outside: a piece of a frame, a word written to flash, an execution.
void board_step(void);

// Flash with a page for each slot of stable memory: erased to ones by the page, programmed by the word, and only from ones to zeros.
// What flash_write was asked to write is there, or false; power may fail after each word.
bool flash_read(uint32_t offset, uint8_t *bytes, size_t n);
bool flash_write(uint32_t offset, const uint8_t *bytes, size_t n);

// A ledger of what calls that run exactly once did, behind the slots: an entry is there when its last word is.
void ledger_start(void);
uint32_t ledger_count(void);
uint32_t ledger_serial(uint32_t number);
bool ledger_add(uint32_t serial, uint32_t offset, const uint8_t *record, size_t n);

// Randomness of the runner's, other in each life.
void board_entropy(uint8_t *bytes, size_t n);

#endif
