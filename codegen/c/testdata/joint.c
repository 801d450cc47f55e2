// Joins the emitted gateway and probe of soil in one process, over a network that loses, repeats, delays, alters and cuts
// datagrams, with both peers crashing, also in the middle of a write to stable memory. Time is simulated.
#include "soil_gateway.h"
#include "soil_probe.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CALLS = 1500, FLIGHT = 64, PACE = 50, WITHIN_MS = 5000 };

static soil_gateway gateway;
static soil_probe probe;
static uint32_t now = 0xffff0000u; // the clock wraps early
static uint64_t elapsed;
static uint32_t crashes_gateway, crashes_probe, torn, altered, executed, cached;
static jmp_buf crash;
static bool up;          // a crash has somewhere to go
static uint32_t harm = 1; // parts of the world that are bad: 0 none

static uint64_t seed;

static uint32_t rnd(uint32_t n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 32) % n;
}

static bool chance(uint32_t percent)
{
    return harm != 0u && rnd(100) < percent;
}

#define CHECK(condition) do { if (!(condition)) { fprintf(stderr, "line %d: %s fails after %llu ms\n", __LINE__, #condition, (unsigned long long)elapsed); exit(1); } } while (0)

// The network.

static struct flight {
    bool used;
    bool to_probe;
    uint64_t at;
    size_t n;
    uint8_t bytes[64];
} net[FLIGHT];

static uint64_t dark; // until then, nothing arrives

static void post(bool to_probe, const uint8_t *bytes, size_t n)
{
    CHECK(n <= sizeof net[0].bytes);
    for (int copies = chance(20) ? 2 : 1; copies > 0; copies--) {
        struct flight *f = &net[rnd(FLIGHT)];
        if (chance(20) || elapsed < dark || f->used) {
            continue; // lost
        }
        f->used = true;
        f->to_probe = to_probe;
        f->at = elapsed + 10u + rnd(harm != 0u ? 390 : 1);
        f->n = n;
        memcpy(f->bytes, bytes, n);
        if (chance(5)) {
            // Up to three bits: a CRC-16 sees every such change.
            for (uint32_t i = rnd(3) + 1u; i > 0u; i--) {
                uint32_t bit = rnd((uint32_t)n * 8u);
                f->bytes[bit >> 3] = (uint8_t)(f->bytes[bit >> 3] ^ (1u << (bit & 7u)));
            }
            altered++;
        } else if (chance(3)) {
            f->n = rnd((uint32_t)n);
            altered++;
        }
    }
}

static uint64_t sent_gateway, sent_probe; // when, or when it started

void soil_gateway_port_send(soil_gateway *c, const uint8_t *bytes, size_t n)
{
    CHECK(c == &gateway && n <= SOIL_GATEWAY_DATAGRAM);
    CHECK(elapsed - sent_gateway >= PACE);
    sent_gateway = elapsed;
    post(true, bytes, n);
    if (up && chance(1)) {
        longjmp(crash, 1);
    }
}

void soil_probe_port_send(soil_probe *c, const uint8_t *bytes, size_t n)
{
    CHECK(c == &probe && n <= SOIL_PROBE_DATAGRAM);
    CHECK(elapsed - sent_probe >= PACE);
    sent_probe = elapsed;
    post(false, bytes, n);
    if (up && chance(1)) {
        longjmp(crash, 2);
    }
}

// Stable memory.

static uint8_t store_gateway[SOIL_GATEWAY_STABLE];
static uint8_t store_probe[SOIL_PROBE_STABLE];
static bool broken; // writes fail

static bool write_to(uint8_t *store, size_t size, uint32_t offset, const uint8_t *bytes, size_t n, int who)
{
    CHECK(offset + n <= size);
    if (broken) {
        return false;
    }
    if (chance(4)) {
        // Torn: some of the bytes are written, and one of them half.
        size_t some = rnd((uint32_t)n);
        memcpy(store + offset, bytes, some);
        store[offset + some] = (uint8_t)rnd(256);
        torn++;
        longjmp(crash, who);
    }
    memcpy(store + offset, bytes, n);
    if (chance(2)) {
        longjmp(crash, who);
    }
    return true;
}

bool soil_gateway_port_read(soil_gateway *c, uint32_t offset, uint8_t *bytes, size_t n)
{
    CHECK(c == &gateway && offset + n <= sizeof store_gateway);
    memcpy(bytes, store_gateway + offset, n);
    return true;
}

bool soil_gateway_port_write(soil_gateway *c, uint32_t offset, const uint8_t *bytes, size_t n)
{
    CHECK(c == &gateway);
    return write_to(store_gateway, sizeof store_gateway, offset, bytes, n, 1);
}

bool soil_probe_port_read(soil_probe *c, uint32_t offset, uint8_t *bytes, size_t n)
{
    CHECK(c == &probe && offset + n <= sizeof store_probe);
    memcpy(bytes, store_probe + offset, n);
    return true;
}

bool soil_probe_port_write(soil_probe *c, uint32_t offset, const uint8_t *bytes, size_t n)
{
    CHECK(c == &probe);
    return write_to(store_probe, sizeof store_probe, offset, bytes, n, 2);
}

// The probe's program. Every call that is not pure carries its own number.

static uint8_t runs[65536];
static bool over[65536]; // its outcome says that it will not run any more
static uint32_t newest;  // number of the last call that started
static int running = -1; // the call whose handler runs, and when it ends
static uint64_t ends;
static uint8_t asked_plot;
static uint16_t asked;

static soil_probe_status end_handler(void)
{
    int fn = running;
    soil_reading reading = {asked_plot, 1000, 100, {3, {'w', 'e', 't'}}};
    running = -1;
    switch (fn) {
    case 0:
        if (chance(5)) { // an answer out of its range is lost, and ends the handler all the same
            reading.moisture = 1001;
            CHECK(soil_probe_return_sample(&probe, &reading, now) == SOIL_PROBE_BAD_ARGUMENT);
            reading.moisture = 1000;
            CHECK(soil_probe_return_sample(&probe, &reading, now) == SOIL_PROBE_BUSY);
            return SOIL_PROBE_OK;
        }
        return soil_probe_return_sample(&probe, &reading, now);
    case 1:
        return soil_probe_return_schedule(&probe, now);
    default:
        if (chance(5)) {
            CHECK(soil_probe_return_water(&probe, 3, now) == SOIL_PROBE_BAD_ARGUMENT);
            CHECK(soil_probe_return_water(&probe, 2, now) == SOIL_PROBE_BUSY);
            return SOIL_PROBE_OK;
        }
        return soil_probe_return_water(&probe, (soil_outcome)(asked % 3u), now);
    }
}

static void handler(int fn)
{
    CHECK(running < 0); // one at a time
    executed++;
    running = fn;
    ends = elapsed + rnd(300);
    if (rnd(2) == 0u) {
        CHECK(end_handler() == SOIL_PROBE_OK);
        CHECK(soil_probe_return_schedule(&probe, now) == SOIL_PROBE_BUSY);
    }
}

void soil_probe_on_sample(soil_probe *c, uint8_t plot)
{
    CHECK(c == &probe);
    asked_plot = plot;
    handler(0);
}

void soil_probe_on_schedule(soil_probe *c, uint16_t every)
{
    CHECK(c == &probe && every >= newest);
    newest = every;
    handler(1);
}

void soil_probe_on_water(soil_probe *c, uint8_t plot, uint8_t litres)
{
    uint32_t id = (uint32_t)plot << 8 | litres;
    CHECK(c == &probe && id > newest && !over[id]);
    newest = id;
    runs[id]++;
    CHECK(runs[id] == 1u);
    asked = (uint16_t)id;
    handler(2);
    if (chance(2)) {
        longjmp(crash, 2);
    }
}

// The gateway's program.

static int calling = -1;
static uint32_t number;
static uint8_t plot_asked;
static uint64_t called_at;
static uint32_t outcomes[3][5];

static void done(int fn, soil_gateway_outcome outcome)
{
    CHECK(calling == fn && outcome < 5u);
    calling = -1;
    CHECK(elapsed - called_at <= (fn == 0 ? 2000u : fn == 1 ? 30000u : WITHIN_MS) + 200u);
    outcomes[fn][outcome]++;
    CHECK(soil_gateway_call_schedule(&gateway, 1, now) == SOIL_GATEWAY_BUSY); // not inside a hook
}

void soil_gateway_done_sample(soil_gateway *c, soil_gateway_outcome outcome, const soil_reading *result)
{
    CHECK(c == &gateway && (result != NULL) == (outcome == SOIL_GATEWAY_ANSWERED));
    if (result != NULL) {
        CHECK(result->plot == plot_asked && result->moisture == 1000 && result->battery == 100 && result->note.size == 3 &&
            memcmp(result->note.bytes, "wet", 3) == 0);
        cached += elapsed == called_at ? 1u : 0u;
    }
    done(0, outcome);
}

void soil_gateway_done_schedule(soil_gateway *c, soil_gateway_outcome outcome)
{
    CHECK(c == &gateway);
    done(1, outcome);
}

void soil_gateway_done_water(soil_gateway *c, soil_gateway_outcome outcome, const soil_outcome *result)
{
    CHECK(c == &gateway && (result != NULL) == (outcome == SOIL_GATEWAY_ANSWERED));
    switch (outcome) {
    case SOIL_GATEWAY_ANSWERED:
        CHECK(runs[number] == 1u && *result == number % 3u);
        over[number] = true;
        break;
    case SOIL_GATEWAY_TIMED_OUT:
        CHECK(runs[number] == 0u);
        over[number] = true;
        break;
    case SOIL_GATEWAY_PEER_RESTARTED:
        over[number] = true;
        break;
    default:
        break;
    }
    done(2, outcome);
}

static void call(void)
{
    int fn = (int)rnd(3);
    soil_gateway_status status;
    called_at = elapsed;
    calling = fn;
    if (fn == 0) {
        plot_asked = (uint8_t)rnd(6);
        status = soil_gateway_call_sample(&gateway, plot_asked, now);
    } else {
        number++;
        status = fn == 1 ? soil_gateway_call_schedule(&gateway, (uint16_t)number, now)
                         : soil_gateway_call_water(&gateway, (uint8_t)(number >> 8), (uint8_t)number, now);
    }
    CHECK(status == SOIL_GATEWAY_OK || status == SOIL_GATEWAY_BUSY);
    if (status == SOIL_GATEWAY_BUSY) {
        calling = -1; // it has not been told yet who it is
        number -= fn == 0 ? 0u : 1u;
    }
}

static void deliver(void)
{
    uint8_t noise[40];
    for (uint32_t i = 0; i < FLIGHT; i++) {
        struct flight f = net[i];
        if (!f.used || f.at > elapsed) {
            continue;
        }
        net[i].used = false;
        if (f.to_probe) {
            soil_probe_receive(&probe, f.bytes, f.n, now);
        } else {
            soil_gateway_receive(&gateway, f.bytes, f.n, now);
        }
    }
    if (chance(1)) {
        for (uint32_t i = 0; i < sizeof noise; i++) {
            noise[i] = (uint8_t)rnd(256);
        }
        soil_probe_receive(&probe, noise, rnd(12), now);
        soil_gateway_receive(&gateway, noise, rnd(6), now);
    }
}

static void start(int who)
{
    if (who == 1) {
        crashes_gateway++;
        calling = -1;
        sent_gateway = elapsed;
        soil_gateway_start(&gateway, now);
    } else {
        crashes_probe++;
        running = -1;
        sent_probe = elapsed;
        soil_probe_start(&probe, now);
    }
}

static volatile int starting; // a start that is still to succeed

static void live(uint64_t until, uint32_t calls)
{
    volatile uint32_t made = 0;
    int who = setjmp(crash);
    up = true;
    if (who != 0) {
        starting |= who;
    }
    while (made < calls || elapsed < until || calling >= 0) {
        for (int w = 1; w <= 2; w++) {
            if ((starting & w) != 0) {
                start(w);
                starting &= ~w;
            }
        }
        uint32_t step = rnd(25) + 1u;
        elapsed += step;
        now += step;
        soil_gateway_poll(&gateway, now);
        soil_probe_poll(&probe, now);
        CHECK(soil_gateway_next(&gateway, now) > 0u && soil_probe_next(&probe, now) > 0u);
        CHECK(!soil_gateway_halted(&gateway) && !soil_probe_halted(&probe));
        deliver();
        if (running >= 0 && elapsed >= ends) {
            CHECK(end_handler() == SOIL_PROBE_OK);
        }
        if (calling < 0 && (made < calls || elapsed < until) && rnd(4) == 0u) {
            made++;
            call();
        }
        if (harm != 0u && rnd(400) == 0u) {
            starting |= (int)rnd(3) + 1;
        }
        if (harm != 0u && rnd(4000) == 0u) {
            dark = elapsed + 7000u;
            starting |= (int)rnd(3) + 1;
        }
    }
    up = false;
}

int main(int argc, char **argv)
{
    int blank = argc > 2 ? atoi(argv[2]) : 255;
    uint32_t before[3][5];
    soil_probe_note notes[9];
    seed = 0x9e3779b97f4a7c15u ^ (uint64_t)(argc > 1 ? atoi(argv[1]) : 1) * 0x2545f4914f6cdd1du;
    memset(store_gateway, blank, sizeof store_gateway);
    memset(store_probe, blank, sizeof store_probe);

    CHECK(sizeof gateway == SOIL_GATEWAY_RAM && sizeof probe == SOIL_PROBE_RAM);

    // Before a start, nothing is done.
    CHECK(soil_gateway_call_schedule(&gateway, 1, now) == SOIL_GATEWAY_HALTED);
    soil_gateway_receive(&gateway, store_gateway, 5, now);
    CHECK(gateway.dropped[0] + gateway.dropped[1] + gateway.dropped[2] + gateway.dropped[3] == 0u);

    // Blank memory is unreadable: the first start counts as such.
    harm = 0;
    start(1);
    start(2);
    CHECK(probe.boot == 1u && probe.epoch_sound);
    start(2);
    CHECK(probe.boot == 2u);
    for (uint32_t i = 3; i < 300; i++) { // the slots' sequence numbers wrap
        start(2);
        CHECK(probe.boot == i);
    }
    // A torn newest slot leaves the one before it.
    store_probe[probe.epoch_slot * (SOIL_PROBE_STABLE / 2)] ^= 1u;
    start(2);
    CHECK(probe.boot == 299u);

    harm = 1;
    live(0, CALLS);
    // In a good world, everything is answered.
    harm = 0;
    if (starting != 0) {
        CHECK(false);
    }
    live(elapsed + 60000u, 0);
    memcpy(before, outcomes, sizeof before);
    live(elapsed + 60000u, 0);
    for (int fn = 0; fn < 3; fn++) {
        CHECK(outcomes[fn][SOIL_GATEWAY_ANSWERED] > before[fn][SOIL_GATEWAY_ANSWERED] + 10u);
        for (int o = 1; o < 5; o++) {
            CHECK(outcomes[fn][o] == before[fn][o]);
        }
    }
    CHECK(soil_probe_notes(&probe, notes, 9) == 8u);
    for (int i = 1; i < 8; i++) {
        CHECK(notes[i].at - notes[i - 1].at < 60000u && notes[i].call == SOIL_PROBE_ABOUT_WATER && notes[i].what != notes[i - 1].what);
    }
    // Without its memory the probe stops for good.
    broken = true;
    start(2);
    CHECK(soil_probe_halted(&probe) && soil_probe_next(&probe, now) == UINT32_MAX);
    printf("crashed %u and %u, torn %u, altered %u, executed %u, remembered %u, answered %u, timed out %u, unknown %u, restarted %u\n",
        crashes_gateway, crashes_probe, torn, altered, executed, cached, outcomes[2][SOIL_GATEWAY_ANSWERED],
        outcomes[2][SOIL_GATEWAY_TIMED_OUT], outcomes[2][SOIL_GATEWAY_UNKNOWN], outcomes[2][SOIL_GATEWAY_PEER_RESTARTED]);
    return 0;
}
