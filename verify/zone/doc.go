// Package zone holds sets of clock valuations as difference bound matrices: conjunctions of bounds on clocks and on the
// differences of two clocks, in their canonical form (Dill 1989; Bengtsson, Yi 2004). Time is whole numbers of whatever
// unit the caller takes.
//
// In: bounds, resets, the passing of time. Out: whether a set is empty, and whether it is within another. It knows no
// machine.
package zone
