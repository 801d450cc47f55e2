// Package sprocketc holds no code: the compiler is in the folders below, and ARCHITECTURE.md says what lives where.
// Its tests state what holds for the repository as a whole: which package may import which, that every package says
// what it is for, and that no file outgrows a reader.
package sprocketc
