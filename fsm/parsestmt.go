package fsm

import "slices"

// Stages and expressions of the text form.

// block of stages in braces.
func (p *parser) block() (out []*Stage) {
	p.need("{")
	for !p.take("}") {
		at := p.tok.at
		s := &Stage{Doc: p.doc(), Tag: p.tag()}
		s.Stmt = p.stmt()
		s.Span = p.span(at)
		out = append(out, s)
	}
	return out
}

func (p *parser) stmt() Stmt {
	if p.tok.kind != ident {
		p.fail("an action, or `}`")
	}
	if x := p.next.text; x == "=" || x == "[" || x == "." { // of a variable, whatever its name
		return p.assign()
	}
	if p.take("when") {
		w := &When{Cond: p.expr()}
		w.Then = p.block()
		if p.take("else") {
			w.Else = p.block()
		}
		return w
	}
	s := p.action()
	p.need(";")
	return s
}

func (p *parser) assign() Stmt {
	a := &Assign{Target: p.ref()}
	p.need("=")
	a.Value = p.expr()
	p.need(";")
	return a
}

// action is a statement without its semicolon.
func (p *parser) action() Stmt {
	word := p.name()
	switch word {
	case "end":
		return &End{}
	case "send":
		return &Send{p.name(), p.fieldValues()}
	case "persist", "commit":
		return &Persist{p.name(), p.fieldValues(), word == "commit"}
	case "start", "again":
		s := &Start{Timer: p.name(), Again: word == "again"}
		if p.take("for") {
			s.Per = p.expr()
		}
		return s
	case "cancel":
		return &Cancel{p.name()}
	case "invoke":
		return &Invoke{p.ref(), p.paren()}
	case "complete":
		c := &Complete{Outcome: p.ref(), Fn: p.ref(), Answer: p.paren()}
		if p.take("of") {
			c.Args = p.expr()
		}
		return c
	case "report":
		r := &Report{Outcome: p.ref(), Fn: p.ref(), Answer: p.paren()}
		p.need("of")
		r.Args = p.expr()
		return r
	case "do":
		return &Do{p.name(), p.args()}
	case "note":
		n := &Note{What: p.name()}
		if p.is("(") {
			n.Fn = p.paren()
		}
		return n
	case "breach":
		return &Breach{p.name()}
	case "ask":
		return &Ask{p.name()}
	case "remember":
		r := &Remember{Memo: p.name(), Fn: p.ref(), Args: p.paren()}
		p.need("=")
		r.Answer = p.expr()
		return r
	case "forget":
		return &Forget{p.name()}
	case "stage":
		s := &Place{Piece: p.ref()}
		p.need("=")
		s.Data = p.expr()
		p.need("of")
		s.Of = p.expr()
		return s
	}
	p.unknown(word, "an action, or `}`")
	return nil
}

// fieldValues in braces.
func (p *parser) fieldValues() []FieldValue {
	return enclosed(p.scanner, "{", "}", true, func() FieldValue {
		name := p.name()
		p.need(":")
		return FieldValue{name, p.expr()}
	})
}

// paren is an expression in parentheses.
func (p *parser) paren() Expr {
	p.need("(")
	x := p.expr()
	p.need(")")
	return x
}

// args in parentheses, or none.
func (p *parser) args() []Expr { return enclosed(p.scanner, "(", ")", false, p.expr) }

// expr binds ever more tightly: || && comparisons + - and * %.
func (p *parser) expr() Expr { return p.binary(p.and, "||") }

func (p *parser) and() Expr     { return p.binary(p.comparison, "&&") }
func (p *parser) sum() Expr     { return p.binary(p.product, "+", "-") }
func (p *parser) product() Expr { return p.binary(p.unary, "*", "%") }

// binary is operands with operators between them, from left to right.
func (p *parser) binary(operand func() Expr, operators ...string) Expr {
	x := operand()
	for slices.ContainsFunc(operators, p.is) {
		op := p.tok.text
		p.advance()
		x = &Binary{op, x, operand()}
	}
	return x
}

// comparison of two sums at most.
func (p *parser) comparison() Expr {
	x := p.sum()
	switch op := p.tok.text; op {
	case "==", "!=", "<=", ">=", "<", ">":
		p.advance()
		return &Binary{op, x, p.sum()}
	}
	if p.take("in") {
		return &In{x, p.name()}
	}
	return x
}

func (p *parser) unary() Expr {
	switch {
	case p.take("!"):
		return &Not{p.unary()}
	case p.numbered():
		return &Literal{Value: p.uint32()}
	case p.is("("):
		return p.paren()
	case p.tok.kind != ident:
		p.fail("a value")
	case p.next.text == "(":
		at := p.tok.at
		x := &Call{Fn: p.name(), Args: p.args()}
		x.Span = p.span(at)
		return x
	}
	return p.ref()
}

// ref is a variable, an element or a field, or a word for a value.
func (p *parser) ref() Expr {
	at := p.tok.at
	name := p.name()
	switch {
	case p.take("."):
		field := p.name()
		return &Select{name, field, p.span(at)}
	case p.take("["):
		x := &Index{Name: name, At: p.expr()}
		p.need("]")
		x.Span = p.span(at)
		return x
	case name == "true", name == "false":
		v := uint32(0)
		if name == "true" {
			v = 1
		}
		return &Literal{v, true}
	case name == "none":
		return &None{}
	}
	return &Name{name, p.span(at)}
}
