package fsm

import (
	"fmt"
	"strconv"
	"strings"

	"sprocketc/diag"
)

// MaxLanes is the most lanes that a text is unrolled to: a digit says which one a name belongs to.
const MaxLanes = 9

// Unroll writes out what a text says of each of so many lanes, 1 to MaxLanes, and gives the text that Parse reads. A call
// that is outstanding has a lane: variables, timers and stages of its own, which the text says once.
//
//	each i { … }           what stands in braces, for each lane
//	each j after i { … }   for each other lane, that after i first, in a circle
//	any i (condition)      whether it holds in some lane
//	name[i]                the lane's own: name0, name1, …
//	i, after(i)            the number of the lane, and of the one after it
//	field: lane            the type of such numbers
//
// A mistake is one of the text: its first is found.
func Unroll(file *diag.File, lanes int) (*diag.File, []diag.Diagnostic) {
	u := &unroller{s: newScanner(file), lanes: lanes, at: map[string]int{}}
	if found := firstMistake(func() { u.upTo("") }); len(found) > 0 {
		return nil, found
	}
	return &diag.File{Name: file.Name, Text: []byte(u.out.String())}, nil
}

type unroller struct {
	s     *scanner
	lanes int
	at    map[string]int // the lane that each word in use stands for
	out   strings.Builder
}

// copy the token at hand, and the spaces before it.
func (u *unroller) copy() { u.write(u.s.tok.text) }

// write a text in place of the token at hand.
func (u *unroller) write(text string) {
	u.out.WriteString(u.s.text[u.s.end:u.s.tok.at])
	u.out.WriteString(text)
	u.s.advance()
}

// upTo copies up to a sign that closes what is at hand, which is not taken; "": the end of the text.
func (u *unroller) upTo(close string) {
	depth := 0
	for {
		s := u.s
		switch {
		case s.tok.kind == ended:
			if close != "" {
				s.fail("`" + close + "`")
			}
			return
		case depth == 0 && close != "" && s.is(close):
			return
		case s.is("each") && u.about("{"):
			u.each()
			continue
		case s.is("any") && u.about("("):
			u.any()
			continue
		case s.is("after") && s.next.text == "(":
			s.advance()
			s.advance()
			lane := u.lane()
			u.out.WriteString(" " + strconv.Itoa((lane+1)%u.lanes))
			s.need(")")
			continue
		case s.tok.kind == ident && s.next.text == "[":
			if name := s.tok.text; u.indexed() {
				u.write(name)
				s.advance()
				u.out.WriteString(strconv.Itoa(u.lane()))
				s.need("]")
				continue
			}
		case s.tok.kind == ident:
			if lane, ok := u.at[s.tok.text]; ok && s.next.text != ":" {
				u.write(strconv.Itoa(lane))
				continue
			}
		case s.is("{") || s.is("(") || s.is("["):
			depth++
		case s.is("}") || s.is(")") || s.is("]"):
			depth--
		}
		typed := s.is(":") && s.next.text == "lane"
		u.copy()
		if typed {
			u.write(fmt.Sprintf("0..%d", u.lanes-1))
		}
	}
}

// about reports whether what follows is a word for a lane and what opens its copies: `any epoch` may be a feature.
func (u *unroller) about(open string) bool {
	third := u.s.scan(u.s.next.last).text
	return u.s.next.kind == ident && (third == open || third == "after")
}

// indexed reports whether what stands in the bracket that follows is a word for a lane.
func (u *unroller) indexed() bool {
	inner := u.s.scan(u.s.next.last)
	_, ok := u.at[inner.text]
	return ok && u.s.scan(inner.last).text == "]"
}

// lane takes a word for a lane.
func (u *unroller) lane() int {
	lane, ok := u.at[u.s.tok.text]
	if !ok {
		u.s.fail("a word for a lane")
	}
	u.s.advance()
	return lane
}

// bind takes the word that is to stand for a lane.
func (u *unroller) bind() string {
	if _, taken := u.at[u.s.tok.text]; taken {
		u.s.fail("a word that does not stand for a lane yet")
	}
	return u.s.name()
}

// head takes what copies are of, up to the sign that opens them: a word for lanes, which one it stands for first, and for how many.
func (u *unroller) head(open string) (word string, first, lanes int) {
	u.s.advance()
	word, lanes = u.bind(), u.lanes
	if u.s.take("after") {
		first, lanes = u.lane()+1, u.lanes-1
	}
	u.s.need(open)
	return
}

func (u *unroller) each() {
	word, first, lanes := u.head("{")
	u.copies(word, first, lanes, "}", "", "")
}

func (u *unroller) any() {
	word, first, lanes := u.head("(")
	u.out.WriteString(" (")
	if lanes == 0 {
		u.out.WriteString("false")
	}
	u.copies(word, first, lanes, ")", "(", ")")
	u.out.WriteString(")")
}

// copies writes what stands before a closing sign for so many lanes from one on, each between two texts.
func (u *unroller) copies(word string, first, lanes int, close, before, behind string) {
	start := *u.s
	for i := range lanes {
		*u.s = start
		u.at[word] = (first + i) % u.lanes
		if i > 0 && before != "" {
			u.out.WriteString(" || ")
		}
		u.out.WriteString(before)
		u.upTo(close)
		u.out.WriteString(behind)
	}
	delete(u.at, word)
	for depth := 0; lanes == 0 && !(depth == 0 && u.s.is(close)); u.s.advance() { // of what is not there
		switch {
		case u.s.tok.kind == ended:
			u.s.fail("`" + close + "`")
		case u.s.is("{") || u.s.is("("):
			depth++
		case u.s.is("}") || u.s.is(")"):
			depth--
		}
	}
	u.s.need(close)
}
