// Standard input, output and errors of a replay: files of the host, by semihosting, named in the command line of the emulator.
#include "board.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SYS_OPEN = 0x01, SYS_WRITE0 = 0x04, SYS_WRITE = 0x05, SYS_READ = 0x06, SYS_GET_CMDLINE = 0x15, SYS_EXIT_EXTENDED = 0x20 };
enum { READ = 1, CREATE = 5, APPLICATION_EXIT = 0x20026 };

struct stream {
    uintptr_t handle;
    size_t at, end; // of what is in the buffer
    char bytes[8192];
};
static struct stream in, out, errors;
FILE *const stdin = &in, *const stdout = &out, *const stderr = &errors;

static void leave(uintptr_t status)
{
    const uintptr_t block[2] = {APPLICATION_EXIT, status};
    (void)host_call(SYS_EXIT_EXTENDED, block);
    for (;;) {
    }
}

void board_fail(const char *why)
{
    (void)host_call(SYS_WRITE0, why);
    leave(99);
}

static void drain(void)
{
    const uintptr_t block[3] = {out.handle, (uintptr_t)out.bytes, out.end};
    if (out.end > 0u && host_call(SYS_WRITE, block) != 0) {
        board_fail("the answers cannot be written\n");
    }
    out.end = 0;
}

void board_end(int status)
{
    drain();
    leave((uintptr_t)status);
}

void exit(int status)
{
    board_end(status);
    for (;;) {
    }
}

// Opens the file whose name is the n-th word of the command line, from 0.
static uintptr_t open_word(const char *line, size_t n, uintptr_t how)
{
    for (; n > 0u; n--) {
        line += strcspn(line, " ");
        line += strspn(line, " ");
    }
    const uintptr_t file[3] = {(uintptr_t)line, how, strcspn(line, " ")};
    static char name[256];
    if (file[2] >= sizeof name) {
        board_fail("the name of a file is too long\n");
    }
    memcpy(name, line, file[2]);
    const uintptr_t copy[3] = {(uintptr_t)name, how, file[2]};
    intptr_t handle = host_call(SYS_OPEN, copy);
    if (handle < 0) {
        board_fail("a file cannot be opened\n");
    }
    return (uintptr_t)handle;
}

void host_start(void)
{
    static char line[600];
    uintptr_t asked[2] = {(uintptr_t)line, sizeof line - 1u};
    if (host_call(SYS_GET_CMDLINE, asked) != 0) {
        leave(98);
    }
    in.handle = open_word(line, 1, READ);
    out.handle = open_word(line, 2, CREATE);
}

static int next_byte(void)
{
    if (in.at == in.end) {
        const uintptr_t block[3] = {in.handle, (uintptr_t)in.bytes, sizeof in.bytes};
        in.at = 0;
        in.end = sizeof in.bytes - (size_t)host_call(SYS_READ, block); // it gives how many were not read
        if (in.end == 0u) {
            return -1;
        }
    }
    return (uint8_t)in.bytes[in.at++];
}

char *fgets(char *to, int size, FILE *from)
{
    int n = 0;
    (void)from;
    while (n + 1 < size) {
        int c = next_byte();
        if (c < 0) {
            break;
        }
        to[n++] = (char)c;
        if (c == '\n') {
            break;
        }
    }
    to[n] = '\0';
    return n > 0 ? to : NULL;
}

// Knows %s, and %u and %x of an unsigned int or, with l, of an unsigned long, with a width that zeros fill.
int vsnprintf(char *to, size_t max, const char *format, va_list args)
{
    size_t n = 0;
    for (; *format != '\0'; format++) {
        char digits[24];
        const char *text = format;
        size_t size = 1, width = 0;
        if (*format == '%') {
            format++;
            for (; *format >= '0' && *format <= '9'; format++) {
                width = width * 10u + (size_t)(*format - '0');
            }
            bool is_long = *format == 'l';
            format += is_long;
            if (*format == 's') {
                text = va_arg(args, const char *);
                size = strcspn(text, "");
            } else {
                unsigned long left = is_long ? va_arg(args, unsigned long) : va_arg(args, unsigned);
                unsigned long base = *format == 'x' ? 16u : 10u;
                size_t at = sizeof digits;
                if (*format != 'x' && *format != 'u') {
                    board_fail("a format that the replay does not use\n");
                }
                do {
                    digits[--at] = "0123456789abcdef"[left % base];
                    left /= base;
                } while (left > 0u || sizeof digits - at < width);
                text = digits + at;
                size = sizeof digits - at;
            }
        }
        for (size_t i = 0; i < size; i++, n++) {
            if (n + 1u < max) {
                to[n] = text[i];
            }
        }
    }
    if (max > 0u) {
        to[n < max ? n : max - 1u] = '\0';
    }
    return (int)n;
}

static void put(const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (out.end == sizeof out.bytes) {
            drain();
        }
        out.bytes[out.end++] = text[i];
    }
}

int fputs(const char *text, FILE *to)
{
    if (to == stderr) {
        (void)host_call(SYS_WRITE0, text);
    } else {
        put(text, strcspn(text, ""));
    }
    return 0;
}

int fprintf(FILE *to, const char *format, ...)
{
    static char text[256];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return fputs(text, to) == 0 ? n : -1;
}

int printf(const char *format, ...)
{
    static char text[1 << 18];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    put(text, (size_t)n);
    return n;
}

int fflush(FILE *of)
{
    (void)of; // what is written goes out when its buffer is full, and at the end
    return 0;
}

unsigned long strtoul(const char *text, char **end, int base)
{
    unsigned long v = 0;
    (void)end;
    (void)base;
    for (; *text >= '0' && *text <= '9'; text++) {
        v = v * 10u + (unsigned long)(*text - '0');
    }
    return v;
}

int strcmp(const char *a, const char *b)
{
    while (*a != '\0' && *a == *b) {
        a++;
        b++;
    }
    return (uint8_t)*a - (uint8_t)*b;
}

char *strchr(const char *in, int c)
{
    for (;; in++) {
        if (*in == (char)c) {
            return (char *)(uintptr_t)in;
        }
        if (*in == '\0') {
            return NULL;
        }
    }
}

size_t strspn(const char *text, const char *of)
{
    size_t n = 0;
    while (text[n] != '\0' && strchr(of, text[n]) != NULL) {
        n++;
    }
    return n;
}

size_t strcspn(const char *text, const char *of)
{
    size_t n = 0;
    while (text[n] != '\0' && (*of == '\0' || strchr(of, text[n]) == NULL)) {
        n++;
    }
    return n;
}
