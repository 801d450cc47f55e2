// The panel makes moves from one number up to another, as many at a time as can be, and says how each ended.
#include "moves_panel_posix.h"

#include <stdio.h>
#include <stdlib.h>

static moves_panel_posix driver;
static int outstanding;

void moves_panel_done_move(moves_panel *c, moves_panel_outcome outcome, uint16_t step, const uint16_t *result)
{
    static const char *const said[] = {"answer", "refused", "timed out", "unknown", "peer restarted"};
    (void)c;
    outstanding--;
    printf("ended %u %s %u\n", (unsigned)step, said[outcome], result != NULL ? (unsigned)*result : 0u);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc != 5 || moves_panel_posix_open(&driver, NULL, "0", "127.0.0.1", argv[1], argv[2], 1) != 0) {
        perror("open");
        return 1;
    }
    int next = atoi(argv[3]);
    while (next <= atoi(argv[4]) || outstanding > 0) {
        if (next <= atoi(argv[4])) {
            outstanding++;
            moves_panel_status status = moves_panel_call_move(&driver.core, (uint16_t)next, moves_panel_posix_now(&driver));
            if (status == MOVES_PANEL_OK) {
                printf("made %d\n", next);
                fflush(stdout);
                next++;
                continue;
            }
            outstanding--;
            if (status != MOVES_PANEL_BUSY) {
                return 1;
            }
        }
        if (moves_panel_posix_step(&driver, 1000) != 0) {
            return 1;
        }
    }
    return 0;
}
