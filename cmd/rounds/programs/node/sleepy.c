// The node that sleeps: the emitted peer over UDP. Arguments: port, store, events, speed, last step, half.
#define _POSIX_C_SOURCE 200809L

#include "sleepy_node_posix.h"
#include "sleep.h"
#include "steps.h"

#include <stdio.h>
#include <stdlib.h>

static sleepy_node_posix driver;

void sleepy_node_on_turn(sleepy_node *c, uint8_t valve, uint16_t by)
{
    executed(by);
    sleepy_node_return_turn(c, (uint16_t)(by * 7u + valve), sleepy_node_posix_now(&driver));
}

void sleepy_node_on_level(sleepy_node *c, uint8_t valve) { sleepy_node_return_level(c, valve, sleepy_node_posix_now(&driver)); }

int main(int argc, char **argv)
{
    if (argc != 7) {
        return 2;
    }
    steps_open(argv[3], strtoul(argv[5], NULL, 10), atoi(argv[6]));
    if (sleepy_node_posix_open(&driver, "127.0.0.1", argv[1], NULL, NULL, argv[2], (uint32_t)atoi(argv[4])) != 0) {
        perror("node: open");
        return 2;
    }
    for (;;) {
        int awake = sleep_or_stay(driver.socket, sleepy_node_posix_now(&driver), driver.speed);
        if (sleepy_node_posix_step(&driver, awake) != 0) {
            perror("node: step");
            return 2;
        }
        orphan_check();
    }
}
