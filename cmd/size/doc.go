// Command size fills the table of docs/size.md: the bytes of code, data and stack of emitted peers on Cortex-M0+ and Cortex-M4, beside
// the same written by hand, and by hand around nanopb.
package main
