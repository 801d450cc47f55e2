// Flash with the rules of NOR: an erasure makes a page all ones, a word is programmed once and clears bits. What holds the bytes is
// another thing on each board, and outlives the emulator: memory that is a file of the host (FLASH_MEMORY), the emulator's own model of a
// NOR chip (FLASH_CFI), or a file by semihosting (FLASH_FILE).
#include "board.h"

#ifdef FLASH_CFI
#define PAGE 0x40000u // a sector of the chip
#else
#define PAGE 64u
#endif
#define PAGES 64u // the number of a slot's page is where the slot lies: two slots that differ have different pages
#define LEDGER (PAGES * PAGE)

#if defined(FLASH_MEMORY)

static uint32_t get_word(uint32_t at) { return REG32(FLASH_MEMORY + at); }
static void put_word(uint32_t at, uint32_t word) { REG32(FLASH_MEMORY + at) = word; }

// Ones into so many bytes of a page.
static void clear_page(uint32_t at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i += 4u) {
        put_word(at + i, UINT32_MAX);
    }
}

#elif defined(FLASH_CFI)

// Two 16-bit chips side by side take each command twice (Intel's command set, JEDEC JEP137 0001).
static uint32_t get_word(uint32_t at) { return REG32(FLASH_CFI + at); }

static void finish(uint32_t at)
{
    while ((REG32(FLASH_CFI + at) & 0x00800080u) != 0x00800080u) {
    }
    REG32(FLASH_CFI + at) = 0x00ff00ffu;
}

static void put_word(uint32_t at, uint32_t word)
{
    REG32(FLASH_CFI + at) = 0x00400040u;
    REG32(FLASH_CFI + at) = word;
    finish(at);
}

// The chip erases a page whole: one that is cut in the middle does not exist here.
static void clear_page(uint32_t at, uint32_t n)
{
    if (n == PAGE) {
        REG32(FLASH_CFI + at) = 0x00200020u;
        REG32(FLASH_CFI + at) = 0x00d000d0u;
        finish(at);
    }
}

#else

enum { SYS_OPEN = 0x01, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_SEEK = 0x0a };
enum { READ_WRITE_BINARY = 3 };

static uintptr_t file(void)
{
    static uintptr_t handle;
    static bool open;
    if (!open) {
        uintptr_t n = 0;
        while (orders.flash[n] != '\0') {
            n++;
        }
        const uintptr_t name[3] = {(uintptr_t)orders.flash, READ_WRITE_BINARY, n};
        intptr_t got = host_call(SYS_OPEN, name);
        if (got < 0) {
            board_fail("no flash");
        }
        handle = (uintptr_t)got;
        open = true;
    }
    return handle;
}

static void transfer(uintptr_t operation, uint32_t at, const void *bytes, uintptr_t n)
{
    const uintptr_t place[2] = {file(), at};
    const uintptr_t block[3] = {file(), (uintptr_t)bytes, n};
    if (host_call(SYS_SEEK, place) != 0 || host_call(operation, block) != 0) {
        board_fail("flash of the host");
    }
}

static uint32_t get_word(uint32_t at)
{
    uint32_t word = 0;
    transfer(SYS_READ, at, &word, sizeof word);
    __asm__ volatile("" ::: "memory");
    return word;
}

static void put_word(uint32_t at, uint32_t word) { transfer(SYS_WRITE, at, &word, sizeof word); }

static void clear_page(uint32_t at, uint32_t n)
{
    for (uint32_t i = 0; i < n; i += 4u) {
        put_word(at + i, UINT32_MAX);
    }
}

#endif

// Counts a word, or an erasure: where it is the last one of this life, power fails now.
static void word_written(void)
{
    static uint32_t words;
    if (++words == orders.word) {
        board_off();
    }
    board_step();
}

static void erase(uint32_t at)
{
    clear_page(at, PAGE / 2u); // an erasure that power cuts leaves part of the page
    word_written();
    clear_page(at, PAGE);
    word_written();
}

// Programs a word. False where that would have to set a bit, which only an erasure does.
static bool program(uint32_t at, uint32_t word)
{
    if ((get_word(at) & word) != word) {
        return false;
    }
    put_word(at, word);
    word_written();
    return get_word(at) == word;
}

static uint32_t word_of(const uint8_t *bytes, size_t n)
{
    uint32_t word = UINT32_MAX;
    for (size_t i = 0; i < n && i < 4u; i++) {
        word = (word & ~((uint32_t)0xffu << (8u * i))) | ((uint32_t)bytes[i] << (8u * i));
    }
    return word;
}

static bool program_bytes(uint32_t at, const uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i += 4u) {
        if (!program(at + (uint32_t)i, word_of(bytes + i, n - i))) {
            return false;
        }
    }
    return true;
}

static void read_bytes(uint32_t at, uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bytes[i] = (uint8_t)(get_word(at + ((uint32_t)i & ~3u)) >> (8u * (i & 3u)));
    }
}

bool flash_read(uint32_t offset, uint8_t *bytes, size_t n)
{
    if (offset >= PAGES || n > 64u) {
        return false;
    }
    read_bytes(offset * PAGE, bytes, n);
    return true;
}

bool flash_write(uint32_t offset, const uint8_t *bytes, size_t n)
{
    if (offset >= PAGES || n > 64u) {
        return false;
    }
    erase(offset * PAGE);
    return program_bytes(offset * PAGE, bytes, n);
}

// An entry of the ledger: what was done, the slot of the record of its call and where that lies, and a sum over all of it.
enum { RECORD = 16, ENTRY = 32, MOST = 200 };

static uint32_t count;        // of entries that are whole
static uint32_t next;         // the place behind the last one that was begun
static uint16_t places[MOST]; // of those that are whole

// FNV-1a (Fowler, Noll, Vo) over all but the sum itself. Never all ones, which is a place where nothing was written.
static uint32_t sum_of(const uint8_t *entry)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < 4u + 4u + RECORD; i++) {
        h = (h ^ entry[i]) * 16777619u;
    }
    return h != UINT32_MAX ? h : 0u;
}

void ledger_start(void)
{
    uint8_t entry[ENTRY];
    for (next = 0; next < MOST; next++) {
        uint32_t blank = UINT32_MAX;
        read_bytes(LEDGER + next * ENTRY, entry, sizeof entry);
        for (size_t i = 0; i < ENTRY; i += 4u) {
            blank &= word_of(entry + i, 4u);
        }
        if (blank == UINT32_MAX) {
            break;
        }
        if (word_of(entry + 24, 4u) == sum_of(entry)) { // one that power cut is passed over
            places[count++] = (uint16_t)next;
        }
    }
    if (count > 0u) { // the peer reads its record from its slot, which is written behind the ledger
        uint8_t there[RECORD];
        read_bytes(LEDGER + places[count - 1u] * (uint32_t)ENTRY, entry, sizeof entry);
        uint32_t place = word_of(entry + 4, 4u);
        size_t n = place & 0xffu;
        bool same = flash_read(place >> 8, there, n);
        for (size_t i = 0; i < n; i++) {
            same = same && there[i] == entry[8u + i];
        }
        if (!same && !flash_write(place >> 8, entry + 8, n)) {
            board_fail("repair of a slot");
        }
    }
}

uint32_t ledger_count(void) { return count; }

uint32_t ledger_serial(uint32_t number)
{
    uint8_t bytes[4];
    read_bytes(LEDGER + places[number] * (uint32_t)ENTRY, bytes, sizeof bytes);
    return word_of(bytes, 4u);
}

bool ledger_add(uint32_t serial, uint32_t offset, const uint8_t *record, size_t n)
{
    uint8_t entry[ENTRY];
    if (next >= MOST || n > RECORD) {
        return false;
    }
    for (size_t i = 0; i < ENTRY; i++) {
        entry[i] = 0xff;
    }
    for (size_t i = 0; i < 4u; i++) {
        entry[i] = (uint8_t)(serial >> (8u * i));
        entry[4u + i] = (uint8_t)((offset << 8 | (uint32_t)n) >> (8u * i));
    }
    for (size_t i = 0; i < n; i++) {
        entry[8u + i] = record[i];
    }
    uint32_t sum = sum_of(entry);
    uint32_t at = LEDGER + next * ENTRY;
    places[count] = (uint16_t)next++;
    if (!program_bytes(at, entry, 8u + RECORD) || !program(at + 24u, sum)) {
        return false;
    }
    count++;
    return flash_write(offset, record, n);
}
