// The node that restarts: the emitted peer over UDP. Arguments: port, store, events, speed, last step, half.
#include "reboot_node_posix.h"
#include "steps.h"

#include <stdio.h>
#include <stdlib.h>

static reboot_node_posix driver;
static unsigned last_ticket;

// It does not return: the process ends, and is started again.
void reboot_node_on_reboot(reboot_node *c, uint16_t ticket)
{
    (void)c;
    executed(ticket);
    exit(0);
}

void reboot_node_on_last(reboot_node *c) { reboot_node_return_last(c, (uint16_t)last_ticket, reboot_node_posix_now(&driver)); }

int main(int argc, char **argv)
{
    if (argc != 7) {
        return 2;
    }
    steps_open(argv[3], strtoul(argv[5], NULL, 10), atoi(argv[6]));
    last_ticket = last_executed();
    if (reboot_node_posix_open(&driver, "127.0.0.1", argv[1], NULL, NULL, argv[2], (uint32_t)atoi(argv[4])) != 0) {
        perror("node: open");
        return 2;
    }
    while (reboot_node_posix_step(&driver, 1000) == 0) {
        orphan_check();
    }
    perror("node: step");
    return 2;
}
