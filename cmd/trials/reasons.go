package main

import "regexp"

// A reason says why vectors do not take a branch.
type reason struct {
	name, text string
	function   *regexp.Regexp // nil: any
	line       *regexp.Regexp // nil: any
}

func reasonOf(b branch) *reason {
	for i := range reasons {
		r := &reasons[i]
		if (r.function == nil || r.function.MatchString(b.function)) && (r.line == nil || r.line.MatchString(b.text)) {
			return r
		}
	}
	return nil
}

// reasons in the order in which they are asked; a branch that has none is a finding.
var reasons = []reason{
	{"log", "The log is full, or is read where it is not: the harness begins each event with an empty one.",
		regexp.MustCompile(`^note$|_notes$`), nil},
	{"misuse", "", regexp.MustCompile(`^filled$`), nil},
	{"values", "", regexp.MustCompile(`^put_(le|le64|wide|bytes)$`), nil},
	{"guard", "It cannot be: the guard stands where an index is used, so that a prover and a reviewer see that it holds (a default of a switch over all that there is, the end of a buffer that is large enough for everything that is written, a value that was checked when it arrived).",
		nil, regexp.MustCompile(`^switch \(|row >= \d+u|kind < \d+u|fn < \d+u \? fn|at < \d+u \? at|sizeof c->|fn >= \d+u|w->size|decode_\w+\(args, &\w+\) == FAULT_NONE|best == \d+u|answers_first`)},
	{"guard", "", regexp.MustCompile(`^(get|get_\w+|close_in|refuse|align_in|keep)$`), nil},
	{"port", "Memory fails: a write that is refused, a read that is, a record that is unreadable; and what a halted peer then does not do. The harness's port never fails.",
		nil, regexp.MustCompile(`persist_|STATE_HALTED\) \{$|_sound|port_read`)},
	{"port", "", regexp.MustCompile(`^(load_|read_slot|persist_)`), nil},
	{"misuse", "The program calls what it may not call now: before the start, after the end, within a hook; returns twice, or what another handler was to return; or gives an argument or a result out of its range. Vectors are events, and a program's mistake is none.",
		regexp.MustCompile(`^(enter|leave|may_call|may_return|end_handler|begin_call)$`), nil},
	{"misuse", "", nil, regexp.MustCompile(`STATE_OFF|STATE_INSIDE|!enter\(|!begin_call\(|!encode_\w+\(|!write_\w+\(|status != `)},
	{"hook", "A handler that starts its own peer anew, which it may not: no harness does.",
		nil, regexp.MustCompile(`STATE_INVOKING`)},
	{"time", "Time passes until a timer is due, or is not yet: the harness fires timers itself, and an event of a timer becomes a poll at any time.",
		regexp.MustCompile(`_(poll|next|receive)$`), nil},
	{"time", "", regexp.MustCompile(`^on_timer_`), nil},
	{"values", "Values of a program that payloads of three sizes do not have: the harness hands over payloads as they stand in datagrams, and what becomes of a program's value is seen by the events alone.",
		regexp.MustCompile(`^(encode_|write_|decode_|read_|complete$|report$|send_ans$|invoke$)`), nil},
	{"memo", "Whether an answer is remembered the harness says itself, both ways; through the header a memory of answers fills where answers come.",
		regexp.MustCompile(`^answers_`), nil},
	{"framing", "A frame that is broken or too long, and a run of 254 bytes without a zero, which no datagram of these programs is long enough for.",
		regexp.MustCompile(`_port_send$|_serial_\w+$`), nil},
	{"full", "A number is at the top of its width: vectors put it there, but not in each state and under each condition in which a stage asks.",
		regexp.MustCompile(`^on_`), regexp.MustCompile(`0x[0-9a-f]*f+u\b`)},
	{"commit", "The port commits a record of another length, or does not: as a failing memory.",
		nil, regexp.MustCompile(`commit\w*\(|done_ans`)},
	{"stages", "A condition of a stage, in states that these vectors do not have, or one that an earlier stage of the same event has decided: machines are composed of stages that hold for every plan, and a plan may leave one nothing to decide.",
		regexp.MustCompile(`^(on_message_|on_call$|finish\d*$)`), nil},
}
