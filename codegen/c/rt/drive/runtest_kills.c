// This program kills the peers at every visible action of conversations: a datagram, a write, the start of a handler, the end of a
// call. Every write is torn at every byte in every way, and where nothing is torn, and nobody gives up, the peer is killed once
// more at every action of the start that follows; with the argument "pairs", at every later action. It ends with 1 where a
// property is broken, or where the caller takes no call any more.
#include "runtest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_ACTIONS = 1024 };

static struct {
    int talks, torn, twice, kills[2];
    int outcomes[5], executions;
} tally;

static bool talk(const struct runtest_talk *x, struct runtest_came *came)
{
    bool well = runtest_talk(x, came);
    tally.talks++;
    tally.executions += came->executions;
    for (int i = 0; i < 5; i++) {
        tally.outcomes[i] += came->outcomes[i];
    }
    if (!well) {
        printf("FAIL: %s is broken: %s\nlost %d of the caller, %d of the callee; patience %d", came->broken, came->why, x->lost[CALLER], x->lost[CALLEE], x->patience);
        for (int i = 0; i < x->kills; i++) {
            printf("; killed at action %d", x->kill[i].action);
            if (x->kill[i].kept >= 0) {
                printf(", %d bytes written, tail %d", x->kill[i].kept, x->kill[i].tail);
            }
        }
        printf("\n");
    }
    return well;
}

// The conversation goes otherwise where one more peer is killed at an action: whole, and where it is a write, torn at each byte.
// What came of it when nothing was torn is given.
static bool killed_at(struct runtest_talk x, struct runtest_acted at, int action, int *count, int *torn, struct runtest_came *whole)
{
    struct runtest_came came;
    x.kills++;
    for (int kept = 0; kept < at.written; kept++) {
        for (int tail = 0; tail < RUNTEST_TAILS; tail++) {
            x.kill[x.kills - 1] = (struct runtest_kill){action, kept, tail};
            (*torn)++;
            if (!talk(&x, &came)) {
                return false;
            }
        }
    }
    x.kill[x.kills - 1] = (struct runtest_kill){action, -1, 0};
    (*count)++;
    return talk(&x, whole);
}

// All kills of a conversation that has none yet.
static bool killed(struct runtest_talk x, bool pairs)
{
    static struct runtest_acted base[MOST_ACTIONS], first[MOST_ACTIONS];
    struct runtest_came came;
    if (!talk(&x, &came)) {
        return false;
    }
    int actions = came.actions;
    memcpy(base, came.action, (size_t)actions * sizeof base[0]);
    for (int at = 0; at < actions; at++) {
        if (!runtest_crashing[base[at].side]) {
            continue;
        }
        if (!killed_at(x, base[at], at + 1, &tally.kills[base[at].side], &tally.torn, &came)) {
            return false;
        }
        int last = pairs ? came.actions : x.patience > 0 ? 0 : came.restarts;
        struct runtest_talk y = x;
        y.kill[y.kills] = (struct runtest_kill){at + 1, -1, 0};
        y.kills++;
        memcpy(first, came.action, (size_t)came.actions * sizeof first[0]);
        for (int again = at + 1; again < last; again++) {
            if (runtest_crashing[first[again].side] && !killed_at(y, first[again], again + 1, &tally.twice, &tally.twice, &came)) {
                return false;
            }
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    static const int lost[3][2] = {{0, 0}, {1, 1}, {2, 1}};
    bool pairs = argc > 1 && strcmp(argv[1], "pairs") == 0;
    for (int i = 0; i < (runtest_losing ? 3 : 1); i++) {
        for (int patience = 0; patience <= (runtest_giving_up_count > 0 ? 2 : 0); patience++) {
            struct runtest_talk x = {.lost = {lost[i][CALLER], lost[i][CALLEE]}, .patience = patience};
            if (!killed(x, pairs)) {
                return 1;
            }
        }
    }
    printf("killed at %d actions of the caller, %d of the callee, %d torn writes, %d times once more; "
           "%d conversations: %d answered, %d refused, %d timed out, %d unknown, %d peer restarted, %d executions\n",
           tally.kills[CALLER], tally.kills[CALLEE], tally.torn, tally.twice, tally.talks, tally.outcomes[0], tally.outcomes[1], tally.outcomes[2],
           tally.outcomes[3], tally.outcomes[4], tally.executions);
    return 0;
}
