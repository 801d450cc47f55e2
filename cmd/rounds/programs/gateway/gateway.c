// The rounds of a gateway in C. Arguments: line, store, events, speed, last step, half, first round, end of the rounds.
#include "gateway.h"
#include "steps.h"

#include <stdio.h>
#include <stdlib.h>

static const char *const outcomes[] = {"answered", "refused", "timed_out", "unknown", "restarted"};
static const char *outcome;
static char answer[16];

void ended(unsigned how, const char *with)
{
    outcome = how < 5u ? outcomes[how] : "?";
    (void)snprintf(answer, sizeof answer, "%s", with);
}

static int failed(const char *what)
{
    perror(what);
    return 2;
}

int main(int argc, char **argv)
{
    char line[64];
    if (argc != 9) {
        return 2;
    }
    steps_open(argv[3], strtoul(argv[5], NULL, 10), atoi(argv[6]));
    if (!peer_open(argv[1], argv[2], (uint32_t)atoi(argv[4]))) {
        return failed("gateway: open");
    }
    for (unsigned i = (unsigned)atoi(argv[7]); i < (unsigned)atoi(argv[8]); i++) {
        (void)snprintf(line, sizeof line, "gateway start %u\n", i);
        note(line);
        outcome = NULL;
        while (!peer_call(i)) { // one that has ended for the program may go on
            if (!peer_step()) {
                return failed("gateway: step");
            }
        }
        while (outcome == NULL) {
            if (!peer_step()) {
                return failed("gateway: step");
            }
            orphan_check();
        }
        step();
        (void)snprintf(line, sizeof line, "gateway end %u %s %s\n", i, outcome, answer);
        note(line);
    }
    return 0;
}
