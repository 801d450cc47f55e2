package export

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/fsm"
)

// File is one file of an export.
type File struct {
	Name string
	Data []byte
	Run  bool // it is a script
}

// Options of an export.
type Options struct {
	Source    string   // what the machines come from, for the first line of every file
	Capacity  int      // of the channels whose text states none, 1 to 16
	Functions []uint32 // that the program calls, each for all that no machine can tell from it; nil: every one
	Epoch     *Epoch   // of the callee, by which no_spurious_restart tells whether an incarnation is over; nil: there is none
	OneOrder  bool     // values of one sort are compared across scopes: they have one order
}

// Epoch says under which epoch calls are sent: by the names of the caller's copy of it and of the callee's variable, for
// which functions, and whether restarts are remembered beside it.
type Epoch struct {
	Caller, Callee string
	Carried        []uint32
	Blind          bool
}

// targets by the name of the language, in the order in which they are named to people.
var targets = []struct {
	name  string
	print func(*model) []File
}{
	{"promela", promela},
	{"tla", tlaplus},
}

// Targets lists the languages.
func Targets() (out []string) {
	for _, t := range targets {
		out = append(out, t.name)
	}
	return
}

// Export prints a system for another checker. An error says what of the system the other language has no words for, or
// that there is no such target.
func Export(sys *fsm.System, target string, opt Options) ([]File, error) {
	for _, t := range targets {
		if t.name != target {
			continue
		}
		m, err := newModel(sys, opt)
		if err != nil {
			return nil, err
		}
		if target == "tla" && (m.lanes() || m.ordered()) {
			return nil, fmt.Errorf("the order of calls, and several that are outstanding, have no words in what is exported to %s yet", target)
		}
		return t.print(m), nil
	}
	return nil, fmt.Errorf("there is no export to %q: there is %s", target, strings.Join(Targets(), ", "))
}

// Properties lists what an export asserts, under the names that verify gives them, with those that say that the other
// checker met a limit of the representation.
func Properties(sys *fsm.System) []string {
	m, err := newModel(sys, Options{Capacity: 1})
	if err != nil {
		return nil
	}
	return slices.Clone(m.props)
}
