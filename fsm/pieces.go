package fsm

// Values that are larger than a datagram travel in pieces. The machine says when pieces are sent, staged and written down,
// and when a value is whole; what it knows of them has types of its own, which nothing else can look into:
//
//   - `digest` says which value it is: equal for equal values, and taken to be different for others. Whoever sends a piece
//     names the digest of the value that it is of, so a piece with a digest is a piece of that value, whoever sent it and when.
//   - `piece` is the place of a piece in its value.
//   - `pieces` is which of them there are: all up to one, and some of those that follow (a cumulative and a selective
//     acknowledgement).
//   - `extent` is how long a value is.
//
// In the proof of the whole system all of them are hidden, as layers are: every question about them may be answered either
// way, each time anew, so the verdict does not rest on what is staged (Hide). What does rest on it, that a handler is given
// what its call was given, is the property `intact`, and is decided of the machine that stages alone (Marked).

// hidden is one of these types.
func hidden(name string) Type { return Type{Kind: Range, Name: name, Hi: 1<<32 - 1} }

// pieceFn is a built-in function of these types.
type pieceFn struct {
	takes []Type
	gives Type
}

var pieceWork = func() map[string]pieceFn {
	digest, piece, pieces, extent := hidden("digest"), hidden("piece"), hidden("pieces"), hidden("extent")
	truth, payload := Type{Kind: Bool}, Type{Kind: Payload}
	fn := func(gives Type, takes ...Type) pieceFn { return pieceFn{takes, gives} }
	return map[string]pieceFn{
		// Of a value as a whole: which it is, how long, one of its pieces.
		"digest": fn(digest, payload),
		"extent": fn(extent, payload),
		"part":   fn(payload, payload, piece),
		// Whether a value of this extent has a piece from this one on that is not there and may be sent; which, and the one after it.
		"lacks":   fn(truth, pieces, piece, extent),
		"lacking": fn(piece, pieces, piece, extent),
		"past":    fn(piece, piece),
		// Whether a piece is one of those that can be staged now; those that are there with it.
		"takes": fn(truth, pieces, piece, extent),
		"with":  fn(pieces, pieces, piece),
		// Whether all are there; those of them that follow each other from the first on; whether so many more than those that
		// were written down that they are to be; whether what is staged has the digest.
		"whole":  fn(truth, pieces, extent),
		"sofar":  fn(pieces, pieces),
		"due":    fn(truth, pieces, pieces, extent),
		"intact": fn(truth, digest, extent),
		// What is staged under a digest, as the arguments of a call that came without them.
		"assembled": fn(payload, digest, payload),
	}
}()

// Staged reports whether the machine hands what was staged to a handler.
func (m *Machine) Staged() bool { return m.Uses("assembled") }

// Either is the expression of which nothing is known: true or false, each time anew.
func either() Expr { return &Call{Fn: "either"} }

// rewriting writes a machine's stages anew.
type rewriting struct {
	c    *Code
	expr func(sc *scope, e Expr) Expr             // an expression, rewritten
	stmt func(sc *scope, s *Stage) (out []*Stage) // a stage that is no `when`, its expressions not yet rewritten
}

func (r *rewriting) machine(m *Machine) {
	for _, v := range m.Vars {
		if v.While != nil {
			v.While = r.expr(&scope{c: r.c}, v.While)
		}
	}
	for _, e := range m.Events {
		sc := &scope{c: r.c, event: e}
		if e.When != nil {
			e.When = r.expr(sc, e.When)
		}
		e.Body = r.body(sc, e.Body)
	}
	for _, t := range m.Tails {
		t.Body = r.body(&scope{c: r.c, tail: t}, t.Body)
	}
}

func (r *rewriting) body(sc *scope, body []*Stage) (out []*Stage) {
	for _, s := range body {
		if w, is := s.Stmt.(*When); is {
			k := *s
			k.Stmt = &When{r.expr(sc, w.Cond), r.body(sc, w.Then), r.body(sc, w.Else)}
			out = append(out, &k)
			continue
		}
		out = append(out, r.stmt(sc, s)...)
	}
	return out
}

// hides reports whether an expression is of a type that is hidden.
func (sc *scope) hides(e Expr) bool {
	t, known := sc.typeOf(e)
	return known && t.Hidden()
}

// over applies f to each operand of an expression that is no call.
func over(e Expr, f func(Expr) Expr) Expr {
	switch x := e.(type) {
	case *Not:
		return &Not{f(x.X)}
	case *Binary:
		return &Binary{x.Op, f(x.X), f(x.Y)}
	case *In:
		return &In{f(x.X), x.Set}
	case *Index:
		return &Index{x.Name, f(x.At), x.Span}
	}
	return e
}

// mapped is a statement with f applied to each expression that it reads.
func mapped(s Stmt, f func(Expr) Expr) Stmt {
	or := func(e Expr) Expr {
		if e == nil {
			return nil
		}
		return f(e)
	}
	values := func(fs []FieldValue) (out []FieldValue) {
		for _, x := range fs {
			out = append(out, FieldValue{x.Name, f(x.Value)})
		}
		return out
	}
	switch x := s.(type) {
	case *Assign:
		return &Assign{x.Target, f(x.Value)}
	case *Send:
		return &Send{x.Message, values(x.Fields)}
	case *Persist:
		return &Persist{x.Record, values(x.Fields), x.Commit}
	case *Invoke:
		return &Invoke{f(x.Fn), f(x.Args)}
	case *Complete:
		return &Complete{f(x.Outcome), f(x.Fn), f(x.Answer), or(x.Args)}
	case *Report:
		return &Report{f(x.Outcome), f(x.Fn), f(x.Answer), f(x.Args)}
	case *Do:
		k := &Do{Tail: x.Tail}
		for _, a := range x.Args {
			k.Args = append(k.Args, f(a))
		}
		return k
	case *Remember:
		return &Remember{x.Memo, f(x.Fn), f(x.Args), f(x.Answer)}
	}
	return s
}
