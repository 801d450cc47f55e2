package lang

import (
	"slices"

	"github.com/alecthomas/participle/v2/lexer"

	"sprocketc/diag"
)

// maxDepth bounds nested blocks; the language needs three.
const maxDepth = 8

// rawClause is a clause before its words are understood: its head, its block, and the comments about it.
type rawClause struct {
	lead        []comment // on lines of their own above the clause
	blankBefore bool      // an empty line between the last comment (or the previous clause) and the clause
	head        []lexer.Token
	block       *rawBlock
	trailing    string // comment behind the clause on its last line
	guessed     bool   // the first word of the head is a near one of what was written
}

// rawBlock is what stands in braces, or a whole file.
type rawBlock struct {
	open, close diag.Span // of the braces; close is empty where the file ended first
	clauses     []*rawClause
	opening     string    // comment behind the opening brace
	tail        []comment // comments before the closing brace
	multiline   bool      // a newline stood inside
}

// comment is a `//` comment on a line of its own.
type comment struct {
	text        string
	blankBefore bool
}

// splitter finds clauses, blocks and comments; it knows words only to guess where a missing brace belongs.
type splitter struct {
	file    *diag.File
	report  *diag.Report
	tokens  []lexer.Token
	next    int
	missing int // how many more braces are opened than closed
	closing int // depth that an implicit close goes back to, -1 for none
	k       struct{ newline, space, ident, number, punct, comment, other lexer.TokenType }
}

func split(file *diag.File, tokens []lexer.Token, report *diag.Report) *rawBlock {
	s := &splitter{file: file, report: report, tokens: tokens, closing: -1, k: kinds()}
	open := 0
	for _, t := range tokens {
		switch t.Value {
		case "{":
			open++
		case "}":
			open--
		}
	}
	s.missing = open
	root := &rawBlock{multiline: true}
	s.block(root, 0)
	return root
}

func (s *splitter) span(t lexer.Token) diag.Span { return span(s.file, t.Pos.Offset, tokenEnd(t)) }

// block reads clauses up to the closing brace of b, or to the end of the file at depth 0.
func (s *splitter) block(b *rawBlock, depth int) {
	var (
		pending  []comment
		newlines int        // since the last token that is none
		last     *rawClause // on the current line
	)
	for s.next < len(s.tokens) {
		t := s.tokens[s.next]
		switch {
		case t.Type == s.k.newline:
			newlines++
			last = nil
			b.multiline = true
			s.next++
			continue
		case t.Type == s.k.comment:
			switch {
			case last != nil:
				last.trailing = t.Value
			case newlines == 0 && depth > 0 && len(b.clauses) == 0 && pending == nil:
				b.opening = t.Value
			default:
				pending = append(pending, comment{text: t.Value, blankBefore: newlines > 1})
			}
			s.next++
		case t.Value == ";":
			s.next++
		case t.Value == "}" && depth == 0:
			s.report.Errorf("unexpected-token", s.span(t), "no block is open here", "unexpected `}`")
			s.next++
		case t.Value == "}":
			b.close = s.span(t)
			b.tail = pending
			s.next++
			return
		case t.Value == "{":
			s.report.Errorf("unexpected-token", s.span(t), "a block begins on the line of its clause", "unexpected `{`")
			inner := s.braces(depth)
			if n := len(b.clauses); n > 0 && b.clauses[n-1].block == nil {
				b.clauses[n-1].block = inner
			}
		case depth > 0 && s.missing > 0 && s.startsOuter(t, depth):
			s.report.Errorf("unclosed-block", b.open, "this block is not closed", "missing `}`").
				And(s.span(t), "before this clause")
			s.missing--
			s.closing = 0
			if t.Value == "call" {
				s.closing = depth - 1
			}
			b.tail = pending
			return
		default:
			if last != nil && last.block != nil && s.tokens[s.next-1].Value == "}" {
				s.report.Errorf("missing-separator", s.span(t), "expected a newline or `;` before this", "clauses are not separated")
			}
			c := &rawClause{lead: pending, blankBefore: newlines > 1}
			pending = nil
			s.clause(c, depth)
			b.clauses = append(b.clauses, c)
			b.multiline = b.multiline || c.multiline()
			last = c
		}
		newlines = 0
		if s.closing >= 0 && s.closing < depth { // an inner block met a clause of an outer one, or the end
			return
		}
		s.closing = -1
	}
	b.tail = pending
	if depth > 0 {
		s.report.Errorf("unclosed-block", b.open, "this block is not closed", "missing `}` at the end of the file")
		s.closing = 0
	}
}

// startsOuter tells whether t begins a clause that cannot stand at this depth: a missing brace is before it.
func (s *splitter) startsOuter(t lexer.Token, depth int) bool {
	if s.next+1 >= len(s.tokens) || s.tokens[s.next+1].Type != s.k.ident {
		return false
	}
	if s.next > 0 && s.tokens[s.next-1].Type != s.k.newline {
		return false
	}
	if t.Value == "call" {
		return depth >= 2
	}
	return t.Pos.Column == 1 && findWord(inFile, t.Value) != nil
}

// clause reads a head up to the end of its line, `;`, a brace or a comment, and the block where there is one.
func (s *splitter) clause(c *rawClause, depth int) {
	parens := 0
	for s.next < len(s.tokens) {
		t := s.tokens[s.next]
		if t.Value == "{" || t.Value == "}" || t.Value == ";" {
			break
		}
		if t.Type == s.k.newline || t.Type == s.k.comment {
			end := s.next
			for end < len(s.tokens) && (s.tokens[end].Type == s.k.newline || s.tokens[end].Type == s.k.comment) {
				end++
			}
			if parens == 0 || end == len(s.tokens) || !continues(c, s.tokens[end]) {
				break
			}
			c.head = append(c.head, s.tokens[s.next:end]...)
			s.next = end
			continue
		}
		switch t.Value {
		case "(":
			parens++
		case ")":
			parens--
		}
		c.head = append(c.head, t)
		s.next++
	}
	if s.next < len(s.tokens) && s.tokens[s.next].Value == "{" {
		c.block = s.braces(depth)
	}
}

// continues tells whether a newline within parentheses may stand here: after `(` or `,`, or before `)`.
func continues(c *rawClause, following lexer.Token) bool {
	if following.Value == ")" {
		return true
	}
	last := c.head[len(c.head)-1].Value
	return last == "(" || last == ","
}

// multiline tells whether a line ends within the clause.
func (c *rawClause) multiline() bool {
	newline := kinds().newline
	return c.block != nil && c.block.multiline || slices.ContainsFunc(c.head, func(t lexer.Token) bool { return t.Type == newline })
}

// braces reads a block, the next token being its opening brace.
func (s *splitter) braces(depth int) *rawBlock {
	open := s.tokens[s.next]
	s.next++
	b := &rawBlock{open: s.span(open)}
	if depth+1 <= maxDepth {
		s.block(b, depth+1)
		return b
	}
	s.report.Errorf("too-deep", b.open, "no program needs this", "blocks are nested deeper than %d", maxDepth)
	for level := 1; s.next < len(s.tokens); s.next++ {
		switch s.tokens[s.next].Value {
		case "{":
			level++
		case "}":
			level--
		}
		if level == 0 {
			b.close = s.span(s.tokens[s.next])
			s.next++
			break
		}
	}
	return b
}
