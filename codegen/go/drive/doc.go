// Package drive is what the tests of a run share in every emitted package: a driver that lets the two emitted cores take
// the steps of a run, and an observer that sees from outside whether a property is broken.
//
// It is not used as a package, but for the observer, which tells the compiler whether a run breaks its property visibly:
// its files are copied, with another package clause, beside the emitted cores. standin.go declares what they find there.
package drive
