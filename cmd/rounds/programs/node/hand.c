// The node as a careful engineer writes it by hand: a checksum, a number in each request, the last answer kept to give it
// again where a request comes again, old requests refused. All of it is in RAM. A frame: method, number in 2 bytes, arguments or
// the result, CRC-16. Over the serial line it stands in a COBS frame.
//
// Compiled with one of BURN, REBOOT and SLEEPY, and WINDOW: how far behind a number is one from before (0: none is). Arguments: terminal or port, store (unused), events, speed, last step, half.
#define _POSIX_C_SOURCE 200809L

#include "sleep.h"
#include "steps.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FRAME = 32, HEAD = 3, SUM = 2, ANSWER = 0x80, EFFECT = 1 };

static struct {
    int any;
    uint16_t number;
    uint8_t answer[FRAME];
    size_t size;
} last;

static int line;
#ifndef BURN
static struct sockaddr_in peer;
#endif

static uint16_t crc16(const uint8_t *p, size_t n)
{
    uint32_t c = 0xffff;
    for (size_t i = 0; i < n; i++) {
        c ^= (uint32_t)p[i] << 8;
        for (int bit = 0; bit < 8; bit++) {
            c = (c & 0x8000u) != 0u ? (c << 1 ^ 0x1021u) & 0xffffu : c << 1;
        }
    }
    return (uint16_t)c;
}

static unsigned get16(const uint8_t *p) { return (unsigned)p[0] | (unsigned)p[1] << 8; }

static void put16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

// What the program does: arguments in, the result out, and its size.
static size_t run(uint8_t method, const uint8_t *in, uint8_t *out)
{
#ifdef BURN
    (void)method;
    executed(in[0]);
    out[0] = in[0] % 3u == 0u;
    return 1;
#elif defined REBOOT
    if (method == EFFECT) {
        executed(get16(in));
        exit(0);
    }
    put16(out, last_executed());
    return 2;
#else
    (void)method;
    executed(get16(in + 1));
    put16(out, get16(in + 1) * 7u + in[0]);
    return 2;
#endif
}

static void transmit(const uint8_t *p, size_t n)
{
#ifdef BURN
    uint8_t frame[FRAME + 2];
    size_t code = 0;
    size_t size = 1;
    for (size_t i = 0; i <= n; i++) {
        if (i == n || p[i] == 0u) {
            frame[code] = (uint8_t)(size - code);
            code = size++;
        } else {
            frame[size++] = p[i];
        }
    }
    frame[code] = 0;
    if (write(line, frame, size) < 0) {
        return; // lost
    }
#else
    (void)sendto(line, p, n, 0, (const struct sockaddr *)&peer, sizeof peer);
#endif
}

static void receive(const uint8_t *p, size_t n)
{
    if (n < HEAD + SUM || n > FRAME || get16(p + n - SUM) != crc16(p, n - SUM) || (p[0] & ANSWER) != 0u) {
        return;
    }
    uint16_t number = (uint16_t)get16(p + 1);
    if (!last.any || number != last.number) {
        int behind = (int16_t)(number - last.number);
        if (last.any && behind < 0 && behind > -WINDOW) {
            return; // of an earlier call
        }
        memcpy(last.answer, p, HEAD);
        last.answer[0] |= ANSWER;
        last.size = HEAD + run(p[0], p + HEAD, last.answer + HEAD);
        put16(last.answer + last.size, crc16(last.answer, last.size));
        last.size += SUM;
        last.number = number;
        last.any = 1;
    }
    transmit(last.answer, last.size);
}

#ifdef BURN
static void take(void)
{
    static uint8_t frame[FRAME + 2];
    static size_t size;
    uint8_t bytes[64];
    ssize_t n = read(line, bytes, sizeof bytes);
    for (ssize_t i = 0; i < n; i++) {
        if (bytes[i] != 0u) {
            if (size <= sizeof frame) {
                size += size < sizeof frame ? 1u : 0u;
                frame[size - 1] = bytes[i];
            }
            continue;
        }
        uint8_t plain[FRAME + 2];
        size_t got = 0;
        size_t at = 0;
        while (at < size && at + frame[at] <= size) {
            memcpy(plain + got, frame + at + 1, frame[at] - 1u);
            got += frame[at] - 1u;
            at += frame[at];
            if (at < size) {
                plain[got++] = 0;
            }
        }
        if (at == size && size < sizeof frame) {
            receive(plain, got);
        }
        size = 0;
    }
}
#else
static void take(void)
{
    uint8_t bytes[FRAME + 1];
    socklen_t size = sizeof peer;
    ssize_t n = recvfrom(line, bytes, sizeof bytes, MSG_DONTWAIT, (struct sockaddr *)&peer, &size);
    if (n >= 0) {
        receive(bytes, (size_t)n);
    }
}
#endif

static int open_line(const char *where)
{
#ifdef BURN
    return open(where, O_RDWR | O_NOCTTY | O_NONBLOCK);
#else
    struct sockaddr_in own;
    int s = socket(AF_INET, SOCK_DGRAM, 0);
    memset(&own, 0, sizeof own);
    own.sin_family = AF_INET;
    own.sin_port = htons((uint16_t)atoi(where));
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return bind(s, (struct sockaddr *)&own, sizeof own) == 0 ? s : -1;
#endif
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        return 2;
    }
    steps_open(argv[3], strtoul(argv[5], NULL, 10), atoi(argv[6]));
    line = open_line(argv[1]);
    if (line < 0) {
        perror("node: open");
        return 2;
    }
    for (;;) {
        int wait = 1000;
        struct pollfd p = {line, POLLIN, 0};
#ifdef SLEEPY
        struct timespec t = {0, 0};
        uint32_t speed = (uint32_t)atoi(argv[4]);
        (void)clock_gettime(CLOCK_MONOTONIC, &t);
        wait = sleep_or_stay(line, (uint32_t)(((uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u) * speed), speed);
#endif
        if (poll(&p, 1, wait) > 0) {
            take();
        }
        orphan_check();
    }
}
