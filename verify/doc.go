// Package verify explores a system of machines exhaustively against everything that its channels and crashes may do.
//
// In: a sane fsm.System. Out: a Report: a verdict for each property, what it rests on, and the shortest run that breaks
// one. A verdict is never more than was shown: what bounds the search makes it undecided, except for the limits that
// the report names.
//
// The steps of the machines come from fsm's interpreter alone (model.go); the properties watch one coloured call among
// any number (monitor.go). Two engines share them: exact words (every datagram in flight is told apart, channels of a
// bounded capacity), and block words (channels that lose and repeat, without any bound).
//
// This package knows no feature of the schema and no plan; it never does input or output.
package verify
