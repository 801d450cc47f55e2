// Package target knows the chips for which emitted C is measured and how their compilers are called: gcc, with -Os.
//
// In: C files in a folder. Out: bytes of code, data and zeroed memory, as the compiler of the target gives them.
// It knows nothing of programs and plans.
package target
