package codegen

import (
	"sprocketc/fsm"
	"sprocketc/ir"
)

// Input is one request to an emitter.
type Input struct {
	Plan   *ir.Plan
	System *fsm.System // machines "caller" and "callee"
	Source string      // base name of the program's file, for the first line of emitted files
	Peer   *ir.Peer    // whose source is wanted
}

// Caller reports whether the peer is the one that calls.
func (in *Input) Caller() bool { return in.Peer == in.Plan.Interface.From }

// Machine is the peer's machine.
func (in *Input) Machine() *fsm.Machine {
	if in.Caller() {
		return in.System.Machine("caller")
	}
	return in.System.Machine("callee")
}

// File is an emitted file.
type File struct {
	Name string // relative, with slashes
	Data []byte
}

// NameError says that two names of a program, or one of it and one that emitted code needs, are the same in a language.
// It is the program's to mend.
type NameError struct{ What string }

func (e *NameError) Error() string { return e.What }
