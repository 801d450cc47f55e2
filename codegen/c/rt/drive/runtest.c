#include "runtest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1024, LONGEST = 2048, MEMORY = 4096, TIMERS = 16, NO_START = 0x3fffffff };
enum { ANSWERED, REFUSED, TIMED_OUT, UNKNOWN, PEER_RESTARTED };

// A datagram that was sent, and may arrive as often as the channel lets it.
struct flight {
    int number; // of all that were sent
    int step, place, from;
    size_t size;
    uint8_t bytes[LONGEST];
    int call;  // for which it was sent; -1
    int start; // of the callee, when it was sent
    int later; // datagrams that were sent after it and have arrived
    bool delivered;
};

// The observer knows a call by its arguments and an execution by its answer; where several have the same it believes
// whatever breaks nothing.
struct call {
    int fn, args;
    bool ended;  // with an outcome, or by the caller's crash
    int outcome; // -1: none
    int starts, commits;
    int callee; // starts of the callee when it was made
    int heard;  // the oldest start of the callee that the caller had heard from since its own start; -1: none
};

struct execution {
    int fn, call, answer;
    int start; // of the callee
    bool returned;
};

static struct {
    int calls, executions;
    struct call call[MOST];
    struct execution execution[MOST];
    int pending, handling; // a call, an execution, or -1
    int returned; // the execution that returned last, or -1
    int callee, heard;
    int ignored; // requests in a row that were not answered
    const char *broken; // the property, where one is
    char why[200];      // how it is broken; empty: it is not
} seen;

// What a timer that outlives datagrams waits for: those that were in flight at its start, and where it outlives calls that
// which was outstanding then, with all that is sent for it.
struct old {
    bool aged;
    int before; // the number of the first datagram that was sent later
    int call;   // -1
};

static struct {
    const char *property, *what; // the property is NULL where all are watched
    int step, left;
    int flights, numbers;
    struct old old[2][TIMERS];

    // Of a run whose peers are killed.
    const struct runtest_talk *talk; // NULL: it is not
    int killed;                      // kills so far
    int acted, restarts, sent[2];
    struct runtest_acted act[MOST];
    struct flight *flight[MOST];
    uint8_t memory[2][MEMORY];
    uint32_t tokens;
    int handler_fn, handler; // the execution that runs; -1
    int loop_left, loop_answers;

    // Of the step at hand.
    int place, crash, visible, cuts, alters, layers;
    bool torn, calling, silent;
    struct {
        int after;
        bool torn;
    } cut[8];
    struct {
        const char *field;
        uint32_t value;
    } alter[8];
    const char *layer[8];
    const struct flight *arrived;
    jmp_buf crashed;
} r;

static void stop(const char *why)
{
    fprintf(stderr, "step %d (%s): %s\n", r.step, r.what, why);
    exit(2);
}

static void left_out(const char *why)
{
    r.left++;
    if (r.talk != NULL) {
        return;
    }
    printf("step %d (%s) is left out: %s\n", r.step, r.what, why);
}

static void bad(const char *property, const char *format, ...)
{
    va_list args;
    bool watched = r.property != NULL && strcmp(property, r.property) == 0;
    for (size_t i = 0; i < runtest_property_count && r.property == NULL; i++) {
        watched = watched || strcmp(property, runtest_properties[i]) == 0;
    }
    if (!watched || seen.why[0] != '\0') {
        return;
    }
    seen.broken = property;
    va_start(args, format);
    vsnprintf(seen.why, sizeof seen.why, format, args);
    va_end(args);
}

static bool is(int fn, int kind)
{
    return (runtest_functions[fn].kind & kind) != 0;
}

static void seen_made(int fn, int args)
{
    if (seen.calls == MOST) {
        stop("too many calls");
    }
    seen.pending = seen.calls;
    seen.ignored = 0;
    seen.call[seen.calls] = (struct call){fn, args, false, -1, 0, 0, seen.callee, seen.heard};
    seen.calls++;
}

static void seen_run(int call)
{
    struct call *c = &seen.call[call];
    c->starts++;
    if (is(c->fn, RUNTEST_EFFECT) && c->starts > 1) {
        bad("at_most_once", "call %d runs a second time", call + 1);
    }
    if (is(c->fn, RUNTEST_EFFECT + RUNTEST_ONCE)) {
        if (c->ended && (c->outcome == TIMED_OUT || c->outcome == REFUSED)) {
            bad("honest_outcome", "call %d runs after it was reported as not run", call + 1);
        }
        if (c->ended && (c->outcome == ANSWERED || c->outcome == PEER_RESTARTED)) {
            bad("final", "call %d runs after it had ended for good", call + 1);
        }
    }
    if (is(c->fn, RUNTEST_PURE) || is(c->fn, RUNTEST_COMMUTES)) {
        return;
    }
    for (int i = call + 1; i < seen.calls; i++) {
        if (c->ended && seen.call[i].starts > 0 && !is(seen.call[i].fn, RUNTEST_PURE)) {
            bad("no_stale", "call %d runs after call %d, which was made after its end", call + 1, i + 1);
        }
    }
}

static int seen_started(int fn, int args, int sent_for)
{
    int call = -1;
    int alike = 0;
    if (seen.handling >= 0) {
        bad("serial", "a handler starts while another runs");
    }
    for (int i = 0; i < seen.calls; i++) {
        if (seen.call[i].fn == fn && seen.call[i].args == args) {
            alike++;
            if (call < 0 || i == sent_for) {
                call = i;
            }
        }
    }
    if (alike > 1 && call != sent_for) {
        call = -1; // it may be any of them
    }
    if (seen.executions == MOST) {
        stop("too many executions");
    }
    seen.handling = seen.executions;
    seen.execution[seen.executions] = (struct execution){fn, call, -1, seen.callee, false};
    seen.executions++;
    if (call >= 0) {
        seen_run(call);
    }
    return seen.handling;
}

// What the handler that returned last did is durable.
static void seen_committed(void)
{
    int call = seen.returned < 0 ? -1 : seen.execution[seen.returned].call;
    if (call >= 0) {
        struct call *c = &seen.call[call];
        c->commits++;
        if (c->commits > 1 && is(c->fn, RUNTEST_ONCE)) {
            bad("exactly_once", "the effect of call %d is committed a second time", call + 1);
        }
    }
}

// A call has its answer, so its effect has to be there.
static void seen_uncommitted(int call)
{
    if (is(seen.call[call].fn, RUNTEST_ONCE) && seen.call[call].commits == 0) {
        bad("exactly_once", "call %d is answered, and its effect is not there", call + 1);
    }
}

// The caller tells of a call for which the program does not wait that it was answered.
static void seen_reported(int fn, int args, int answer)
{
    int call = -1;
    bool own = false;
    for (int i = 0; i < seen.executions; i++) {
        const struct execution *e = &seen.execution[i];
        if (!e->returned || e->answer != answer || e->fn != fn) {
            continue;
        }
        own = own || e->call < 0; // of several that are alike
        if (e->call > call && seen.call[e->call].args == args) {
            call = e->call;
            own = true;
        }
    }
    if (!own) {
        bad("own_answer", "a call is reported with an answer that is not its own");
    }
    if (call < 0) {
        return;
    }
    seen.call[call].ended = true;
    seen.call[call].outcome = ANSWERED;
    seen_uncommitted(call);
}

static void seen_ended(int outcome, int answer, bool at_once)
{
    int call = seen.pending;
    bool own = at_once;
    if (call < 0) {
        bad("own_answer", "a call ends that was not made");
        return;
    }
    struct call *c = &seen.call[call];
    seen.pending = -1;
    c->ended = true;
    c->outcome = outcome;
    for (int i = 0; i < seen.executions; i++) {
        const struct execution *e = &seen.execution[i];
        own = own || (e->returned && e->call == call && e->answer == answer);
    }
    if (outcome == ANSWERED) {
        seen_uncommitted(call);
    }
    if (outcome == ANSWERED && !own) {
        bad("own_answer", "call %d ends with an answer that is not its own", call + 1);
    }
    if ((outcome == TIMED_OUT || outcome == REFUSED) && c->starts > 0 && is(c->fn, RUNTEST_EFFECT)) {
        bad("honest_outcome", "call %d is reported as not run, and it ran", call + 1);
    }
    // The incarnation that the call was sent to is over where there was a start since, or where the caller knew only of an
    // earlier one.
    if (outcome == PEER_RESTARTED && seen.callee == c->callee && (c->heard < 0 || c->heard == seen.callee)) {
        bad("no_spurious_restart", "call %d ends as if the callee had restarted", call + 1);
    }
}

// Whether a call is outstanding whose handler has returned in the present incarnation of the callee, and none runs: then
// a request for it is to be answered.
static bool seen_waits(int call)
{
    bool waits = false;
    for (int i = 0; i < seen.executions; i++) {
        const struct execution *e = &seen.execution[i];
        waits = waits || (e->returned && e->call == call && e->start == seen.callee);
    }
    return waits && call >= 0 && call == seen.pending && seen.handling < 0;
}

// One request that is not answered may have been held back; of two in a row none was.
static void seen_asked(int sent)
{
    if (sent > 0 || seen.handling >= 0) {
        seen.ignored = 0;
        return;
    }
    seen.ignored++;
    if (seen.ignored > 1) {
        bad("useful", "call %d is asked about again and again, and the callee says nothing", seen.pending + 1);
    }
}

static int answers(void)
{
    int n = 0;
    for (int i = 0; i < seen.calls; i++) {
        n += seen.call[i].outcome == ANSWERED ? 1 : 0;
    }
    return n;
}

// Notices timers that outlive something and were started since the last visible action.
static void ages(int side)
{
    size_t n;
    const struct runtest_timer *t = program_timers(side, &n);
    for (size_t i = 0; i < n && i < TIMERS; i++) {
        if (t[i].outlives != RUNTEST_OUTLIVES_NOTHING && *t[i].on && *t[i].at != NO_START) {
            r.old[side][i] = (struct old){true, r.numbers, t[i].outlives == RUNTEST_OUTLIVES_CALLS ? seen.pending : -1};
            *t[i].at = NO_START;
        }
    }
}

// The kill that comes with an action, or NULL.
static const struct runtest_kill *killing(int action)
{
    if (r.talk == NULL || r.killed == r.talk->kills || r.talk->kill[r.killed].action != action) {
        return NULL;
    }
    return &r.talk->kill[r.killed];
}

// Counts a visible action, after which the peer may crash; of a write it is told how many bytes that has.
static void action(int side, size_t written)
{
    if (r.acted < MOST) {
        r.act[r.acted] = (struct runtest_acted){side, (int)written};
    }
    r.acted++;
    r.visible++;
    if (killing(r.acted) != NULL) {
        r.killed++;
        longjmp(r.crashed, 1);
    }
    if (r.visible == r.crash) {
        longjmp(r.crashed, 1);
    }
}

void runtest_sent(int side, const uint8_t *bytes, size_t n)
{
    ages(side);
    r.sent[side]++;
    if (!r.silent && (r.talk == NULL || r.talk->lost[side] != r.sent[side])) {
        struct flight *f = malloc(sizeof *f);
        if (f == NULL || r.flights == MOST || n > LONGEST) {
            stop("too many or too large datagrams");
        }
        *f = (struct flight){.number = r.numbers, .step = r.step, .place = r.place, .from = side, .size = n, .call = seen.pending, .start = seen.callee};
        memcpy(f->bytes, bytes, n);
        r.flight[r.flights] = f;
        r.flights++;
        r.numbers++;
    }
    r.place++;
    action(side, 0);
}

bool runtest_read(int side, uint32_t offset, uint8_t *bytes, size_t n)
{
    if (offset + n > MEMORY) {
        stop("the stable memory is too large");
    }
    memcpy(bytes, r.memory[side] + offset, n);
    return true;
}

// What the next action, a write, leaves of what was there: all of it, or what a crash does when it tears the write.
static void leaves(int side, uint32_t offset, const uint8_t *bytes, size_t n, uint8_t *left)
{
    const struct runtest_kill *k = killing(r.acted + 1);
    size_t kept = n;
    int tail = RUNTEST_OLD;
    if (k != NULL && k->kept >= 0) {
        kept = (size_t)k->kept;
        tail = k->tail;
    } else if (r.torn && r.visible + 1 == r.crash) {
        kept = n / 2u;
        tail = RUNTEST_INVERTED;
    }
    if (offset + n > MEMORY) {
        stop("the stable memory is too large");
    }
    memcpy(left, bytes, n);
    for (size_t i = kept; i < n; i++) {
        left[i] = tail == RUNTEST_OLD ? r.memory[side][offset + i] : tail == RUNTEST_ONES ? 0xffu : (uint8_t)~bytes[i];
    }
}

bool runtest_write(int side, uint32_t offset, const uint8_t *bytes, size_t n)
{
    static uint8_t left[MEMORY];
    ages(side);
    leaves(side, offset, bytes, n, left);
    memcpy(r.memory[side] + offset, left, n);
    action(side, n);
    return true;
}

// A commit that is torn leaves the old record where that has another slot, and then what the handler did is not there either.
bool runtest_commit(int side, uint32_t offset, const uint8_t *bytes, size_t n)
{
    static uint8_t left[MEMORY];
    leaves(side, offset, bytes, n, left);
    if (memcmp(left, bytes, n) == 0 || !program_has_other_slot(side, offset)) {
        seen_committed();
    }
    return runtest_write(side, offset, bytes, n);
}

void runtest_reported(int fn, int args, int answer)
{
    ages(CALLER);
    seen_reported(fn, args, answer);
    action(CALLER, 0);
}

// Gives other bits each time, the last byte's first.
void runtest_entropy(uint8_t *bytes, size_t n)
{
    r.tokens++;
    for (size_t i = 0; i < n; i++) {
        bytes[n - 1u - i] = i < 4u ? (uint8_t)(r.tokens >> (8u * i)) : 0u;
    }
}

void runtest_invoked(int fn, int number)
{
    ages(CALLEE);
    r.handler_fn = fn;
    r.handler = seen_started(fn, number, r.arrived == NULL ? -1 : r.arrived->call);
    action(CALLEE, 0);
}

void runtest_completed(int outcome, int number)
{
    ages(CALLER);
    seen_ended(outcome, number, r.calling);
    action(CALLER, 0);
}

void runtest_breach(const char *name)
{
    bad(name, "it is broken");
}

int runtest_number(int64_t at, int n)
{
    return at < 0 || at >= n ? -1 : (int)((at + n - 1) % n);
}

static bool layer_says(const char *name)
{
    for (int i = 0; i < r.layers; i++) {
        if (strcmp(r.layer[i], name) == 0) {
            return true;
        }
    }
    return false;
}

// Makes layers answer as the run says.
static void set_layers(int side)
{
    size_t n;
    const struct runtest_var *v = program_layers(side, &n);
    for (size_t i = 0; i < n; i++) {
        *v[i].value = layer_says(v[i].name);
    }
    const struct runtest_timer *t = program_timers(side, &n);
    for (size_t i = 0; i < n; i++) {
        if (t[i].layer) {
            *t[i].on = layer_says(t[i].name);
            *t[i].at = RUNTEST_NOW + 1u;
        }
    }
}

static void forget_flights(void)
{
    for (int i = 0; i < r.flights; i++) {
        free(r.flight[i]);
    }
    r.flights = 0;
    r.arrived = NULL;
}

// Everything volatile is gone.
static void down(int side)
{
    memset(r.old[side], 0, sizeof r.old[side]);
    if (side == CALLER) {
        if (seen.pending >= 0) {
            seen.call[seen.pending].ended = true;
        }
        seen.pending = -1;
        seen.heard = -1;
        return;
    }
    seen.callee++;
    seen.handling = -1;
    r.handler = -1;
}

// Lets a peer start, and crash in its start as often as the run says.
static void start(int side)
{
    volatile int next = 0;
    if (setjmp(r.crashed) != 0) {
        down(side);
    }
    r.crash = 0;
    r.torn = false;
    r.visible = 0;
    if (next < r.cuts) {
        r.crash = r.cut[next].after;
        r.torn = r.cut[next].torn;
        next++;
    }
    program_start(side);
    ages(side);
    r.restarts = r.acted;
    r.crash = 0;
    r.torn = false;
    r.cuts = 0;
}

// Whether there are calls that go on when they have ended for the program.
static bool runtest_functions_go_on(void)
{
    for (size_t i = 0; i < runtest_function_count; i++) {
        if (is((int)i, RUNTEST_ONCE)) {
            return true;
        }
    }
    return false;
}

// What one side does in an event, by the event's arguments.
struct event {
    enum { CALL, RETURN, RECEIVE, POLL } what;
    int fn, number;
    const uint8_t *bytes;
    size_t size;
};

static void act(int side, const struct event *e)
{
    switch (e->what) {
    case CALL:
        if (!program_call(e->fn, e->number)) {
            if (!runtest_functions_go_on()) {
                stop("the call is not taken");
            }
            seen.calls--;
            seen.pending = -1;
            left_out("a call goes on that has ended for the program");
        }
        break;
    case RETURN:
        program_return(e->fn, e->number);
        break;
    case RECEIVE:
        program_receive(side, e->bytes, e->size);
        break;
    default:
        program_poll(side);
        break;
    }
}

// Lets a peer act, up to where it crashes.
static void event(int side, const struct event *e)
{
    if (setjmp(r.crashed) == 0) {
        act(side, e);
        ages(side);
        if (r.crash == 0) {
            r.calling = false;
            return;
        }
    }
    r.calling = false;
    down(side);
    start(side);
}

static void blank(const char *property)
{
    memset(&seen, 0, sizeof seen);
    memset(&r, 0, sizeof r);
    memset(r.memory, 0xff, sizeof r.memory);
    r.property = property;
    r.what = "the first start";
    r.handler = -1;
    seen.pending = -1;
    seen.handling = -1;
    seen.returned = -1;
    seen.heard = -1;
}

void runtest_begin(const char *property)
{
    blank(property);
    start(CALLER);
    start(CALLEE);
}

void runtest_next(const char *what)
{
    r.step++;
    r.what = what;
    r.place = 0;
    r.crash = 0;
    r.visible = 0;
    r.cuts = 0;
    r.alters = 0;
    r.layers = 0;
    r.torn = false;
    r.arrived = NULL;
}

void runtest_crash_after(int actions)
{
    r.crash = actions;
}

void runtest_tear(void)
{
    r.torn = true;
}

void runtest_crash_in_start(int actions, bool torn)
{
    if (r.cuts < 8) {
        r.cut[r.cuts].after = actions;
        r.cut[r.cuts].torn = torn;
        r.cuts++;
    }
}

void runtest_altered(const char *field, uint32_t value)
{
    if (r.alters < 8) {
        r.alter[r.alters].field = field;
        r.alter[r.alters].value = value;
        r.alters++;
    }
}

void runtest_layer(const char *name)
{
    if (r.layers < 8) {
        r.layer[r.layers] = name;
        r.layers++;
    }
}

void runtest_call(const char *name)
{
    size_t fn = 0;
    while (fn < runtest_function_count && strcmp(runtest_functions[fn].name, name) != 0) {
        fn++;
    }
    if (fn == runtest_function_count) {
        stop("the program has no such call any more");
    }
    if (program_halted(CALLER)) {
        left_out("the caller has stopped for good");
        return;
    }
    if (seen.pending >= 0) {
        left_out("another call is outstanding");
        return;
    }
    struct event e = {.what = CALL, .fn = (int)fn, .number = seen.calls % runtest_functions[fn].args};
    set_layers(CALLER);
    seen_made(e.fn, e.number);
    r.calling = true;
    event(CALLER, &e);
}

void runtest_returns(void)
{
    if (r.handler < 0) {
        left_out("no handler runs");
        return;
    }
    struct event e = {.what = RETURN, .fn = r.handler_fn, .number = r.handler % runtest_functions[r.handler_fn].answers};
    r.handler = -1;
    set_layers(CALLEE);
    if (seen.handling >= 0) {
        seen.execution[seen.handling].returned = true;
        seen.execution[seen.handling].answer = e.number;
    }
    seen.returned = seen.handling;
    seen.handling = -1;
    if (!runtest_commits) {
        seen_committed();
    }
    event(CALLEE, &e);
}

static uint32_t bits(const uint8_t *b, size_t size, uint32_t at, uint32_t n)
{
    uint32_t v = 0;
    for (uint32_t i = at; i < at + n && i / 8u < size; i++) {
        v = v << 1 | (b[i / 8u] >> (7u - i % 8u) & 1u);
    }
    return v;
}

static void set_bits(uint8_t *b, size_t size, const struct runtest_field *f, uint32_t v)
{
    for (uint32_t i = 0; i < f->bits; i++) {
        uint32_t k = f->at + f->bits - 1u - i;
        if (k / 8u < size) {
            uint8_t mask = (uint8_t)(0x80u >> (k % 8u));
            b[k / 8u] = (uint8_t)((b[k / 8u] & ~mask) | ((v >> i & 1u) != 0u ? mask : 0u));
        }
    }
}

// Alters the bytes that arrive as the network does; false where they cannot be altered so.
static bool change(const struct flight *f, uint8_t *b)
{
    const struct runtest_layout *l = NULL;
    memcpy(b, f->bytes, f->size);
    if (r.alters == 0) {
        return true;
    }
    for (size_t i = 0; i < runtest_layout_count; i++) {
        if (runtest_layouts[i].kind == bits(b, f->size, 0, runtest_kind_bits)) {
            l = &runtest_layouts[i];
        }
    }
    for (int i = 0; i < r.alters && l != NULL; i++) {
        bool found = false;
        if (strcmp(r.alter[i].field, "payload") == 0 && l->header < f->size) {
            b[l->header] ^= 0x80u;
            found = true;
        }
        for (size_t k = 0; k < l->fields; k++) {
            if (strcmp(l->field[k].name, r.alter[i].field) == 0) {
                set_bits(b, f->size, &l->field[k], r.alter[i].value);
                found = true;
            }
        }
        if (!found) {
            return false;
        }
    }
    return l != NULL && memcmp(b, f->bytes, f->size) != 0;
}

void runtest_deliver(int step, int place)
{
    static uint8_t b[LONGEST];
    int at = 0;
    while (at < r.flights && (r.flight[at]->step != step || r.flight[at]->place != place)) {
        at++;
    }
    if (at == r.flights) {
        left_out("no such datagram was sent");
        return;
    }
    struct flight *f = r.flight[at];
    if (runtest_overtaking >= 0 && f->later > runtest_overtaking) {
        left_out("the datagram was overtaken by too many others");
        return;
    }
    if (f->delivered && !runtest_repeating) {
        left_out("the datagram has arrived, and the channel does not repeat");
        return;
    }
    if (!change(f, b)) {
        left_out("the datagram has nothing that could be altered so");
        return;
    }
    for (int i = 0; i < at && !f->delivered; i++) {
        if (r.flight[i]->from == f->from) {
            r.flight[i]->later++;
        }
    }
    f->delivered = true;
    r.arrived = f;
    int side = f->from == CALLER ? CALLEE : CALLER;
    if (side == CALLER && (seen.heard < 0 || f->start < seen.heard)) {
        seen.heard = f->start;
    }
    struct event e = {.what = RECEIVE, .bytes = b, .size = f->size};
    bool waits = side == CALLEE && r.alters == 0 && r.crash == 0 && seen_waits(f->call);
    set_layers(side);
    event(side, &e);
    if (waits) {
        seen_asked(r.place);
    }
}

// Whether nothing holds back a timer that fires; what is gone by then is taken away.
static bool outlives(struct old *old)
{
    int kept = 0;
    if (!old->aged) {
        return true;
    }
    if (old->call >= 0 && seen.pending == old->call) {
        return false;
    }
    for (int i = 0; i < r.flights; i++) {
        struct flight *f = r.flight[i];
        if (f->number < old->before || (old->call >= 0 && f->call == old->call)) {
            free(f);
        } else {
            r.flight[kept] = f;
            kept++;
        }
    }
    r.flights = kept;
    old->aged = false;
    return true;
}

void runtest_timer(int side, const char *name)
{
    size_t n;
    const struct runtest_timer *t = program_timers(side, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(t[i].name, name) != 0 || !(*t[i].on || t[i].layer)) {
            continue;
        }
        if (i < TIMERS && !outlives(&r.old[side][i])) {
            left_out("a call is outstanding that the timer outlives");
            return;
        }
        struct event e = {.what = POLL};
        set_layers(side);
        *t[i].on = true;
        *t[i].at = RUNTEST_NOW;
        event(side, &e);
        return;
    }
    left_out("the timer does not run");
}

void runtest_crashes(int side)
{
    down(side);
    start(side);
}

void runtest_replaced(int side)
{
    size_t n;
    const struct runtest_timer *t = program_timers(side == CALLER ? CALLEE : CALLER, &n);
    if (r.handler >= 0) {
        left_out("a handler runs");
        return;
    }
    r.silent = true;
    for (size_t i = 0; i < n; i++) {
        if (*t[i].on) {
            *t[i].at = RUNTEST_NOW;
            program_poll(side == CALLER ? CALLEE : CALLER);
        }
    }
    r.silent = false;
    forget_flights();
    memset(r.memory[side], 0xff, MEMORY);
    runtest_crashes(side);
}

void runtest_loops(void)
{
    r.loop_left = r.left;
    r.loop_answers = answers();
}

void runtest_sends(int n)
{
    if (r.place != n) {
        left_out("it sends otherwise");
    }
}

void runtest_repeats(void)
{
    if (r.left == r.loop_left && answers() == r.loop_answers) {
        bad(r.property, "what repeats can go on for ever, and no call is answered");
    }
}

static void settle_timers(int side, const char *giving_up)
{
    size_t n;
    const struct runtest_timer *t = program_timers(side, &n);
    for (size_t i = 0; i < n; i++) {
        if (*t[i].on && (giving_up == NULL || strcmp(t[i].name, giving_up) != 0)) {
            runtest_next("a timer fires");
            runtest_timer(side, t[i].name);
        }
    }
}

void runtest_settles(const char *giving_up)
{
    int call = seen.pending;
    if (runtest_losing) {
        forget_flights();
    }
    for (int round = 0; round < 40; round++) {
        int flights = r.flights;
        for (int i = 0; i < flights; i++) {
            const struct flight *f = r.flight[i];
            if (!f->delivered && (runtest_overtaking < 0 || f->later <= runtest_overtaking)) {
                runtest_next("what is in flight arrives");
                runtest_deliver(f->step, f->place);
            }
        }
        if (r.handler >= 0) {
            runtest_next("the handler returns");
            runtest_returns();
        }
        settle_timers(CALLER, giving_up);
        settle_timers(CALLEE, giving_up);
    }
    if (call >= 0 && seen.pending == call) {
        bad(r.property, "the outstanding call never ends, whatever arrives and returns and however often timers fire");
    }
}

// Lets all arrive that can, the handler return, and timers fire, but for those by which a call can end.
static void turn(bool giving_up)
{
    static struct { int step, place; } ready[MOST];
    int n = 0;
    for (int i = 0; i < r.flights; i++) {
        const struct flight *f = r.flight[i];
        if (!f->delivered) {
            ready[n].step = f->step;
            ready[n].place = f->place;
            n++;
        }
    }
    for (int i = 0; i < n; i++) {
        for (int k = 0; k < r.flights; k++) {
            const struct flight *f = r.flight[k];
            if (f->step == ready[i].step && f->place == ready[i].place && (runtest_overtaking < 0 || f->later <= runtest_overtaking)) {
                runtest_next("what is in flight arrives");
                runtest_deliver(f->step, f->place);
                break;
            }
        }
    }
    if (r.handler >= 0) {
        runtest_next("the handler returns");
        runtest_returns();
    }
    for (int side = CALLER; side <= CALLEE; side++) {
        const char *name[TIMERS];
        size_t all;
        size_t on = 0;
        const struct runtest_timer *t = program_timers(side, &all);
        for (size_t i = 0; i < all && on < TIMERS; i++) {
            bool ends = false;
            for (size_t k = 0; k < runtest_giving_up_count; k++) {
                ends = ends || strcmp(t[i].name, runtest_giving_up[k]) == 0;
            }
            if (!*t[i].on || (ends && !giving_up)) {
                continue;
            }
            size_t at = on; // sorted
            for (; at > 0 && strcmp(name[at - 1u], t[i].name) > 0; at--) {
                name[at] = name[at - 1u];
            }
            name[at] = t[i].name;
            on++;
        }
        for (size_t i = 0; i < on; i++) {
            runtest_next("a timer fires");
            runtest_timer(side, name[i]);
        }
    }
}

static bool watches(const char *property)
{
    for (size_t i = 0; i < runtest_property_count; i++) {
        if (strcmp(property, runtest_properties[i]) == 0) {
            return true;
        }
    }
    return false;
}

// Goes through a conversation: false where a property is broken.
static bool converse(const struct runtest_talk *x)
{
    int functions = (int)runtest_function_count;
    bool delivers = watches("delivered");
    int last = ANSWERED; // outcome of the call before, of those after the last kill
    int after = 0;
    for (int n = 0; n < 2 * functions || (x->kills > 0 && after < functions); n++) {
        bool survived = r.killed == x->kills;
        int fn = n % functions;
        int patience = n < functions ? x->patience : 0;
        int call = seen.calls;
        struct event e = {.what = CALL, .fn = fn, .number = call % runtest_functions[fn].args};
        runtest_next("call");
        set_layers(CALLER);
        seen_made(e.fn, e.number);
        r.calling = true;
        event(CALLER, &e);
        for (int turns = 1; seen.pending >= 0 || !program_free(); turns++) {
            if (seen.why[0] != '\0') {
                return false;
            }
            if (turns > 60) {
                seen.broken = "delivered";
                snprintf(seen.why, sizeof seen.why, "the caller takes no call any more");
                return false;
            }
            turn((patience > 0 && turns >= patience) || (turns > 30 && !delivers));
        }
        if (seen.why[0] != '\0') {
            return false;
        }
        if (!survived || x->kills == 0) {
            continue;
        }
        after++;
        int outcome = seen.call[call].outcome;
        if (delivers && patience == 0 && outcome != ANSWERED && (outcome != PEER_RESTARTED || last == PEER_RESTARTED)) {
            seen.broken = "delivered";
            snprintf(seen.why, sizeof seen.why, "call %d, which was made after the last crash, ends as outcome %d", call + 1, outcome);
            return false;
        }
        last = outcome;
    }
    return true;
}

bool runtest_talk(const struct runtest_talk *x, struct runtest_came *came)
{
    blank(NULL);
    r.talk = x;
    start(CALLER);
    start(CALLEE);
    bool well = converse(x);
    forget_flights();
    if (r.acted > MOST) {
        stop("too many actions");
    }
    *came = (struct runtest_came){.actions = r.acted, .action = r.act, .restarts = r.restarts, .executions = seen.executions, .broken = seen.broken, .why = seen.why};
    for (int i = 0; i < seen.calls; i++) {
        if (seen.call[i].outcome >= 0) {
            came->outcomes[seen.call[i].outcome]++;
        }
    }
    return well;
}

int runtest_end(void)
{
    forget_flights();
    if (seen.why[0] != '\0') {
        printf("FAIL: %s is broken: %s\n", r.property, seen.why);
        return 1;
    }
    printf("ok: %s is kept", r.property);
    if (r.left > 0) {
        printf("; %d of the run's %d steps are not possible in this code", r.left, r.step);
    }
    printf("\n");
    return 0;
}
