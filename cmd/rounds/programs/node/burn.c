// The fuse: the emitted peer over a terminal. Arguments: terminal, store, events, speed, last step, half.
#include "burn_fuse_posix.h"
#include "steps.h"

#include <stdio.h>
#include <stdlib.h>

static burn_fuse_posix driver;

void burn_fuse_on_burn(burn_fuse *c, uint8_t key)
{
    executed(key);
    burn_fuse_return_burn(c, key % 3u == 0u, burn_fuse_posix_now(&driver));
}

void burn_fuse_on_serial(burn_fuse *c) { burn_fuse_return_serial(c, 42, burn_fuse_posix_now(&driver)); }

int main(int argc, char **argv)
{
    if (argc != 7) {
        return 2;
    }
    steps_open(argv[3], strtoul(argv[5], NULL, 10), atoi(argv[6]));
    if (burn_fuse_posix_open(&driver, argv[1], 0, argv[2], (uint32_t)atoi(argv[4])) != 0) {
        perror("fuse: open");
        return 2;
    }
    while (burn_fuse_posix_step(&driver, 1000) == 0) {
        orphan_check();
    }
    perror("fuse: step");
    return 2;
}
