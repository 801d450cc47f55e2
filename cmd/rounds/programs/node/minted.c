// The press: the emitted peer over UDP. What it strikes is a ledger of its own, a write-ahead file of {the record of the call,
// where it lies, the coin}: a line that is whole is the commit. The record in the peer's own memory is written behind it, and
// again at each start. Arguments: port, store, events, speed, last step, half; or: dump, store.
#define _POSIX_C_SOURCE 200809L

#include "minted_press_posix.h"
#include "steps.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { RECORD = 10 };

struct line {
    uint8_t record[RECORD];
    uint32_t offset, serial, sum;
};

static minted_press_posix driver;
static int ledger = -1;
static uint32_t coins;       // that are committed
static uint32_t striking;    // what the handler that has returned struck
static struct line newest;   // of the ledger

static uint32_t sum(const struct line *l)
{
    uint32_t h = 2166136261u; // FNV-1a
    const uint8_t *b = (const uint8_t *)l;
    for (size_t i = 0; i < offsetof(struct line, sum); i++) {
        h = (h ^ b[i]) * 16777619u;
    }
    return h;
}

// Reads the ledger as far as it is whole.
static bool ledger_open(const char *store, bool tell)
{
    char name[256];
    struct line l;
    (void)snprintf(name, sizeof name, "%s.ledger", store);
    ledger = open(name, O_RDWR | O_CREAT, 0600);
    if (ledger < 0) {
        return false;
    }
    while (pread(ledger, &l, sizeof l, (off_t)(coins * sizeof l)) == (ssize_t)sizeof l && l.sum == sum(&l)) {
        newest = l;
        coins++;
        if (tell) {
            printf("%u\n", (unsigned)l.serial);
        }
    }
    return true;
}

// Writes the newest record where the peer reads it, which may have died before.
static bool repair(const char *store)
{
    int file = open(store, O_RDWR | O_CREAT, 0600);
    bool well = file >= 0 && (coins == 0 || pwrite(file, newest.record, RECORD, (off_t)newest.offset) == RECORD) && fsync(file) == 0;
    (void)close(file);
    return well;
}

bool minted_press_port_commit(minted_press *c, uint32_t offset, const uint8_t *bytes, size_t n)
{
    struct line l;
    if (n != RECORD) {
        return false;
    }
    memset(&l, 0, sizeof l);
    memcpy(l.record, bytes, RECORD);
    l.offset = offset;
    l.serial = striking;
    l.sum = sum(&l);
    if (pwrite(ledger, &l, sizeof l, (off_t)(coins * sizeof l)) != (ssize_t)sizeof l || fsync(ledger) != 0) {
        return false;
    }
    coins++;
    return minted_press_port_write(c, offset, bytes, n);
}

void minted_press_on_strike(minted_press *c, uint32_t serial)
{
    striking = serial;
    executed(serial);
    minted_press_return_strike(c, (uint16_t)(coins + 1u), minted_press_posix_now(&driver));
}

void minted_press_on_stock(minted_press *c) { minted_press_return_stock(c, (uint16_t)coins, minted_press_posix_now(&driver)); }

int main(int argc, char **argv)
{
    if (argc == 3 && strcmp(argv[1], "dump") == 0) {
        return ledger_open(argv[2], true) ? 0 : 2;
    }
    if (argc != 7) {
        return 2;
    }
    steps_open(argv[3], strtoul(argv[5], NULL, 10), atoi(argv[6]));
    if (!ledger_open(argv[2], false) || !repair(argv[2]) ||
        minted_press_posix_open(&driver, "127.0.0.1", argv[1], NULL, NULL, argv[2], (uint32_t)atoi(argv[4])) != 0) {
        perror("press: open");
        return 2;
    }
    while (minted_press_posix_step(&driver, 1000) == 0) {
        orphan_check();
    }
    perror("press: step");
    return 2;
}
