package lang

import (
	"strings"
	"sync"

	"github.com/alecthomas/participle/v2/lexer"

	"sprocketc/diag"
)

// definition is the lexer. Its last rule matches any code point, so that lexing never fails; the grammar refuses
// what it caught. A number takes its unit with it; a dot belongs to it only before a digit.
var definition = sync.OnceValue(func() *lexer.StatefulDefinition {
	return lexer.MustStateful(lexer.Rules{"Root": {
		{Name: "Newline", Pattern: `\n`},
		{Name: "Space", Pattern: `[ \t\r\x{FEFF}]+`},
		{Name: "Ident", Pattern: `[\p{L}_][\p{L}\p{N}_]*`},
		{Name: "Number", Pattern: `[0-9][0-9_]*(\.[0-9]+)?([\p{L}_][\p{L}\p{N}_]*|%)?`},
		{Name: "Comment", Pattern: `//[^\n]*`},
		{Name: "Punct", Pattern: `\.\.|[{}()\[\],;?/.%\-]`},
		{Name: "Other", Pattern: `"[^"\n]*"?|(?s:.)`},
	}})
})

// kinds are the token types of the lexer by name.
var kinds = sync.OnceValue(func() struct{ newline, space, ident, number, punct, comment, other lexer.TokenType } {
	s := definition().Symbols()
	return struct{ newline, space, ident, number, punct, comment, other lexer.TokenType }{
		s["Newline"], s["Space"], s["Ident"], s["Number"], s["Punct"], s["Comment"], s["Other"]}
})

// lex returns the tokens without white space. Characters that begin no token are tokens of their own, which the
// grammar refuses where they stand.
func lex(file *diag.File) []lexer.Token {
	lx, err := definition().LexString(file.Name, string(file.Text))
	if err != nil { // the definition has no failing rule
		return nil
	}
	k := kinds()
	var tokens []lexer.Token
	for {
		t, err := lx.Next()
		switch {
		case err != nil || t.EOF(): // the last rule matches anything, so there is no error
			return tokens
		case t.Type == k.space:
			continue
		case t.Type == k.comment:
			t.Value = strings.TrimRight(t.Value, " \t\r")
		}
		tokens = append(tokens, t)
	}
}

func span(file *diag.File, start, end int) diag.Span {
	return diag.Span{File: file, Start: start, End: end}
}

func tokenEnd(t lexer.Token) int { return t.Pos.Offset + len(t.Value) }

// sliceLexer feeds the tokens of one clause to participle.
type sliceLexer struct {
	tokens []lexer.Token
	end    lexer.Token
}

func (s *sliceLexer) Next() (lexer.Token, error) {
	if len(s.tokens) == 0 {
		return s.end, nil
	}
	t := s.tokens[0]
	s.tokens = s.tokens[1:]
	return t, nil
}
