package support

import "bytes"

// memo keeps answers by call and arguments.
type memo struct {
	limits   []memoLimit // by function
	entries  []memoEntry // in the order in which they were asked for
	asked    uint32      // when the call that will be remembered next was made
	recalled []byte      // of the last hit
}

// memoLimit: the last n distinct answers, none older than age milliseconds.
type memoLimit struct {
	n   int
	age uint32
}

type memoEntry struct {
	fn        function
	args, ans []byte
	at        uint32
}

// hit looks for a fresh answer and puts it into recalled.
func (m *memo) hit(f function, args []byte, now uint32) bool {
	m.expire(now)
	for _, e := range m.entries {
		if e.fn == f && bytes.Equal(e.args, args) {
			m.recalled = e.ans
			return true
		}
	}
	return false
}

func (m *memo) ask(now uint32) { m.asked = now }

// remember stores an answer in the place of the one to the same arguments, else of the oldest.
func (m *memo) remember(f function, args, ans []byte) {
	m.remove(func(e memoEntry) bool { return e.fn == f && bytes.Equal(e.args, args) })
	n := 0
	for _, e := range m.entries {
		if e.fn == f {
			n++
		}
	}
	if n >= m.limits[f].n {
		oldest := true
		m.remove(func(e memoEntry) bool {
			first := oldest && e.fn == f
			oldest = oldest && !first
			return first
		})
	}
	if m.limits[f].n > 0 {
		m.entries = append(m.entries, memoEntry{f, args, ans, m.asked})
	}
}

// expire removes what is too old; it must run at least once in 2^31 ms, or a stale answer looks fresh again.
func (m *memo) expire(now uint32) {
	m.remove(func(e memoEntry) bool { return now-e.at > m.limits[e.fn].age })
}

func (m *memo) forget() { m.entries = nil }

func (m *memo) remove(which func(memoEntry) bool) {
	var left []memoEntry
	for _, e := range m.entries {
		if !which(e) {
			left = append(left, e)
		}
	}
	m.entries = left
}
