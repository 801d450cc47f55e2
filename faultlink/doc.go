// Package faultlink is a link between two peers that misbehaves on purpose, and reproducibly.
//
// In: datagrams of either peer, and what the link may do to them: lose, repeat, reorder, corrupt, delay.
// Out: the datagrams that survive, later and perhaps altered, and counters of what was done.
// The faults mean what the words of a channel mean in a sprocketc program, so a protocol that was verified
// under "reorders within 2" meets exactly that here and nothing worse.
//
// Lane is the fault model of one direction, without a clock or a socket: a test drives it in virtual time.
// Link puts two lanes between two UDP sockets of the loopback. ByteLane is one direction of a serial line: bytes in their
// order, some of which are lost, altered or added.
//
// What befalls the n-th datagram of a direction is a function of the seed and of n alone, so another timing
// of the peers changes the order of arrivals but not which datagrams are lost, repeated or altered.
//
// But for the bytes that a ByteLane adds, it never invents anything. It never overtakes further than was declared, and
// never loses what "loses 0" keeps, except where no peer is there to take it or the kernel's buffer of a socket overflows.
package faultlink
