package cgen

import (
	"fmt"
	"sort"

	"sprocketc/codegen"
	"sprocketc/fsm"
)

// ctxField is a member of the context struct.
type ctxField struct {
	decl        string // "uint32_t now"; without the semicolon
	size, align int
	doc         string // comment behind it
	buffer      bool   // stands after all scalars
}

// ctype is the C type of a scalar variable of the machine; payloads are passed on as views.
func (g *gen) ctype(t fsm.Type) string {
	switch t.Kind {
	case fsm.Bool:
		return "bool"
	case fsm.Payload:
		return "struct view"
	}
	return uintFor(g.bits(t))
}

func ctypeSize(c string) int {
	switch c {
	case "bool", "uint8_t":
		return 1
	case "uint16_t":
		return 2
	case "uint64_t":
		return 8
	}
	return 4
}

// member is the name of a machine's variable in the context struct.
func (g *gen) member(name string) string {
	n := codegen.CName(name)
	switch n {
	case "state", "serving", "returned", "returned_size", "now", "frame", "dropped", "notes", "notes_next", "notes_kept":
		return n + "_"
	}
	return n
}

// fields lists the context's members: bytes first and buffers last, since the short loads of small targets reach few
// bytes beyond a pointer.
func (g *gen) fields() []ctxField {
	var fs []ctxField
	scalar := func(ctype, name, doc string) {
		n := ctypeSize(ctype)
		fs = append(fs, ctxField{decl: ctype + " " + name, size: n, align: n, doc: doc})
	}
	array := func(ctype, name string, n int, doc string) {
		size := ctypeSize(ctype)
		fs = append(fs, ctxField{decl: fmt.Sprintf("%s %s[%d]", ctype, name, n), size: n * size, align: size, doc: doc, buffer: true})
	}
	scalar("uint8_t", "state", "off, ready, inside a hook, halted")
	if g.hasEvent(fsm.OnReturn) {
		scalar("uint8_t", "serving", "the call whose handler runs, counted from 1")
		scalar("bool", "returned", "the handler returned before its hook did; its answer waits in frame")
		scalar(uintFor(bitsFor(uint64(g.frameMax()))), "returned_size", "")
	}
	for _, v := range g.m.Vars {
		n := g.member(v.Name)
		switch {
		case v.Type.Kind == fsm.Payload:
			if max := g.slots[v.Name]; max > 0 {
				scalar(uintFor(bitsFor(uint64(max))), n+"_size", "")
				array("uint8_t", n, max, "")
			}
		case v.Type.Len > 0:
			array(g.ctype(v.Type), n, v.Type.Len, "")
		default:
			scalar(g.ctype(v.Type), n, "")
		}
	}
	for _, r := range g.m.Records {
		n := codegen.CName(r.Name)
		for _, f := range r.Fields {
			if f.Type.Kind == fsm.Payload {
				if max := g.slots[f.Name]; max > 0 {
					scalar(uintFor(bitsFor(uint64(max))), g.member(f.Name)+"_size", "")
					array("uint8_t", g.member(f.Name), max, "stable, in the record "+r.Name)
				}
				continue
			}
			scalar(g.ctype(f.Type), g.member(f.Name), "stable, in the record "+r.Name)
		}
		scalar("bool", n+"_sound", "")
		if r.Slots > 1 {
			scalar("uint8_t", n+"_slot", "")
			scalar("uint8_t", n+"_sequence", "")
		}
	}
	for _, t := range g.m.Timers {
		n := codegen.CName(t.Name)
		scalar("bool", n+"_on", "")
		scalar("uint32_t", n+"_at", "")
		if t.Doubles() {
			scalar("uint8_t", n+"_step", "how often the interval has doubled")
		}
	}
	for _, m := range g.m.Memos {
		n := codegen.CName(m.Name)
		if e := g.memoEntries(m); e > 0 {
			scalar("uint32_t", n+"_asked", "when the present call was made")
			scalar("uint16_t", n+"_found", "the entry that was hit")
			size, align := g.memoEntrySize()
			fs = append(fs, ctxField{decl: fmt.Sprintf("struct %s_%s_entry %s[%d]", g.name, n, n, e), size: e * size, align: align, buffer: true})
		}
	}
	if n := g.notes(); n > 0 {
		scalar(uintFor(bitsFor(uint64(n))), "notes_next", "")
		scalar(uintFor(bitsFor(uint64(n))), "notes_kept", "")
		fs = append(fs, ctxField{decl: fmt.Sprintf("%s_note notes[%d]", g.name, n), size: n * 8, align: 4, buffer: true})
	}
	scalar("uint32_t", "now", "ms")
	array("uint32_t", "dropped", 4, "datagrams refused, by reason")
	array("uint8_t", "frame", g.frameMax(), "the datagram that is being sent")
	sort.SliceStable(fs, func(i, j int) bool {
		a, b := fs[i], fs[j]
		if a.buffer != b.buffer {
			return !a.buffer
		}
		if a.buffer {
			return a.align > b.align
		}
		return a.size < b.size
	})
	return fs
}

// ramBytes is the size of the context struct where integers are aligned to their size.
func ramBytes(fs []ctxField) int {
	at, most := 0, 1
	for _, f := range fs {
		at = (at + f.align - 1) / f.align * f.align
		at += f.size
		most = max(most, f.align)
	}
	return (at + most - 1) / most * most
}

func (g *gen) hasEvent(k fsm.EventKind) bool { return g.event(k) != nil }

func (g *gen) event(k fsm.EventKind) *fsm.Event {
	for _, e := range g.m.Events {
		if e.Kind == k {
			return e
		}
	}
	return nil
}

func (g *gen) notes() int {
	if g.m.Journal == nil {
		return 0
	}
	return int(g.m.Journal.N)
}

// noteKinds lists what the journal may say, in the order in which the stages say it.
func (g *gen) noteKinds() []string {
	var out []string
	seen := map[string]bool{}
	g.everyStage(func(s fsm.Stmt) {
		if n, ok := s.(*fsm.Note); ok && !seen[n.What] {
			seen[n.What] = true
			out = append(out, n.What)
		}
	})
	return out
}

// breachNames lists the assertions of the machine's own.
func (g *gen) breachNames() []string {
	seen := map[string]bool{}
	g.everyStage(func(s fsm.Stmt) {
		if b, ok := s.(*fsm.Breach); ok {
			seen[b.Name] = true
		}
	})
	return sortedKeys(seen)
}

func (g *gen) memoEntries(m *fsm.Memo) int {
	n := 0
	for _, e := range m.Entries {
		n += int(e.N)
	}
	return n
}

// memoMax is the most bytes of the arguments and of the answers that the memo keeps.
func (g *gen) memoMax() (args, ans int) {
	for _, m := range g.m.Memos {
		for i, e := range m.Entries {
			if e.N > 0 && i < len(g.calls) {
				args = max(args, g.payloadMax("caller", i))
				ans = max(ans, g.payloadMax("callee", i))
			}
		}
	}
	return args, ans
}

// memoEntrySize mirrors the struct that header prints.
func (g *gen) memoEntrySize() (size, align int) {
	args, ans := g.memoMax()
	fs := []ctxField{{size: 4, align: 4}, {size: 1, align: 1}}
	for _, n := range []int{args, ans} {
		w := ctypeSize(uintFor(bitsFor(uint64(n))))
		fs = append(fs, ctxField{size: w, align: w})
	}
	fs = append(fs, ctxField{size: atLeastOne(args), align: 1}, ctxField{size: atLeastOne(ans), align: 1})
	return ramBytes(fs), 4
}

func (g *gen) ctxParam() string { return g.name + " *c" }
