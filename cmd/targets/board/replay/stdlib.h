#ifndef STDLIB_H
#define STDLIB_H

unsigned long strtoul(const char *text, char **end, int base); // of decimal digits only
void exit(int status) __attribute__((noreturn));

#endif
