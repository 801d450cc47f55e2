package export_test

// set reads {a, b}, {x \in S : p} and {e : x \in S, y \in T}. What is bound behind the colon is known before it, so that
// part is read first.
func (r *tlaReader) set() *tlaNode {
	if r.is("}") {
		return &tlaNode{op: "{}"}
	}
	start := r.at
	if r.toks[r.at+1] == "\\in" { // a filter, unless no colon follows
		n := &tlaNode{op: "filter", names: []string{r.name()}}
		r.want("\\in")
		n.args = []*tlaNode{r.expr(6)}
		if r.is(":") {
			r.open()
			r.bind(n.names[0], 0)
			n.args = append(n.args, r.expr(0))
			r.close()
			r.want("}")
			return n
		}
		r.at = start
	}
	depth, colon, inner := 0, -1, 0
	for i := r.at; ; i++ {
		switch r.toks[i] {
		case "(", "[", "{", "<<":
			depth++
		case ")", "]", "}", ">>":
			depth--
		case "\\E", "\\A", "CHOOSE", "LAMBDA":
			if depth == 0 {
				inner++ // its colon comes first
			}
		case ":":
			if depth == 0 && inner > 0 {
				inner--
			} else if depth == 0 {
				colon = i
			}
		}
		if depth < 0 || colon >= 0 {
			break
		}
	}
	if colon < 0 {
		return &tlaNode{op: "{}", args: r.list("}")}
	}
	n := &tlaNode{op: "map"}
	r.at = colon + 1
	r.bounds(n)
	r.want("}")
	end := r.at
	r.at = start
	r.open()
	for _, b := range n.names {
		r.bind(b, 0)
	}
	n.args = append(n.args, r.expr(0))
	r.close()
	if r.at != colon {
		r.fail("a set does not end at its colon")
	}
	r.at = end
	return n
}

// square reads [a |-> b], [a : S], [x \in S |-> e], [S -> T] and [f EXCEPT !.a = b].
func (r *tlaReader) square() *tlaNode {
	if len(r.toks) > r.at+1 && (r.toks[r.at+1] == "|->" || r.toks[r.at+1] == ":") {
		n := &tlaNode{op: "record"}
		for {
			n.names = append(n.names, r.name())
			if r.is(":") {
				n.op = "records"
			} else {
				r.want("|->")
			}
			n.args = append(n.args, r.expr(0))
			if !r.is(",") {
				break
			}
		}
		r.want("]")
		return n
	}
	if r.toks[r.at+1] == "\\in" {
		n := &tlaNode{op: "function"}
		r.bounds(n)
		r.want("|->")
		r.open()
		r.bind(n.names[0], 0)
		n.args = append(n.args, r.expr(0))
		r.close()
		r.want("]")
		return n
	}
	a := r.expr(0)
	if r.is("->") {
		b := r.expr(0)
		r.want("]")
		return &tlaNode{op: "functions", args: []*tlaNode{a, b}}
	}
	r.want("EXCEPT")
	n := &tlaNode{op: "EXCEPT", args: []*tlaNode{a}}
	for {
		r.want("!")
		path := &tlaNode{op: "path"}
		for {
			if r.is(".") {
				path.args = append(path.args, &tlaNode{op: "string", text: r.name()})
			} else if r.is("[") {
				path.args = append(path.args, r.expr(0))
				r.want("]")
			} else {
				break
			}
		}
		r.want("=")
		n.args = append(n.args, path, r.expr(0))
		if !r.is(",") {
			break
		}
	}
	r.want("]")
	return n
}
