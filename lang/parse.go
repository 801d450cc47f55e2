package lang

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"sprocketc/diag"
)

// MaxFile is the largest program that is read, in bytes.
const MaxFile = 1 << 20

// Load parses and checks; the diagnostics of both are in the order of the text.
func Load(file *diag.File) (*File, []diag.Diagnostic) {
	f, list := Parse(file)
	list = append(list, Check(f)...)
	diag.Sort(list)
	return f, list
}

// Parse reads a program. The tree is never nil and holds what could be read; the diagnostics are every error of
// syntax, of words, of numbers and units, in the order of the text.
func Parse(file *diag.File) (*File, []diag.Diagnostic) {
	p := &parser{file: file, k: kinds(), tree: &File{Source: file, lost: map[string]bool{}}}
	if !p.readable() {
		p.tree.Incomplete = true
		return p.tree, p.report.List
	}
	p.tree.root = split(file, lex(file), &p.report)
	if len(p.tree.root.clauses) == 0 && len(p.report.List) == 0 {
		p.report.Errorf("empty-file", span(file, 0, 0), "expected `protocol NAME`", "the program is empty")
	}
	for _, c := range p.tree.root.clauses {
		p.top(c)
	}
	p.tree.Incomplete = p.tree.Incomplete || slices.ContainsFunc(p.report.List, hides)
	p.order()
	diag.Sort(p.report.List)
	return p.tree, p.report.List
}

// readable refuses what is not a text of bounded size.
func (p *parser) readable() bool {
	text := p.file.Text
	if len(text) > MaxFile {
		p.report.Errorf("file-too-large", span(p.file, 0, 0), "", "the file is larger than a program may be, %d bytes", MaxFile)
		return false
	}
	at := bytes.IndexByte(text, 0)
	if at < 0 && !utf8.Valid(text) {
		at = 0
		for at < len(text) {
			r, n := utf8.DecodeRune(text[at:])
			if r == utf8.RuneError && n == 1 {
				break
			}
			at += n
		}
	}
	if at >= 0 {
		p.report.Errorf("binary-file", span(p.file, at, at+1), "this byte is not UTF-8 text", "the file is not a text")
		return false
	}
	return true
}

// hides tells whether an error may hide a clause, whose absence must not be reported as well.
func hides(d diag.Diagnostic) bool {
	return d.Code == "unclosed-block" || d.Code == "unexpected-token" || d.Code == "too-deep"
}

type parser struct {
	file   *diag.File
	report diag.Report
	tree   *File
	atTop  []*rawClause // clauses at the top that were read, for the place of `protocol`
	k      struct{ newline, space, ident, number, punct, comment, other lexer.TokenType }
}

func (p *parser) span(t lexer.Token) diag.Span {
	return span(p.file, t.Pos.Offset, tokenEnd(t))
}

func (p *parser) ident(t lexer.Token) Ident { return Ident{Name: t.Value, Span: p.span(t)} }

func (p *parser) tokensSpan(tokens []lexer.Token) diag.Span {
	if len(tokens) == 0 {
		return diag.Span{}
	}
	return p.span(tokens[0]).To(p.span(tokens[len(tokens)-1]))
}

// known finds the word a clause begins with, or reports why there is none.
func (p *parser) known(in context, c *rawClause) *word {
	if len(c.head) == 0 {
		return nil
	}
	t := c.head[0]
	w := findWord(in, t.Value)
	switch {
	case w != nil:
		return w
	case t.Type != p.k.ident:
		p.expecting(p.report.Errorf("unexpected-token", p.span(t), "", "unexpected %s %s", show(t.Value), in), in)
	default:
		d := p.report.Errorf("unknown-word", p.span(t), "", "unknown word `%s` %s", shorten(t.Value), in)
		p.expecting(d, in)
		near := p.suggest(d, t.Value, wordsIn(in))
		if len(c.head) > 1 && near != "" { // read on as if it were spelled right: the errors within come out too
			c.head = slices.Clone(c.head)
			c.head[0].Value = near
			c.guessed = true
			return findWord(in, near)
		}
	}
	return nil
}

// expecting says what may stand here: beside the caret where that is short, else below.
func (p *parser) expecting(d *diag.Diagnostic, in context) {
	names := wordsIn(in)
	if len(names) > 6 {
		d.Note("what can stand here: %s", alternatives(names))
		return
	}
	d.Labels[0].Text = "expected " + alternatives(names)
}

// suggest adds a near word as a repair, and gives it; the empty string where none is certain.
func (p *parser) suggest(d *diag.Diagnostic, name string, candidates []string) string {
	near := nearest(name, candidates)
	if near != "" {
		d.Repair("did you mean `"+near+"`?", diag.Edit{Span: d.Labels[0].Span, Text: near})
	}
	return near
}

// alternatives lists words for a message: "`a`, `b` or `c`".
func alternatives(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = "`" + n + "`"
	}
	if len(quoted) < 2 {
		return strings.Join(quoted, "")
	}
	return strings.Join(quoted[:len(quoted)-1], ", ") + " or " + quoted[len(quoted)-1]
}

// blockOf gives the clauses of the block that the word takes, and reports one that is missing or too much.
func (p *parser) blockOf(w *word, c *rawClause) []*rawClause {
	switch {
	case c.block == nil && w.needed:
		p.report.Errorf("missing-block", p.tokensSpan(c.head), "expected `{` after this", "`%s` needs a block", w.name).
			Note("the clause reads `%s`", w.form)
	case c.block != nil && w.block == inFile:
		p.report.Errorf("unexpected-token", c.block.open, "", "`%s` takes no block", w.name)
	case c.block != nil:
		return c.block.clauses
	}
	return nil
}

// head is what the declarations share. name may be the zero Token where the head could not be read; then the second
// word of the clause serves, so that uses of the name are not reported as well.
func (p *parser) head(c *rawClause, name lexer.Token, broken bool) Head {
	h := Head{Doc: docText(c), Note: commentText(c.trailing), Span: p.tokensSpan(c.head), Broken: broken}
	if broken && len(c.head) > 1 && c.head[1].Type == p.k.ident {
		name = c.head[1]
	}
	if name.Value != "" {
		h.Name = p.ident(name)
	}
	return h
}

// docText is the comment directly above a clause, up to an empty line.
func docText(c *rawClause) string {
	if c.blankBefore {
		return ""
	}
	from := len(c.lead)
	for from > 0 {
		from--
		if c.lead[from].blankBefore {
			break
		}
	}
	lines := make([]string, 0, len(c.lead)-from)
	for _, l := range c.lead[from:] {
		lines = append(lines, commentText(l.text))
	}
	return strings.Join(lines, "\n")
}

func commentText(s string) string { return strings.TrimPrefix(strings.TrimPrefix(s, "//"), " ") }

func (p *parser) top(c *rawClause) {
	w := p.known(inFile, c)
	if w == nil {
		p.tree.Incomplete = true
		if len(c.head) > 1 {
			p.tree.lost[c.head[1].Value] = true
		}
		return
	}
	p.atTop = append(p.atTop, c)
	g := parseHead[fileG](p, fileParser, inFile, c.head)
	broken := g == nil
	if broken {
		g = &fileG{}
	}
	name := func(n *nameG) Head {
		if n == nil {
			return p.head(c, lexer.Token{}, true)
		}
		return p.head(c, n.Name, broken)
	}
	block := p.blockOf(w, c)
	switch w.name {
	case "protocol":
		h := name(g.Protocol)
		if first := p.tree.Protocol; first != nil {
			p.report.Errorf("duplicate-clause", h.Span, "", "a second `protocol`").And(first.Span, "the first one")
			return
		}
		p.tree.Protocol = &Protocol{Head: h}
	case "struct":
		p.structure(name(g.Struct), block, c)
	case "enum":
		p.enum(name(g.Enum), block, c)
	case "peer":
		p.peer(name(g.Peer), block)
	case "channel":
		p.channel(name(g.Channel), block, c.block != nil)
	case "assert":
		if g.Assert != nil {
			p.assert(p.head(c, lexer.Token{}, false), g.Assert)
		}
	case "interface":
		i := g.Interface
		if i == nil {
			p.interfaceBlock(&Interface{Head: p.head(c, lexer.Token{}, true)}, block)
			return
		}
		p.interfaceBlock(&Interface{Head: p.head(c, i.Name, false), From: p.ident(i.From), To: p.ident(i.To), On: p.ident(i.On)}, block)
	}
}

// order reports where the protocol clause is missing or not the first.
func (p *parser) order() {
	if len(p.atTop) == 0 {
		return
	}
	first := p.tokensSpan(p.atTop[0].head)
	switch {
	case p.tree.Protocol == nil && !p.tree.Incomplete:
		p.report.Errorf("missing-protocol", first, "expected `protocol NAME` before this", "the program has no name")
	case p.tree.Protocol != nil && p.tree.Protocol.Span.Start != first.Start:
		p.report.Errorf("misplaced-protocol", p.tree.Protocol.Span, "", "`protocol` is not the first clause").And(first, "this comes before it")
	}
}

func (p *parser) structure(h Head, block []*rawClause, c *rawClause) {
	s := &Struct{Head: h}
	p.tree.Structs = append(p.tree.Structs, s)
	for _, fc := range block {
		if fc.block != nil {
			p.report.Errorf("unexpected-token", fc.block.open, "", "a field takes no block")
		}
		if len(fc.head) == 0 {
			continue
		}
		g := parseHead[fieldG](p, fieldParser, inStruct, fc.head)
		f := &Field{}
		if g == nil {
			f.Head = p.head(fc, lexer.Token{}, false)
			f.Broken = true
			if fc.head[0].Type == p.k.ident {
				f.Name = p.ident(fc.head[0])
			}
		} else {
			f = p.field(g)
			f.Doc, f.Note = docText(fc), commentText(fc.trailing)
		}
		s.Fields = append(s.Fields, f)
	}
	if len(block) == 0 && c.block != nil {
		p.report.Errorf("empty-declaration", h.Span, "expected at least one field", "a struct without fields")
	}
}

func (p *parser) field(g *fieldG) *Field {
	f := &Field{Head: Head{Name: p.ident(g.Name), Span: p.tokensSpan(g.Tokens)}}
	f.Type = p.typ(g.Type)
	f.Broken = f.Type == nil
	return f
}

func (p *parser) enum(h Head, block []*rawClause, c *rawClause) {
	e := &Enum{Head: h}
	p.tree.Enums = append(p.tree.Enums, e)
	for _, mc := range block {
		if mc.block != nil {
			p.report.Errorf("unexpected-token", mc.block.open, "", "a member takes no block")
		}
		if len(mc.head) == 0 {
			continue
		}
		g := parseHead[enumG](p, enumParser, inEnum, mc.head)
		if g == nil {
			e.Broken = true
			continue
		}
		for _, m := range g.Members {
			e.Members = append(e.Members, p.ident(m.Name))
		}
	}
	if len(block) == 0 && c.block != nil {
		p.report.Errorf("empty-declaration", h.Span, "expected at least one member", "an enum without members")
	}
}
