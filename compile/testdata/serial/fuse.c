#include "burn_fuse_posix.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static burn_fuse_posix driver;

void burn_fuse_on_burn(burn_fuse *c, uint8_t key)
{
    printf("%u\n", (unsigned)key);
    fflush(stdout);
    burn_fuse_return_burn(c, key % 2u == 0u, burn_fuse_posix_now(&driver));
}

void burn_fuse_on_serial(burn_fuse *c)
{
    burn_fuse_return_serial(c, 42, burn_fuse_posix_now(&driver));
}

int main(int argc, char **argv)
{
    if (argc != 4 || burn_fuse_posix_open(&driver, argv[1], 115200, argv[2], (uint32_t)atoi(argv[3])) != 0) {
        perror("open");
        return 1;
    }
    printf("boot\n");
    fflush(stdout);
    while (burn_fuse_posix_step(&driver, -1) == 0) {
    }
    printf("%s\n", strerror(errno));
    burn_fuse_posix_close(&driver);
    return 0;
}
