// Package random draws small systems of machines, for tests that hold one checker against another.
package random
