// Package simulate lets the two machines of a plan run against each other over a link with faults, in virtual time.
//
// In: a plan with its composed system, a seed, how many calls, and what the link and the crashes do. Out: a Summary of
// what became of the calls, how often handlers ran, and what went over the link; and, to a listener, every step.
//
// The machines are those that are proven and emitted: fsm's interpreter executes them with real widths, real memos and
// timers; datagrams are bytes of the plan's layout, and what is altered on the way is found by the checksum or not at
// all. The link is faultlink's Lane, one a direction. Beside the bytes the simulation knows for each payload which call
// it belongs to, and so sees an execution that is one too many, one that comes late, and an answer that is another's.
//
// The same input gives the same run. It does no input or output, and it proves nothing: it shows.
package simulate
