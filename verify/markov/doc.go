// Package markov computes what a finite discrete-time Markov chain does on average: the probability of reaching a state,
// and the expected sum of what its states give.
//
// In: a chain whose probabilities are exact fractions. Out: a Value, an exact fraction where the chain is small, and else a
// pair of floating-point numbers that the true value lies between. Every operation on those is rounded outwards, and an
// upper bound is one only where it was shown to be: a number at which an iteration stood still is never a result.
//
// It knows no machine, no channel and no protocol. Rounding (Down, Up, Interval) is exported for engines that sum
// over a space of their own.
package markov
