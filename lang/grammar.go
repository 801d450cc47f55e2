package lang

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"

	"sprocketc/diag"
)

// The grammar of the heads of clauses. It is lenient: units, ranges, names and which type takes which bound are judged
// when the tree is built, where a message can say more than "unexpected token".

type quantityG struct {
	Tokens []lexer.Token
	Minus  bool        `parser:"@'-'?"`
	Number lexer.Token `parser:"@Number"`
	Unit   string      `parser:"@('%' | 'bits' | 'bit' | 'B' | 'KiB' | 'MiB' | 'ms' | 's' | 'min' | 'h')?"`
	Per    string      `parser:"('/' @Ident)?"`
}

type rangeG struct {
	Tokens []lexer.Token
	Lo     *quantityG `parser:"@@ '..'"`
	Hi     *quantityG `parser:"@@"`
}

type typeG struct {
	Tokens []lexer.Token
	List   *listG     `parser:"( @@"`
	Base   *baseG     `parser:"| @@ )"`
	Suffix []*suffixG `parser:"@@*"`
	Refine *rangeG    `parser:"( 'in' @@"`
	More   []*suffixG `parser:"@@* )?"`
}

type listG struct {
	Tokens []lexer.Token
	Elem   *typeG     `parser:"'list' 'of' @@"`
	Max    *quantityG `parser:"('max' @@)?"`
}

type baseG struct {
	Tokens []lexer.Token
	Sized  lexer.Token `parser:"( @('text' | 'bytes')"`
	Max    *quantityG  `parser:"('max' @@)?"`
	Name   lexer.Token `parser:"| @Ident )"`
	Refine *rangeG     `parser:"('in' @@)?"`
}

type suffixG struct {
	Tokens []lexer.Token
	Size   *quantityG `parser:"'[' @@ ']'"`
	Option bool       `parser:"| @'?'"`
}

type fieldG struct {
	Tokens []lexer.Token
	Name   lexer.Token `parser:"@Ident"`
	Type   *typeG      `parser:"@@"`
}

type fileG struct {
	Protocol  *nameG      `parser:"'protocol' @@"`
	Struct    *nameG      `parser:"| 'struct' @@"`
	Enum      *nameG      `parser:"| 'enum' @@"`
	Peer      *nameG      `parser:"| 'peer' @@"`
	Channel   *nameG      `parser:"| 'channel' @@"`
	Interface *interfaceG `parser:"| 'interface' @@"`
	Assert    *assertG    `parser:"| 'assert' @@"`
}

type nameG struct {
	Name lexer.Token `parser:"@Ident"`
}

type interfaceG struct {
	Name lexer.Token `parser:"@Ident"`
	From lexer.Token `parser:"'from' @Ident"`
	To   lexer.Token `parser:"'to' @Ident"`
	On   lexer.Token `parser:"'on' @Ident"`
}

type enumG struct {
	Members []*nameG `parser:"@@ (',' @@)* ','?"`
}

type peerG struct {
	Emit    []*nameG   `parser:"'emit' @@ (',' @@)*"`
	Crashes bool       `parser:"| @'crashes'"`
	Commits bool       `parser:"| @'commits' 'separately'"`
	Stable  *quantityG `parser:"| 'stable' @@"`
	Entropy *quantityG `parser:"| 'entropy' @@"`
	RAM     *quantityG `parser:"| 'ram' 'max' @@"`
	Flash   *quantityG `parser:"| 'flash' 'max' @@"`
	Drift   *quantityG `parser:"| 'drift' @@"`
	Battery bool       `parser:"| @'battery'"`
}

type channelG struct {
	Between  []*nameG   `parser:"'between' @@ 'and' @@"`
	From     []*nameG   `parser:"| 'from' @@ 'to' @@"`
	Over     *nameG     `parser:"| 'over' @@"`
	Unit     *quantityG `parser:"| 'unit' 'max' @@"`
	Loses    *quantityG `parser:"| 'loses' @@"`
	Repeats  bool       `parser:"| @'repeats'"`
	Reorders bool       `parser:"| @'reorders'"`
	Within   *quantityG `parser:"('within' @@)?"`
	Corrupts bool       `parser:"| @'corrupts'"`
	Unseen   *quantityG `parser:"('unseen' @@)?"`
	Delays   *rangeG    `parser:"| 'delays' @@"`
	Lives    *quantityG `parser:"| 'lives' @@"`
	Rate     *quantityG `parser:"| 'rate' 'max' @@"`
}

type interfaceClauseG struct {
	Call     *callHeadG `parser:"'call' @@"`
	Within   *quantityG `parser:"| 'within' @@"`
	Optimise []*nameG   `parser:"| 'optimise' @@ (',' @@)*"`
	Force    bool       `parser:"| @'force'"`
}

type callHeadG struct {
	Name   lexer.Token `parser:"@Ident '('"`
	Params []*fieldG   `parser:"(@@ (',' @@)* ','?)? ')'"`
	Result *typeG      `parser:"@@?"`
}

type callG struct {
	Pure       bool       `parser:"@'pure'"`
	Idempotent bool       `parser:"| @'idempotent'"`
	Effect     bool       `parser:"| @'effect'"`
	Exactly    bool       `parser:"(@'exactly' 'once')?"`
	Commutes   bool       `parser:"| @'commutes'"`
	Serial     bool       `parser:"| @'serial'"`
	Ordered    bool       `parser:"| @'ordered'"`
	After      *nameG     `parser:"('after' @@)?"`
	Pipelined  *quantityG `parser:"| 'pipelined' 'max' @@"`
	Keep       bool       `parser:"| @'keep'"`
	Cache      *quantityG `parser:"| 'cache' @@"`
	For        *quantityG `parser:"'for' @@"`
	Within     *quantityG `parser:"| 'within' @@"`
	At         *quantityG `parser:"('at' @@)?"`
	Log        *quantityG `parser:"| 'log' @@"`
}

type forceG struct {
	Words  []*nameG   `parser:"@@+"`
	Number *quantityG `parser:"@@?"`
}

// clauseParser builds the parser of one context when it is first needed.
func clauseParser[G any]() func() *participle.Parser[G] {
	return sync.OnceValue(func() *participle.Parser[G] {
		return participle.MustBuild[G](participle.Lexer(definition()))
	})
}

var (
	fileParser      = clauseParser[fileG]()
	fieldParser     = clauseParser[fieldG]()
	enumParser      = clauseParser[enumG]()
	peerParser      = clauseParser[peerG]()
	channelParser   = clauseParser[channelG]()
	interfaceParser = clauseParser[interfaceClauseG]()
	callParser      = clauseParser[callG]()
	forceParser     = clauseParser[forceG]()
)

// maxNesting bounds how deep types nest: `list of list of …`, `T[2][2]…`.
const maxNesting = 16

// parseHead reads the head of a clause. Where it returns nil, it has reported why.
func parseHead[G any](p *parser, build func() *participle.Parser[G], in context, head []lexer.Token) *G {
	tokens := make([]lexer.Token, 0, len(head))
	lists := 0
	for _, t := range head {
		if t.Type == p.k.newline || t.Type == p.k.comment {
			continue
		}
		switch t.Value {
		case "list":
			lists++
		case ",":
			lists = 0
		}
		if lists > maxNesting {
			p.report.Errorf("too-deep", p.span(t), "", "types are nested deeper than %d", maxNesting)
			return nil
		}
		tokens = append(tokens, t)
	}
	end := lexer.EOFToken(lexer.Position{Offset: tokenEnd(head[len(head)-1])})
	peeking, err := lexer.Upgrade(&sliceLexer{tokens: tokens, end: end})
	if err != nil { // sliceLexer has no errors
		return nil
	}
	g, err := build().ParseFromLexer(peeking)
	if err == nil {
		return g
	}
	p.syntaxError(err, in, tokens)
	return nil
}

// expected finds what participle wanted in its message.
var expected = regexp.MustCompile(`\(expected (.*)\)$`)

// syntaxError turns participle's error into ours: a word where a clause could end or another word stands is unknown,
// anything else is an unexpected token.
func (p *parser) syntaxError(err error, in context, tokens []lexer.Token) {
	var unexpected *participle.UnexpectedTokenError
	if !errors.As(err, &unexpected) {
		p.report.Errorf("unexpected-token", p.span(tokens[0]).To(p.span(tokens[len(tokens)-1])), "", "this clause cannot be read")
		return
	}
	t := unexpected.Unexpected
	wanted := ""
	if m := expected.FindStringSubmatch(unexpected.Message()); m != nil {
		wanted = describe(m[1])
	}
	w := findWord(in, tokens[0].Value)
	var d *diag.Diagnostic
	switch {
	case t.EOF():
		last := p.span(tokens[len(tokens)-1])
		d = p.report.Errorf("unexpected-token", span(p.file, last.Start, last.End), "", "this clause is not complete")
		if wanted != "" {
			d.Labels[0].Text = "expected " + wanted + " after this"
		}
	case t.Type == p.k.ident && (wanted == "" || strings.HasPrefix(wanted, "`")):
		d = p.report.Errorf("unknown-word", p.span(t), "", "unknown word `%s`", shorten(t.Value))
		d.Labels[0].Text = "has no meaning here"
		if wanted != "" {
			d.Labels[0].Text = "expected " + wanted
		}
		if w != nil {
			p.suggest(d, t.Value, w.inner)
		}
	default:
		d = p.report.Errorf("unexpected-token", p.span(t), "", "unexpected %s", show(t.Value))
		if wanted != "" {
			d.Labels[0].Text = "expected " + wanted
		}
	}
	if w != nil {
		d.Note("the clause reads `%s`", w.form)
	}
}

// describe words participle's expectation: tokens of the grammar become what a reader knows.
func describe(expect string) string {
	first, _, _ := strings.Cut(expect, " ")
	switch {
	case strings.HasPrefix(first, `"`):
		return "`" + strings.Trim(first, `"`) + "`"
	case first == "<ident>":
		return "a name"
	case first == "<number>" || strings.HasPrefix(first, "Quantity") || strings.HasPrefix(first, "Range"):
		return "a number"
	case strings.HasPrefix(first, "Type") || strings.HasPrefix(first, "Base") || strings.HasPrefix(first, "List"):
		return "a type"
	case strings.HasPrefix(first, "Field"):
		return "a name and a type"
	case strings.HasPrefix(first, "Name"), strings.HasPrefix(first, "Interface"), strings.HasPrefix(first, "CallHead"):
		return "a name"
	}
	return ""
}

func shorten(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// show quotes a token; what cannot be seen is named by its code point.
func show(s string) string {
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return fmt.Sprintf("character %U", r)
		}
	}
	return "`" + shorten(s) + "`"
}
