// What the programs of all nodes share: the events that they write down, and their death at a step.
//
// A step is a visible action: bytes to the line or the network, a write to stable memory, an execution. The linker puts the
// functions of steps.c in the place of write, pwrite and sendto (--wrap), so the emitted drivers are what they are elsewhere.
#ifndef STEPS_H
#define STEPS_H

#include <stdint.h>

// Opens the file of events, in which whoever reads it finds the order of all that happened. The process dies at the given step,
// 1 for the first (0: never); where half is not 0, with half of that step's bytes out.
void steps_open(const char *events, unsigned long last, int half);

// A step that is no write.
void step(void);

// Appends a line, whole, which stays when this process is killed.
void note(const char *line);

// Writes down an execution: a step before it and one after it.
void executed(unsigned argument);

// The argument of the last execution that was written down, by any life of this node.
unsigned last_executed(void);

// Ends the node where whoever started it is gone.
void orphan_check(void);

#endif
