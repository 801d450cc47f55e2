// Command sprocketc compiles programs of the Sprocket language to two peers that keep what the program demands.
//
// In: flags and files. Out: answers on the standard output, diagnostics and progress on the standard error, and an exit
// status: 0 it holds, 1 rejected, 2 the command line is wrong, 3 a property is violated, 4 undecided, 5 an error of the
// compiler's own. One file holds one subcommand; what they do is in package compile, and nothing is decided here.
package main
