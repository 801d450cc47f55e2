// Package fsm is the machine language: two (or more) explicit state machines that exchange messages over channels.
//
// In: text (Parse) or tagged sources that Compose specialises. Out: a System that prints as text which reads back,
// is checked by Sanity, and is given its meaning by Program.Exec, one event at a time. The checker explores this
// value, the emitters print it: there is no other account of what a protocol does.
//
// A machine has bounded variables and, for each event, one ordered list of guarded stages with an early end:
//
//	machine callee {
//	    var last: num;
//	    on REQ(m) {
//	        when m.n == last { end; }
//	        last = m.n;
//	        invoke m.fn(m.args);
//	    }
//	}
//
// Variables are booleans, ranges, enumerations, small arrays of these, numbers (an unbounded ordered sort with next,
// before and ==), tokens (a sort with fresh and == only) and payload slots (copied, never tested). What survives a
// crash stands in records, which are written whole by persist. What is marked layer is hidden from the proof: the
// checker lets every read of it give any value. See spec/machines.md for the language.
//
// This package knows no feature, no program and no language; it never does input or output.
package fsm
