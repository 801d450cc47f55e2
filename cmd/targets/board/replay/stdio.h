// As much of the standard library as a replay of vectors uses, on files of the host (libc.c).
#ifndef STDIO_H
#define STDIO_H

#include <stdarg.h>
#include <stddef.h>

typedef struct stream FILE;
extern FILE *const stdin, *const stdout, *const stderr;

char *fgets(char *to, int size, FILE *from);
int printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
int fprintf(FILE *to, const char *format, ...) __attribute__((format(printf, 2, 3)));
int fputs(const char *text, FILE *to);
int vsnprintf(char *to, size_t max, const char *format, va_list args);
int fflush(FILE *of);

#endif
