package fsm

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"sprocketc/diag"
)

// token of a text: a comment, a name, a number, or one of the signs. Spaces are none.
type token struct {
	kind     tokenKind
	text     string
	at, last int // in bytes, from at up to but not last
}

type tokenKind uint8

const (
	ended tokenKind = iota
	comment
	ident
	number
	sign
	strange // no token begins so
)

// scanner takes the tokens of a text one after the other; those at hand are told apart by two.
type scanner struct {
	file      *diag.File
	text      string
	tok, next token
	end       int // of the token before tok
}

func newScanner(file *diag.File) *scanner {
	s := &scanner{file: file, text: string(file.Text)}
	s.tok = s.scan(0)
	s.next = s.scan(s.tok.last)
	return s
}

// advance past the token at hand.
func (s *scanner) advance() {
	s.end = s.tok.last
	s.tok = s.next
	s.next = s.scan(s.next.last)
}

// scan the token that begins at a place or after the spaces there.
func (s *scanner) scan(at int) token {
	t := s.text
	for at < len(t) && strings.IndexByte(" \t\r\n", t[at]) >= 0 {
		at++
	}
	if at == len(t) {
		return token{ended, "", at, at}
	}
	end, kind := at+1, sign
	switch c := t[at]; {
	case letter(c):
		for kind = ident; end < len(t) && (letter(t[end]) || digit(t[end])); {
			end++
		}
	case digit(c):
		for kind = number; end < len(t) && digit(t[end]); {
			end++
		}
	case strings.HasPrefix(t[at:], "//"):
		if kind, end = comment, strings.IndexByte(t[at:], '\n'); end < 0 {
			end = len(t) - at
		}
		end += at
	case end < len(t) && slices.Contains(pairs, t[at:end+1]):
		end++
	case strings.IndexByte("-+*%/!<>=(){}[].,;:&|", c) < 0:
		_, n := utf8.DecodeRuneInString(t[at:])
		kind, end = strange, at+n
	}
	return token{kind, t[at:end], at, end}
}

// pairs are the signs of two characters.
var pairs = []string{"..", "&&", "||", "==", "!=", "<=", ">="}

func letter(c byte) bool { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' }
func digit(c byte) bool  { return '0' <= c && c <= '9' }

// syntax is the first error of a text; it ends the reading of it.
type syntax struct{ found diag.Diagnostic }

// firstMistake is the error of syntax that ends the reading of a text, or none.
func firstMistake(read func()) (found []diag.Diagnostic) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case syntax:
			found = append(found, e.found)
		default:
			panic(e)
		}
	}()
	read()
	return nil
}

// fail says what was expected instead of the token at hand.
func (s *scanner) fail(wanted string) {
	what := quoted(s.tok.text)
	switch s.tok.kind {
	case ended:
		what = "end of the text"
	case comment:
		what = "comment: it can stand above a declaration, a field or a stage"
	case number:
		if wanted == "" {
			what += ": the number is too large"
		}
	}
	if wanted != "" {
		what += ", expected " + wanted
	}
	end := min(s.tok.last, s.tok.at+40)
	panic(syntax{diag.Diagnostic{Code: "machine-syntax", Message: "unexpected " + what, Labels: []diag.Label{{Span: diag.Span{File: s.file, Start: s.tok.at, End: end}}}}})
}

// quoted is a token as a message shows it.
func quoted(text string) string {
	if len(text) > 40 {
		text = text[:40] + "…"
	}
	for _, r := range text {
		if r == utf8.RuneError || !strconv.IsPrint(r) {
			return fmt.Sprintf("character %U", r)
		}
	}
	return "`" + text + "`"
}

// is reports whether a word or a sign is at hand.
func (s *scanner) is(text string) bool {
	return s.tok.text == text && (s.tok.kind == ident || s.tok.kind == sign)
}

// take a word or a sign if it is at hand.
func (s *scanner) take(text string) bool {
	ok := s.is(text)
	if ok {
		s.advance()
	}
	return ok
}

// need a word or a sign.
func (s *scanner) need(text string) {
	if !s.take(text) {
		s.fail("`" + text + "`")
	}
}

// name takes a name, which may be any word.
func (s *scanner) name() string {
	if s.tok.kind != ident {
		s.fail("a name")
	}
	text := s.tok.text
	s.advance()
	return text
}

// upTo takes a number of at most so many.
func (s *scanner) upTo(most uint64) uint64 {
	if s.tok.kind != number {
		s.fail("a number")
	}
	n, err := strconv.ParseUint(s.tok.text, 10, 64)
	if err != nil || n > most {
		s.fail("")
	}
	s.advance()
	return n
}

func (s *scanner) uint32() uint32 { return uint32(s.upTo(math.MaxUint32)) }
func (s *scanner) int() int       { return int(s.upTo(math.MaxInt)) }

// numbered reports whether a number is at hand.
func (s *scanner) numbered() bool { return s.tok.kind == number }

// doc takes the comments at hand, without slashes.
func (s *scanner) doc() (out []string) {
	for ; s.tok.kind == comment; s.advance() {
		out = append(out, strings.TrimSpace(s.tok.text[2:]))
	}
	return out
}

// span from a place to the last token that was taken.
func (s *scanner) span(from int) diag.Span {
	return diag.Span{File: s.file, Start: from, End: max(from, s.end)}
}

// list of one or more, with commas between them and, where it may be so, after them.
func list[T any](s *scanner, close string, trailing bool, one func() T) []T {
	out := []T{one()}
	for s.take(",") {
		if trailing && s.is(close) {
			break
		}
		out = append(out, one())
	}
	return out
}

// enclosed is such a list between two signs, or none.
func enclosed[T any](s *scanner, open, close string, trailing bool, one func() T) (out []T) {
	s.need(open)
	if !s.is(close) {
		out = list(s, close, trailing, one)
	}
	s.need(close)
	return out
}
