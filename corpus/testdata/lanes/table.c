// The table says which moves it makes.
#include "moves_table_posix.h"

#include <stdio.h>

static moves_table_posix driver;

void moves_table_on_move(moves_table *c, uint16_t step)
{
    printf("runs %u\n", (unsigned)step);
    fflush(stdout);
    moves_table_return_move(c, (uint16_t)(3 * step), moves_table_posix_now(&driver));
}

int main(int argc, char **argv)
{
    if (argc != 3 || moves_table_posix_open(&driver, "127.0.0.1", argv[1], NULL, NULL, argv[2], 1) != 0) {
        perror("open");
        return 1;
    }
    while (moves_table_posix_step(&driver, -1) == 0) {
    }
    return 1;
}
