// What tests of runs share: a driver that lets the two emitted peers take the steps of a run, one after the other, and an
// observer that sees from outside whether a property is broken.
//
// What a step asks for may not be possible in the code at hand, when it was repaired: no such datagram was sent, the timer
// does not run, the call is not taken. Then the step is left out, and the log says so. Nothing is done that the channel
// and the peers may not do. Time stands still: a timer fires because the run says so. What a layer knows (the pace, say) is
// set before each step to what the run says, as it is in the proof.
#ifndef RUNTEST_H
#define RUNTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { CALLER, CALLEE };

// The steps of a run.

// Starts both peers with blank memory.
void runtest_begin(const char *property);
// Begins a step, and says what is to happen in it.
void runtest_next(const char *what);
// The peer crashes after so many visible actions of the step: datagrams, writes, starts of handlers, ends of calls. Where
// it has fewer it crashes at its end.
void runtest_crash_after(int actions);
// The last action before the crash is a write that is torn.
void runtest_tear(void);
// The peer crashes once more while it starts.
void runtest_crash_in_start(int actions, bool torn);
// The datagram arrives with another value in a field; "payload" with another payload.
void runtest_altered(const char *field, uint32_t value);
// What a layer answers is yes; it is no for those that are not named.
void runtest_layer(const char *name);
// The program makes a call.
void runtest_call(const char *name);
// The handler that runs ends.
void runtest_returns(void);
// A datagram arrives, which was sent in a step as the so-manieth of it, from 0; step 0 is the first start.
void runtest_deliver(int step, int place);
void runtest_timer(int side, const char *name);
// A peer crashes between two events.
void runtest_crashes(int side);
// A blank peer takes the place of another, when nothing of it is in flight, runs or waits to be sent.
void runtest_replaced(int side);
// From here on the steps repeat, so often as the test has them.
void runtest_loops(void);
// The step sends so many datagrams, or it is not the run's.
void runtest_sends(int n);
// The steps that repeat were taken. Where each was as in the run, and no call was answered, none ever is.
void runtest_repeats(void);
// What is in flight is lost, if the channel loses, and from then on nothing is: all that can arrive does; handlers return;
// timers fire, but for one by which a call is given up (NULL: none). Where the outstanding call does not end so, it never does.
void runtest_settles(const char *giving_up);
// The verdict: 1 where the property is broken, 0 where it is not.
int runtest_end(void);

// A conversation whose peers are killed: the program makes each of its calls twice, one after the other, and once more each after
// the last kill. Everything that is sent arrives, but for what is lost.

// The peer that does the so-manieth visible action of both, from 1, is killed when it is done. A write may be torn: then so many of
// its bytes are there, and of the others what the tail says.
struct runtest_kill {
    int action;
    int kept, tail; // kept is -1 where nothing is torn
};
// What a torn write leaves behind the bytes that are there: what was there, flash that was erased before, neither.
enum { RUNTEST_OLD, RUNTEST_ONES, RUNTEST_INVERTED, RUNTEST_TAILS };

struct runtest_talk {
    int lost[2];  // by side, the so-manieth datagram, from 1; 0: none
    int patience; // of the first call of each function: it is given up after so many turns; 0: it is not
    int kills;
    struct runtest_kill kill[2];
};

// A visible action: whose, and of a write how many bytes it has.
struct runtest_acted {
    int side, written;
};

// What came of a conversation. It is there until the next one.
struct runtest_came {
    int actions;
    const struct runtest_acted *action;
    int restarts; // actions when the last start was over
    int outcomes[5], executions;
    const char *broken, *why; // a property
};

// Goes through a conversation: false where a property is broken.
bool runtest_talk(const struct runtest_talk *talk, struct runtest_came *came);

// What the driver knows of the program and of the plan's machines: runtest_program.c.

enum { RUNTEST_PURE = 1, RUNTEST_EFFECT = 2, RUNTEST_COMMUTES = 4, RUNTEST_ONCE = 8, RUNTEST_NOW = 1000000 };

struct runtest_function {
    const char *name;
    int kind;
    int args, answers; // how many of them differ
};

struct runtest_field {
    const char *name;
    uint32_t at, bits;
};

struct runtest_layout {
    uint32_t kind, header; // bytes
    size_t fields;
    const struct runtest_field *field;
};

struct runtest_timer {
    const char *name;
    bool *on;
    uint32_t *at;
    bool layer;
    int outlives;
};
enum { RUNTEST_OUTLIVES_NOTHING, RUNTEST_OUTLIVES_DATAGRAMS, RUNTEST_OUTLIVES_CALLS };

struct runtest_var {
    const char *name;
    bool *value;
};

extern const struct runtest_function runtest_functions[];
extern const size_t runtest_function_count;
extern const struct runtest_layout runtest_layouts[];
extern const size_t runtest_layout_count;
extern const uint32_t runtest_kind_bits;
extern const int runtest_overtaking; // -1: any number
extern const bool runtest_repeating; // whether the channel repeats
extern const bool runtest_losing;    // and loses
// The callee commits what a handler did with a record; else it is there when the handler has returned.
extern const bool runtest_commits;
extern const char *const runtest_properties[]; // those of the program that can be seen from outside
extern const size_t runtest_property_count;
extern const char *const runtest_giving_up[]; // the timers by which a call can end
extern const size_t runtest_giving_up_count;
extern const bool runtest_crashing[2]; // which peers may crash

const struct runtest_timer *program_timers(int side, size_t *n);
const struct runtest_var *program_layers(int side, size_t *n);
void program_start(int side);
bool program_halted(int side);
// Whether the caller takes a call.
bool program_free(void);
// Whether the record that has a slot there has another one too.
bool program_has_other_slot(int side, uint32_t offset);
void program_receive(int side, const uint8_t *bytes, size_t n);
void program_poll(int side);
// Makes the call with arguments of a number; false where it is not taken.
bool program_call(int fn, int number);
// Ends the handler with an answer of a number.
void program_return(int fn, int number);

// What the peers' hooks tell the driver.
void runtest_sent(int side, const uint8_t *bytes, size_t n);
bool runtest_read(int side, uint32_t offset, uint8_t *bytes, size_t n);
bool runtest_write(int side, uint32_t offset, const uint8_t *bytes, size_t n);
bool runtest_commit(int side, uint32_t offset, const uint8_t *bytes, size_t n);
void runtest_entropy(uint8_t *bytes, size_t n);
void runtest_invoked(int fn, int number);
void runtest_completed(int outcome, int number);
void runtest_reported(int fn, int args, int answer);
void runtest_breach(const char *name);
// The number of a sample by the place of its value among n; -1 where it is none.
int runtest_number(int64_t at, int n);

#endif
