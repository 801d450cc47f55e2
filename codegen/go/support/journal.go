package support

import "time"

// Note is an entry of the journal of protocol events.
type Note struct {
	What string        // "sent", "ended" …
	Call string        // the call's name
	Ago  time.Duration // since it happened, by the peer's clock, in steps of a millisecond
}

// journal keeps the last notes, the oldest first.
type journal struct {
	limit int
	notes []entry
}

type entry struct {
	what string
	fn   function
	at   uint32
}

func (j *journal) note(what string, f function, now uint32) {
	if len(j.notes) >= j.limit {
		j.notes = j.notes[1:]
	}
	j.notes = append(j.notes, entry{what, f, now})
}

func (j *journal) read(now uint32) []Note {
	var out []Note
	for _, e := range j.notes {
		out = append(out, Note{e.what, e.fn.String(), time.Duration(now-e.at) * time.Millisecond})
	}
	return out
}
