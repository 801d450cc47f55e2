package lang

import (
	"strings"
	"unicode/utf8"

	"github.com/alecthomas/participle/v2/lexer"

	"sprocketc/diag"
)

// Format gives a program its canonical layout. Comments, the order of clauses, single empty lines, and whether a
// block stands on one line are kept; spacing and alignment are not. A text with errors of syntax gives nil and the
// diagnostics of Parse. Format(Format(x)) is Format(x), and both parse to the same tree but for spans.
func Format(text []byte) ([]byte, []diag.Diagnostic) {
	return FormatFile(&diag.File{Text: text})
}

// FormatFile is Format for a text with a name, which the diagnostics carry.
func FormatFile(file *diag.File) ([]byte, []diag.Diagnostic) {
	f, found := Parse(file)
	if diag.HasErrors(found) {
		return nil, found
	}
	p := &printer{k: kinds()}
	p.block(f.root, inFile, 0)
	return []byte(p.out.String()), found
}

const indentation = "    "

type printer struct {
	out strings.Builder
	run []line // lines whose trailing comments are aligned together
	k   struct{ newline, space, ident, number, punct, comment, other lexer.TokenType }
}

// line is a line of output with the comment behind it.
type line struct{ text, comment string }

// aligns tells where the words behind the first of each line begin in one column.
func (c context) aligns() bool { return c == inStruct || c == inPeer || c == inChannel }

func (p *printer) block(b *rawBlock, in context, depth int) {
	indent := strings.Repeat(indentation, depth)
	for from := 0; from < len(b.clauses); {
		to := from + 1
		for to < len(b.clauses) && adjacent(b.clauses[to]) {
			to++
		}
		section := b.clauses[from:to]
		heads := p.heads(section, in)
		rows := p.rows(section, heads, in)
		for i, c := range section {
			p.comments(c.lead, indent)
			if c.blankBefore {
				p.blank()
			}
			p.clause(c, heads[i], rows[i], in, depth)
		}
		from = to
	}
	p.comments(b.tail, indent)
	p.flush()
}

// adjacent tells whether a clause follows the one before it without anything between.
func adjacent(c *rawClause) bool { return !c.blankBefore && len(c.lead) == 0 }

func (p *printer) comments(list []comment, indent string) {
	for _, c := range list {
		if c.blankBefore {
			p.blank()
		}
		p.flush()
		p.out.WriteString(indent + c.text + "\n")
	}
}

// blank ends the run of lines with an empty line, except at the top of the file.
func (p *printer) blank() {
	p.flush()
	if p.out.Len() > 0 {
		p.out.WriteString("\n")
	}
}

// flush writes the lines of a run, their comments in one column.
func (p *printer) flush() {
	column := 0
	for _, l := range p.run {
		if l.comment != "" {
			column = max(column, utf8.RuneCountInString(l.text))
		}
	}
	for _, l := range p.run {
		p.out.WriteString(l.text)
		if l.comment != "" {
			p.out.WriteString(pad(l.text, column) + "  " + l.comment)
		}
		p.out.WriteString("\n")
	}
	p.run = p.run[:0]
}

func pad(s string, width int) string {
	return strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
}

func (p *printer) clause(c *rawClause, head, row string, in context, depth int) {
	indent := strings.Repeat(indentation, depth)
	parts := strings.Split(head, "\n") // a parameter list over several lines
	for _, part := range parts[:len(parts)-1] {
		p.flush()
		p.out.WriteString(indent + part + "\n")
	}
	last := indent + parts[len(parts)-1]
	switch {
	case c.block == nil:
		p.run = append(p.run, line{last, c.trailing})
	case !c.block.multiline:
		p.run = append(p.run, line{last + row, c.trailing})
	default:
		p.flush()
		p.run = append(p.run, line{last + " {", c.block.opening})
		p.flush()
		p.block(c.block, p.inner(c, in), depth+1)
		p.run = append(p.run, line{indent + "}", c.trailing})
		p.flush()
	}
}

func (p *printer) inner(c *rawClause, in context) context {
	if w := findWord(in, c.head[0].Value); w != nil {
		return w.block
	}
	return inFile
}

// heads prints the heads of adjacent clauses, aligned behind their first words where the block asks for it.
func (p *printer) heads(section []*rawClause, in context) []string {
	width := 0
	if in.aligns() {
		for _, c := range section {
			width = max(width, utf8.RuneCountInString(c.head[0].Value))
		}
	}
	out := make([]string, len(section))
	for i, c := range section {
		out[i] = p.tokens(c.head, width)
	}
	return out
}

// rows prints the blocks that stand on one line, each with the space before it. Those of adjacent peers and channels
// are aligned: the braces, and then their clauses, column by column as far as all begin with the same word.
func (p *printer) rows(section []*rawClause, heads []string, in context) []string {
	out := make([]string, len(section))
	cells := make([][]string, len(section))
	for i, c := range section {
		if c.block == nil || c.block.multiline {
			continue
		}
		for _, inner := range c.block.clauses {
			text := p.tokens(inner.head, 0)
			if inner.block != nil {
				text += p.rows([]*rawClause{inner}, []string{text}, p.inner(c, in))[0]
			}
			cells[i] = append(cells[i], text)
		}
	}
	for from := 0; from < len(section); {
		to := from + 1
		for to < len(section) && p.sameTable(section[from], section[to], in) {
			to++
		}
		alignTable(section[from:to], heads[from:to], cells[from:to], out[from:to])
		from = to
	}
	return out
}

func (p *printer) sameTable(a, b *rawClause, in context) bool {
	return in == inFile && (a.head[0].Value == "peer" || a.head[0].Value == "channel") && a.head[0].Value == b.head[0].Value &&
		a.block != nil && b.block != nil && !a.block.multiline && !b.block.multiline
}

func alignTable(section []*rawClause, heads []string, cells [][]string, out []string) {
	width := 0
	for _, h := range heads {
		width = max(width, utf8.RuneCountInString(h))
	}
	for i, c := range section {
		switch {
		case c.block == nil || c.block.multiline:
		case len(cells[i]) == 0:
			out[i] = pad(heads[i], width) + " {}"
		default:
			out[i] = pad(heads[i], width) + " { "
		}
	}
	for column, aligned := 0, true; ; column++ {
		width, following, any := 0, "", false
		for _, row := range cells {
			if column+1 >= len(row) {
				continue
			}
			word, _, _ := strings.Cut(row[column+1], " ")
			aligned = aligned && (following == "" || following == word)
			following = word
			width = max(width, utf8.RuneCountInString(row[column]))
		}
		for i, row := range cells {
			switch {
			case column >= len(row):
			case column == len(row)-1:
				any = true
				out[i] += row[column] + " }"
			default:
				any = true
				out[i] += row[column] + "; "
				if aligned {
					out[i] += pad(row[column], width)
				}
			}
		}
		if !any {
			return
		}
	}
}

// tokens joins the tokens of a head; the first word is padded to width. A line break within parentheses stays one.
func (p *printer) tokens(head []lexer.Token, width int) string {
	var b strings.Builder
	broken := false // a line break comes before the next token
	for i, t := range head {
		switch {
		case t.Type == p.k.newline:
			broken = true
			continue
		case t.Type == p.k.comment && broken:
			b.WriteString("\n" + indentation + t.Value)
			continue
		case t.Type == p.k.comment:
			b.WriteString("  " + t.Value)
			continue
		case broken && t.Value == ")":
			b.WriteString("\n")
		case broken:
			b.WriteString("\n" + indentation)
		case i > 0 && p.spaced(head, i):
			b.WriteString(" ")
		}
		broken = false
		b.WriteString(t.Value)
		if i == 0 && len(head) > 1 {
			b.WriteString(pad(t.Value, width))
		}
	}
	return b.String()
}

// separable are units that may stand apart from their number; they are joined to it.
var separable = set("% B KiB MiB ms s min h")

// spaced tells whether a blank stands between two tokens of a head, t being the i-th.
func (p *printer) spaced(head []lexer.Token, i int) bool {
	before, t := head[i-1], head[i]
	switch t.Value {
	case ")", "]", ",", "?", "[", "..", "/", ".":
		return false
	case "(":
		return before.Type != p.k.ident || head[0].Value == "assert" && joining[before.Value]
	}
	switch before.Value {
	case "(", "[", "..", "/", "-", ".":
		return false
	}
	return before.Type != p.k.number || !separable[t.Value] || i < 2
}

// joining are the words of an assertion that stand before a bracket of their own.
var joining = map[string]bool{"and": true, "or": true, "not": true, "while": true}
