#ifndef INTTYPES_H
#define INTTYPES_H

#include <stdint.h>

#define PRIu32 "lu" // uint32_t is unsigned long for these compilers, as their warnings say where it is not

#endif
