package lang

import (
	"slices"
	"strings"

	"github.com/alecthomas/participle/v2/lexer"

	"sprocketc/diag"
)

// assertG reads `assert [after(COND)] WORD(COND)`. A word that is no mode is a property's name; its condition is a call
// alone.
type assertG struct {
	Tokens []lexer.Token
	After  *condG      `parser:"('after' '(' @@ ')')?"`
	Word   lexer.Token `parser:"@Ident '('"`
	Cond   *condG      `parser:"@@ ')'"`
}

type condG struct {
	Tokens []lexer.Token
	Or     []*conjG `parser:"@@ ('or' @@)*"`
}

type conjG struct {
	First *unitG   `parser:"@@"`
	Rest  []*moreG `parser:"@@*"`
}

type moreG struct {
	Tokens []lexer.Token
	Word   string `parser:"@('and' | 'while')"`
	Unit   *unitG `parser:"@@"`
}

type unitG struct {
	Not   *unitG `parser:"'not' @@"`
	Paren *condG `parser:"| '(' @@ ')'"`
	Fact  *factG `parser:"| @@"`
}

type factG struct {
	Tokens []lexer.Token
	Name   lexer.Token `parser:"@Ident"`
	Call   lexer.Token `parser:"('.' @Ident)?"`
	State  []string    `parser:"(  @('made' | 'pending' | 'runs' | 'ran' | 'starts' | 'ended' | 'answered' | 'refused' | 'unknown')"`
	Twice  bool        `parser:"   @'twice'?"`
	Out    bool        `parser:"|  @('timed' 'out')"`
	Gone   bool        `parser:"|  @('peer' 'restarted') )?"`
}

func (p *parser) assert(h Head, g *assertG) {
	a := &Assert{Head: h, Word: p.ident(g.Word), Cond: p.cond(g.Cond)}
	if g.After != nil {
		a.After = p.cond(g.After)
	}
	p.tree.Asserts = append(p.tree.Asserts, a)
	if a.Mode() == "" {
		switch {
		case a.Cond.Op != Fact || a.Cond.State != "":
			p.assertWord(a, "only `always`, `never` and `eventually` take a condition")
		case a.After != nil:
			p.assertWord(a, "what holds after something is `always`, `never` or `eventually`")
		case !slices.Contains(Properties, a.Word.Name):
			p.suggest(p.assertWord(a, "there is no property `"+shorten(a.Word.Name)+"`"), a.Word.Name, append(slices.Clone(Properties), modes...))
		}
		return
	}
	for _, c := range []*Cond{a.After, a.Cond} {
		p.stated(c)
	}
	p.moments(a)
}

// assertWord reports what is wrong with the word of an assertion.
func (p *parser) assertWord(a *Assert, message string) *diag.Diagnostic {
	return p.report.Errorf("unknown-property", a.Word.Span, "", "%s", message).
		Note("an assertion is `always(…)`, `never(…)` or `eventually(…)` of a condition, or one of these of a call: %s", strings.Join(Properties, ", "))
}

// stated reports calls of which nothing is said.
func (p *parser) stated(c *Cond) {
	if c == nil {
		return
	}
	if c.Op == Fact && c.State == "" {
		p.report.Errorf("unexpected-token", c.Span, "expected what it does after this", "this says nothing of the call").
			Note("a call can be: %s", strings.Join(CallStates, ", "))
	}
	p.stated(c.X)
	p.stated(c.Y)
}

// moments reports what starts, or runs beside another, where that is not what never happens.
func (p *parser) moments(a *Assert) {
	var walk func(c *Cond, ok bool)
	walk = func(c *Cond, ok bool) {
		if c == nil {
			return
		}
		if c.Op == Fact && c.Other && !ok {
			p.report.Errorf("misplaced-moment", c.Span, "", "that another call's handler starts is a moment: it can only be what never comes").
				Note("`assert never(CALL runs while CALL runs)`")
		}
		walk(c.X, ok)
		walk(c.Y, ok)
	}
	walk(a.After, false)
	walk(a.Cond, a.Mode() == "never")
}

func (p *parser) cond(g *condG) *Cond {
	var out *Cond
	for _, c := range g.Or {
		out = join(Or, out, p.conj(c))
	}
	return out
}

func join(op CondOp, a, b *Cond) *Cond {
	if a == nil {
		return b
	}
	return &Cond{Op: op, X: a, Y: b, Span: a.Span.To(b.Span)}
}

func (p *parser) conj(g *conjG) *Cond {
	out := p.unit(g.First, false)
	for _, m := range g.Rest {
		out = join(And, out, p.unit(m.Unit, m.Word == "while"))
	}
	return out
}

// unit of a conjunction; behind `while` what runs is another call's.
func (p *parser) unit(g *unitG, beside bool) *Cond {
	switch {
	case g.Not != nil:
		x := p.unit(g.Not, beside)
		return &Cond{Op: Not, X: x, Span: x.Span}
	case g.Paren != nil:
		return p.cond(g.Paren)
	}
	f := g.Fact
	c := &Cond{Op: Fact, Span: p.tokensSpan(f.Tokens), Call: p.ident(f.Name), State: strings.Join(f.State, " ")}
	if f.Call.Value != "" {
		i := c.Call
		c.Interface, c.Call = &i, p.ident(f.Call)
	}
	switch {
	case f.Out:
		c.State = "timed out"
	case f.Gone:
		c.State = "peer restarted"
	}
	if f.Twice {
		if c.State != "ran" {
			p.report.Errorf("unexpected-token", c.Span, "", "only what ran can be said to be twice: `%s ran twice`", shorten(c.Call.Name))
		}
		c.State = "ran twice"
	}
	if c.State == "starts" || c.State == "runs" && beside {
		c.State, c.Other = "starts", true
	}
	return c
}
