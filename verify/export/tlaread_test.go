package export_test

import (
	"fmt"
	"regexp"
	"strings"
)

// A reader of the part of TLA+ that the export writes (Lamport, Specifying Systems, 2002, chapters 15 and 16). It is
// strict where SANY is: every name is known, has as many arguments as it wants, and is not bound twice.

// tlaNode is an expression: an operator with its arguments. Bound variables stand in names.
type tlaNode struct {
	op    string
	text  string
	names []string
	args  []*tlaNode
	defs  []*tlaDef // of LET
}

// tlaDef is a definition; a parameter that is an operator itself has a number of arguments.
type tlaDef struct {
	name   string
	params []string
	arity  []int
	body   *tlaNode
}

var tlaToken = regexp.MustCompile(`^(?:\s+|\\\*[^\n]*|(-{4,}|={4,})|([0-9]+)|("[^"]*")|([A-Za-z_][A-Za-z0-9_]*'?)|(\\[A-Za-z]+|<=>|=>|<=|>=|==|\|->|->|<<|>>|\.\.|\(\+\)|\(-\)|/\\|\\/|\[\]|[-+*%#=<>~'.,:;()\[\]{}\\@!_]))`)

type tlaReader struct {
	toks  []string
	at    int
	scope []map[string]int // name to number of arguments
	defs  []*tlaDef
	vars  []string
}

func (r *tlaReader) fail(format string, args ...any) {
	from, to := max(0, r.at-12), min(len(r.toks), r.at+6)
	panic(fmt.Sprintf(format, args...) + " near: " + strings.Join(r.toks[from:to], " "))
}

func (r *tlaReader) peek() string {
	if r.at < len(r.toks) {
		return r.toks[r.at]
	}
	return ""
}

func (r *tlaReader) next() string { r.at++; return r.toks[r.at-1] }

func (r *tlaReader) is(t string) bool {
	if r.peek() == t {
		r.at++
		return true
	}
	return false
}

func (r *tlaReader) want(t string) {
	if !r.is(t) {
		r.fail("%q is wanted", t)
	}
}

var tlaWords = map[string]bool{}

func init() {
	for _, w := range strings.Fields("ASSUME CASE CHOOSE CONSTANT ELSE EXCEPT EXTENDS IF IN LAMBDA LET MODULE OTHER RECURSIVE SUBSET THEN UNION VARIABLE BOOLEAN TRUE FALSE") {
		tlaWords[w] = true
	}
}

func (r *tlaReader) name() string {
	t := r.next()
	if tlaWords[t] || !regexp.MustCompile(`^[A-Za-z_]\w*$`).MatchString(t) || strings.HasPrefix(t, "WF_") || strings.HasPrefix(t, "SF_") {
		r.fail("%q is no name", t)
	}
	return t
}

// bind a name until the mark is passed to unbind. It may not be bound already.
func (r *tlaReader) bind(name string, arity int) {
	for _, s := range r.scope {
		if _, twice := s[name]; twice {
			r.fail("%s is bound twice", name)
		}
	}
	r.scope[len(r.scope)-1][name] = arity
}

func (r *tlaReader) open()  { r.scope = append(r.scope, map[string]int{}) }
func (r *tlaReader) close() { r.scope = r.scope[:len(r.scope)-1] }

func (r *tlaReader) arity(name string) int {
	for i := len(r.scope) - 1; i >= 0; i-- {
		if n, ok := r.scope[i][name]; ok {
			return n
		}
	}
	r.fail("%s is not known", name)
	return 0
}

var tlaModules = map[string]map[string]int{
	"Integers":   {"Int": 0, "Nat": 0},
	"Sequences":  {"Len": 1, "Append": 2, "Head": 1, "Tail": 1, "SubSeq": 3, "SelectSeq": 2},
	"FiniteSets": {"Cardinality": 1},
	"Bags":       {"EmptyBag": 0, "SetToBag": 1, "BagToSet": 1, "BagCardinality": 1, "BagOfAll": 2},
}

// readTLA reads a module; a panic says what is wrong.
func readTLA(text string) *tlaReader {
	_, text, _ = strings.Cut(text, "\n---")
	text = "---" + text
	r := &tlaReader{}
	for len(text) > 0 {
		m := tlaToken.FindStringSubmatch(text)
		if m == nil {
			panic("no token: " + text[:min(len(text), 40)])
		}
		text = text[len(m[0]):]
		if t := m[1] + m[2] + m[3] + m[4] + m[5]; t != "" {
			r.toks = append(r.toks, t)
		}
	}
	r.open()
	r.next()
	r.want("MODULE")
	r.name()
	r.next()
	r.want("EXTENDS")
	for {
		for n, a := range tlaModules[r.next()] {
			r.bind(n, a)
		}
		if !r.is(",") {
			break
		}
	}
	for !strings.HasPrefix(r.peek(), "====") {
		switch {
		case r.is("CONSTANT"):
			r.bind(r.name(), 0)
		case r.is("ASSUME"):
			r.expr(0)
		case r.is("VARIABLE"):
			v := r.name()
			r.vars = append(r.vars, v)
			r.bind(v, 0)
		case r.is("RECURSIVE"):
			n := r.name()
			r.want("(")
			k := 1
			for r.want("_"); r.is(","); r.want("_") {
				k++
			}
			r.want(")")
			r.bind(n, k)
		default:
			if r.toks[r.at] == "Spec" { // temporal: TLC's, not this reader's
				for r.toks[r.at] != "[]" {
					r.at++
				}
				for !(strings.HasPrefix(r.toks[r.at], "====") || r.at+1 < len(r.toks) && r.toks[r.at+1] == "==") {
					r.at++
				}
				continue
			}
			r.defs = append(r.defs, r.def())
		}
	}
	return r
}

func (r *tlaReader) def() *tlaDef {
	d := &tlaDef{name: r.name()}
	r.open()
	if r.is("(") {
		for {
			p, a := r.name(), 0
			if r.is("(") {
				a = 1
				for r.want("_"); r.is(","); r.want("_") {
					a++
				}
				r.want(")")
			}
			r.bind(p, a)
			d.params, d.arity = append(d.params, p), append(d.arity, a)
			if !r.is(",") {
				break
			}
		}
		r.want(")")
	}
	r.want("==")
	if a, recursive := r.scope[len(r.scope)-2][d.name]; recursive {
		if a != len(d.params) {
			r.fail("%s has another number of arguments", d.name)
		}
		d.body = r.expr(0)
		r.close()
		return d
	}
	d.body = r.expr(0)
	r.close()
	r.bind(d.name, len(d.params))
	return d
}

// precedence of infix operators, as in table 6 of the book; those of equal precedence that do not associate are never
// mixed by the export.
var tlaInfix = map[string]int{"=>": 1, "<=>": 2, "\\/": 3, "/\\": 3, "=": 5, "#": 5, "<": 5, ">": 5, "<=": 5, ">=": 5, "\\in": 5, "\\notin": 5,
	"\\cup": 8, "\\": 8, "..": 9, "+": 10, "(+)": 10, "-": 11, "(-)": 11, "%": 10, "\\div": 13, "*": 13, "\\o": 13}

// never lists operators that may stand beside each other without parentheses on one level.
var tlaMixed = map[string]string{"\\/": "/\\", "/\\": "\\/"}

func (r *tlaReader) expr(least int) *tlaNode {
	a := r.prefix()
	last := ""
	for {
		op := r.peek()
		p, ok := tlaInfix[op]
		if !ok || p < least {
			return a
		}
		if m := tlaMixed[op]; m != "" && last == m {
			r.fail("%s beside %s", op, m)
		}
		if (p == 5 || p == 9) && last != "" && tlaInfix[last] == p {
			r.fail("%s does not associate", op)
		}
		last = op
		r.at++
		a = &tlaNode{op: op, args: []*tlaNode{a, r.expr(p + 1)}}
	}
}

func (r *tlaReader) prefix() *tlaNode {
	switch t := r.next(); {
	case t == "~":
		return &tlaNode{op: "~", args: []*tlaNode{r.expr(4)}}
	case t == "-":
		return &tlaNode{op: "neg", args: []*tlaNode{r.expr(12)}}
	case t == "UNION":
		n := &tlaNode{op: t, args: []*tlaNode{r.expr(9)}}
		if tlaInfix[r.peek()] == 8 {
			r.fail("UNION and %s are of one precedence", r.peek())
		}
		return n
	case t == "IF":
		c := r.expr(0)
		r.want("THEN")
		a := r.expr(0)
		r.want("ELSE")
		return &tlaNode{op: t, args: []*tlaNode{c, a, r.expr(0)}}
	case t == "CASE":
		n := &tlaNode{op: t}
		for {
			if r.is("OTHER") {
				n.args = append(n.args, &tlaNode{op: "TRUE"})
			} else {
				n.args = append(n.args, r.expr(0))
			}
			r.want("->")
			n.args = append(n.args, r.expr(0))
			if !r.is("[]") {
				return n
			}
		}
	case t == "LET":
		n := &tlaNode{op: t}
		r.open()
		for !r.is("IN") {
			n.defs = append(n.defs, r.def())
		}
		n.args = []*tlaNode{r.expr(0)}
		r.close()
		return n
	case t == "LAMBDA":
		n := &tlaNode{op: t}
		r.open()
		n.names = []string{r.name()}
		r.bind(n.names[0], 0)
		r.want(":")
		n.args = []*tlaNode{r.expr(0)}
		r.close()
		return n
	case t == "\\E" || t == "\\A" || t == "CHOOSE":
		n := &tlaNode{op: t, names: []string{r.name()}}
		r.want("\\in")
		n.args = []*tlaNode{r.expr(6)}
		r.open()
		r.bind(n.names[0], 0)
		r.want(":")
		n.args = append(n.args, r.expr(0))
		r.close()
		return n
	default:
		r.at--
		return r.postfix(r.primary())
	}
}

func (r *tlaReader) postfix(a *tlaNode) *tlaNode {
	for {
		switch {
		case r.is("."):
			a = &tlaNode{op: "apply", args: []*tlaNode{a, {op: "string", text: r.name()}}}
		case r.is("["):
			a = &tlaNode{op: "apply", args: []*tlaNode{a, r.expr(0)}}
			r.want("]")
		default:
			return a
		}
	}
}

func (r *tlaReader) list(end string) (out []*tlaNode) {
	if r.is(end) {
		return
	}
	for out = append(out, r.expr(0)); r.is(","); {
		out = append(out, r.expr(0))
	}
	r.want(end)
	return
}

func (r *tlaReader) primary() *tlaNode {
	switch t := r.next(); {
	case t == "(":
		a := r.expr(0)
		r.want(")")
		return a
	case t == "<<":
		return &tlaNode{op: "<<", args: r.list(">>")}
	case t == "{":
		return r.set()
	case t == "[":
		return r.square()
	case t == "@" || t == "TRUE" || t == "FALSE" || t == "BOOLEAN":
		return &tlaNode{op: t}
	case t[0] == '"':
		return &tlaNode{op: "string", text: t[1 : len(t)-1]}
	case t[0] >= '0' && t[0] <= '9':
		return &tlaNode{op: "number", text: t}
	case strings.HasSuffix(t, "'"):
		return &tlaNode{op: "prime", text: t}
	default:
		r.at--
		n := &tlaNode{op: "name", text: r.name()}
		k := r.arity(n.text)
		if r.peek() == "(" && k > 0 {
			r.at++
			n.args = r.list(")")
		}
		if len(n.args) != k && len(n.args) > 0 {
			r.fail("%s wants %d arguments", n.text, k)
		}
		return n
	}
}

// bounds reads "x \in S, y \in T" and leaves the scope open.
func (r *tlaReader) bounds(n *tlaNode) {
	for {
		n.names = append(n.names, r.name())
		r.want("\\in")
		n.args = append(n.args, r.expr(6))
		if !r.is(",") {
			return
		}
	}
}
