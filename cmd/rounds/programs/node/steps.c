#define _POSIX_C_SOURCE 200809L

#include "steps.h"

#ifndef PEER
#define PEER "node"
#endif

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

ssize_t __real_write(int file, const void *bytes, size_t n);
ssize_t __real_pwrite(int file, const void *bytes, size_t n, off_t offset);
ssize_t __real_sendto(int socket, const void *bytes, size_t n, int flags, const struct sockaddr *to, socklen_t size);
ssize_t __wrap_write(int file, const void *bytes, size_t n);
ssize_t __wrap_pwrite(int file, const void *bytes, size_t n, off_t offset);
ssize_t __wrap_sendto(int socket, const void *bytes, size_t n, int flags, const struct sockaddr *to, socklen_t size);

static int events = -1;
static const char *events_name;
static unsigned long steps, last_step;
static int half_of_it;
static pid_t parent;

static void die(void)
{
    (void)raise(SIGKILL);
    abort();
}

// Counts a step; whether it is the last one.
static int is_last(void) { return ++steps == last_step; }

void step(void)
{
    if (is_last()) {
        die();
    }
}

ssize_t __wrap_write(int file, const void *bytes, size_t n)
{
    if (is_last()) {
        if (half_of_it && __real_write(file, bytes, n / 2) >= 0) {
            note(PEER " cut\n");
        }
        die();
    }
    return __real_write(file, bytes, n);
}

ssize_t __wrap_pwrite(int file, const void *bytes, size_t n, off_t offset)
{
    if (is_last()) {
        if (half_of_it && __real_pwrite(file, bytes, n / 2, offset) >= 0) {
            note(PEER " torn\n");
        }
        die();
    }
    return __real_pwrite(file, bytes, n, offset);
}

// A datagram goes out whole or not at all.
ssize_t __wrap_sendto(int socket, const void *bytes, size_t n, int flags, const struct sockaddr *to, socklen_t size)
{
    step();
    return __real_sendto(socket, bytes, n, flags, to, size);
}

void steps_open(const char *name, unsigned long last, int half)
{
    parent = getppid();
    events_name = name;
    last_step = last;
    half_of_it = half;
    events = open(name, O_WRONLY | O_APPEND);
    if (events < 0) {
        perror(PEER ": events");
        exit(2);
    }
    note(PEER " boot\n");
}

void note(const char *line)
{
    size_t n = strlen(line);
    if (__real_write(events, line, n) != (ssize_t)n) {
        perror(PEER ": events");
        exit(2);
    }
}

void executed(unsigned argument)
{
    char line[32];
    step();
    (void)snprintf(line, sizeof line, "node run %u\n", argument);
    note(line);
    step();
}

unsigned last_executed(void)
{
    char line[128];
    unsigned last = 0;
    FILE *f = fopen(events_name, "r");
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        (void)sscanf(line, "node run %u", &last);
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return last;
}

void orphan_check(void)
{
    if (getppid() != parent) {
        exit(0);
    }
}
