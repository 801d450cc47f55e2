package support

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// tape is a line of words that are taken off one by one. After the first error everything reads as zero.
type tape struct {
	words []string
	err   error
}

func (t *tape) word() string {
	if len(t.words) == 0 {
		t.fail("the line is too short")
		return ""
	}
	w := t.words[0]
	t.words = t.words[1:]
	return w
}

// number takes a decimal of at most limit.
func (t *tape) number(limit uint64) uint64 {
	w := t.word()
	v, err := strconv.ParseUint(w, 10, 64)
	if err != nil || v > limit {
		t.fail("%q is not a number of at most %d", w, limit)
		return 0
	}
	return v
}

func (t *tape) flag() bool { return t.number(1) == 1 }

// slot takes bytes in hexadecimal, or - for none.
func (t *tape) slot() []byte {
	w := t.word()
	if w == "-" {
		return nil
	}
	b, err := hex.DecodeString(w)
	if err != nil {
		t.fail("%q is not hexadecimal", w)
	}
	return b
}

func (t *tape) fail(format string, args ...any) {
	if t.err == nil {
		t.err = fmt.Errorf(format, args...)
	}
}

func slotText(b []byte) string {
	if len(b) == 0 {
		return "-"
	}
	return hex.EncodeToString(b)
}

func flagText(v bool) string {
	if v {
		return "1"
	}
	return "0"
}

// image is stable memory; what was not written is ones.
type image []byte

func (m *image) read(offset int, b []byte) error {
	m.grow(offset + len(b))
	copy(b, (*m)[offset:])
	return nil
}

func (m *image) write(offset int, b []byte) error {
	m.grow(offset + len(b))
	copy((*m)[offset:], b)
	return nil
}

func (m *image) grow(n int) {
	for len(*m) < n {
		*m = append(*m, 0xff)
	}
}

// actions collects what a core asks of its port.
type actions struct{ list []string }

func (a *actions) add(format string, args ...any) {
	a.list = append(a.list, fmt.Sprintf(format, args...))
}

func (a *actions) transmit(datagram []byte) {
	if len(datagram) > 0 { // an answer that cannot be sent is none
		a.add("send %s", slotText(datagram))
	}
}

func (a *actions) invoke(f function, args []byte)     { a.add("invoke %d %s", uint64(f), slotText(args)) }
func (a *actions) started(timer string, after uint32) { a.add("start %s %d", timer, after) }
func (a *actions) cancelled(timer string)             { a.add("cancel %s", timer) }
func (a *actions) noted(what string, f function)      { a.add("note %s %d", what, uint64(f)) }
func (a *actions) breached(assertion string)          { a.add("breach %s", assertion) }

// random is always the same, as the lines' answers are.
func (a *actions) random() uint64 { return 0x5a5a5a5a5a5a5a5a }

// replay answers each line with one.
func replay(r io.Reader, w io.Writer, step func(*tape) (state, actions []string)) error {
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<20)
	out := bufio.NewWriter(w)
	for n := 1; in.Scan(); n++ {
		t := &tape{words: strings.Fields(in.Text())}
		state, actions := step(t)
		if t.err == nil && len(t.words) > 0 {
			t.fail("the line is too long")
		}
		if t.err != nil {
			_ = out.Flush()
			return fmt.Errorf("line %d: %w", n, t.err)
		}
		fmt.Fprintln(out, strings.Join(append([]string{strings.Join(state, " ")}, actions...), " ; "))
	}
	if err := in.Err(); err != nil {
		return err
	}
	return out.Flush()
}
