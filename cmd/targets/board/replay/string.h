#ifndef STRING_H
#define STRING_H

#include <stddef.h>

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *to, int value, size_t n);
int memcmp(const void *a, const void *b, size_t n);
int strcmp(const char *a, const char *b);
char *strchr(const char *in, int c);
size_t strspn(const char *in, const char *of);
size_t strcspn(const char *in, const char *of);

#endif
