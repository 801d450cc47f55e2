package export_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The meaning of what the reader reads, by structural recursion: values, environments, and a search of all states.

// tlaValue is a boolean, an int, a string, a set or a function; sequences and records are functions. Its text is equal for
// equal values only.
type tlaValue struct {
	text string
	b    bool
	n    int
	s    string
	set  []*tlaValue // sorted by text, without repetition
	fun  []tlaPair   // sorted by the text of the argument
	is   byte        // 'b', 'n', 's', 'S', 'f'
}

type tlaPair struct{ k, v *tlaValue }

func tBool(b bool) *tlaValue     { return &tlaValue{is: 'b', b: b, text: fmt.Sprint(b)} }
func tInt(n int) *tlaValue       { return &tlaValue{is: 'n', n: n, text: strconv.Itoa(n)} }
func tString(s string) *tlaValue { return &tlaValue{is: 's', s: s, text: strconv.Quote(s)} }

func byText(a, b *tlaValue) int { return strings.Compare(a.text, b.text) }

func tSet(vs []*tlaValue) *tlaValue {
	slices.SortFunc(vs, byText)
	vs = slices.CompactFunc(vs, func(a, b *tlaValue) bool { return a.text == b.text })
	b := strings.Builder{}
	b.WriteString("{")
	for _, v := range vs {
		b.WriteString(v.text + ",")
	}
	return &tlaValue{is: 'S', set: vs, text: b.String() + "}"}
}

func tFun(ps []tlaPair) *tlaValue {
	slices.SortFunc(ps, func(a, b tlaPair) int { return byText(a.k, b.k) })
	b := strings.Builder{}
	b.WriteString("[")
	for _, p := range ps {
		b.WriteString(p.k.text + ">" + p.v.text + ",")
	}
	return &tlaValue{is: 'f', fun: ps, text: b.String() + "]"}
}

func tSeq(vs []*tlaValue) *tlaValue {
	ps := make([]tlaPair, len(vs))
	for i, v := range vs {
		ps[i] = tlaPair{tInt(i + 1), v}
	}
	return tFun(ps)
}

func (v *tlaValue) want(is byte, what string) *tlaValue {
	if v == nil || v.is != is {
		panic(fmt.Sprintf("%s of %v", what, v))
	}
	return v
}

func (v *tlaValue) elems() []*tlaValue { return v.want('S', "elements").set }
func (v *tlaValue) num() int           { return v.want('n', "a number").n }
func (v *tlaValue) yes() bool          { return v.want('b', "a condition").b }

func (v *tlaValue) seq() []*tlaValue {
	out := make([]*tlaValue, len(v.want('f', "a sequence").fun))
	for _, p := range v.fun {
		out[p.k.num()-1] = p.v
	}
	return out
}

func (v *tlaValue) apply(k *tlaValue) *tlaValue {
	i, ok := slices.BinarySearchFunc(v.want('f', "a function").fun, k, func(p tlaPair, k *tlaValue) int { return byText(p.k, k) })
	if !ok {
		panic(fmt.Sprintf("%s is outside the domain of %s", k.text, v.text))
	}
	return v.fun[i].v
}

// with is the function with another value.
func (v *tlaValue) with(path []*tlaValue, f func(old *tlaValue) *tlaValue) *tlaValue {
	if len(path) == 0 {
		return f(v)
	}
	ps := slices.Clone(v.want('f', "a function").fun)
	i, ok := slices.BinarySearchFunc(ps, path[0], func(p tlaPair, k *tlaValue) int { return byText(p.k, k) })
	if !ok {
		panic(fmt.Sprintf("%s is outside the domain of %s", path[0].text, v.text))
	}
	ps[i].v = ps[i].v.with(path[1:], f)
	return tFun(ps)
}

// tlaOp is an operator: a definition in its environment, or one of the standard modules.
type tlaOp struct {
	params []string
	body   *tlaNode
	env    *tlaEnv
	once   *tlaValue // of one without parameters, when it was evaluated
	native func(args []*tlaOp) *tlaValue
}

func (o *tlaOp) value() *tlaValue {
	if o.once == nil {
		o.once = o.call(nil)
	}
	return o.once
}

func (o *tlaOp) call(args []*tlaOp) *tlaValue {
	if o.native != nil {
		return o.native(args)
	}
	e := o.env
	for i, p := range o.params {
		e = &tlaEnv{p, args[i], e}
	}
	return e.eval(o.body)
}

func known(v *tlaValue) *tlaOp { return &tlaOp{once: v} }

type tlaEnv struct {
	name string
	op   *tlaOp
	up   *tlaEnv
}

func (e *tlaEnv) find(name string) *tlaOp {
	for ; e != nil; e = e.up {
		if e.name == name {
			return e.op
		}
	}
	panic(name + " is not known")
}

// argument is an expression as an operator's argument: an operator's name, a LAMBDA, or a value.
func (e *tlaEnv) argument(n *tlaNode) *tlaOp {
	switch {
	case n.op == "LAMBDA":
		return &tlaOp{params: n.names, body: n.args[0], env: e}
	case n.op == "name" && len(n.args) == 0:
		return e.find(n.text)
	}
	return known(e.eval(n))
}

func (e *tlaEnv) set(name string, v *tlaValue) *tlaEnv { return &tlaEnv{name, known(v), e} }

func (e *tlaEnv) eval(n *tlaNode) *tlaValue {
	arg := func(i int) *tlaValue { return e.eval(n.args[i]) }
	switch n.op {
	case "number":
		v, _ := strconv.Atoi(n.text)
		return tInt(v)
	case "string":
		return tString(n.text)
	case "TRUE", "FALSE":
		return tBool(n.op == "TRUE")
	case "BOOLEAN":
		return tSet([]*tlaValue{tBool(false), tBool(true)})
	case "@":
		return e.find("@").value()
	case "name":
		o := e.find(n.text)
		if len(n.args) == 0 {
			return o.value()
		}
		args := make([]*tlaOp, len(n.args))
		for i := range args {
			args[i] = e.argument(n.args[i])
		}
		return o.call(args)
	case "IF":
		if arg(0).yes() {
			return arg(1)
		}
		return arg(2)
	case "CASE":
		for i := 0; i < len(n.args); i += 2 {
			if arg(i).yes() {
				return arg(i + 1)
			}
		}
		panic("no case applies")
	case "LET":
		for _, d := range n.defs {
			e = &tlaEnv{d.name, &tlaOp{params: d.params, body: d.body, env: e}, e}
		}
		return e.eval(n.args[0])
	case "\\E", "\\A", "CHOOSE":
		for _, v := range arg(0).elems() {
			yes := e.set(n.names[0], v).eval(n.args[1]).yes()
			if n.op == "CHOOSE" && yes {
				return v
			}
			if n.op != "CHOOSE" && yes == (n.op == "\\E") {
				return tBool(yes)
			}
		}
		if n.op == "CHOOSE" {
			panic("nothing to choose")
		}
		return tBool(n.op == "\\A")
	case "{}":
		vs := make([]*tlaValue, len(n.args))
		for i := range vs {
			vs[i] = arg(i)
		}
		return tSet(vs)
	case "filter":
		var vs []*tlaValue
		for _, v := range arg(0).elems() {
			if e.set(n.names[0], v).eval(n.args[1]).yes() {
				vs = append(vs, v)
			}
		}
		return tSet(vs)
	case "map":
		var vs []*tlaValue
		var rec func(e *tlaEnv, i int)
		outer := e
		rec = func(e *tlaEnv, i int) {
			if i == len(n.names) {
				vs = append(vs, e.eval(n.args[i]))
				return
			}
			for _, v := range outer.eval(n.args[i]).elems() {
				rec(e.set(n.names[i], v), i+1)
			}
		}
		rec(e, 0)
		return tSet(vs)
	case "<<":
		vs := make([]*tlaValue, len(n.args))
		for i := range vs {
			vs[i] = arg(i)
		}
		return tSeq(vs)
	case "record":
		var ps []tlaPair
		for i, k := range n.names {
			ps = append(ps, tlaPair{tString(k), arg(i)})
		}
		return tFun(ps)
	case "records":
		all := []*tlaValue{tFun(nil)}
		for i, k := range n.names {
			var next []*tlaValue
			for _, r := range all {
				for _, v := range arg(i).elems() {
					next = append(next, tFun(append(slices.Clone(r.fun), tlaPair{tString(k), v})))
				}
			}
			all = next
		}
		return tSet(all)
	case "function":
		var ps []tlaPair
		for _, v := range arg(0).elems() {
			ps = append(ps, tlaPair{v, e.set(n.names[0], v).eval(n.args[1])})
		}
		return tFun(ps)
	case "functions":
		all := []*tlaValue{tFun(nil)}
		for _, k := range arg(0).elems() {
			var next []*tlaValue
			for _, f := range all {
				for _, v := range arg(1).elems() {
					next = append(next, tFun(append(slices.Clone(f.fun), tlaPair{k, v})))
				}
			}
			all = next
		}
		return tSet(all)
	case "EXCEPT":
		v := arg(0)
		for i := 1; i < len(n.args); i += 2 {
			var path []*tlaValue
			for _, p := range n.args[i].args {
				path = append(path, e.eval(p))
			}
			v = v.with(path, func(old *tlaValue) *tlaValue { return e.set("@", old).eval(n.args[i+1]) })
		}
		return v
	case "apply":
		return arg(0).apply(arg(1))
	case "UNION":
		var vs []*tlaValue
		for _, s := range arg(0).elems() {
			vs = append(vs, s.elems()...)
		}
		return tSet(vs)
	}
	return e.operator(n, arg)
}

func (e *tlaEnv) operator(n *tlaNode, arg func(int) *tlaValue) *tlaValue {
	switch n.op {
	case "~":
		return tBool(!arg(0).yes())
	case "/\\":
		return tBool(arg(0).yes() && arg(1).yes())
	case "\\/":
		return tBool(arg(0).yes() || arg(1).yes())
	case "=>":
		return tBool(!arg(0).yes() || arg(1).yes())
	case "neg":
		return tInt(-arg(0).num())
	}
	a, b := arg(0), arg(1)
	has := func() bool {
		_, ok := slices.BinarySearchFunc(b.elems(), a, byText)
		return ok
	}
	switch n.op {
	case "=", "#":
		if a.is != b.is && a.is != 'f' {
			panic(fmt.Sprintf("%s and %s cannot be compared", a.text, b.text))
		}
		return tBool((a.text == b.text) == (n.op == "="))
	case "<":
		return tBool(a.num() < b.num())
	case ">":
		return tBool(a.num() > b.num())
	case "<=":
		return tBool(a.num() <= b.num())
	case ">=":
		return tBool(a.num() >= b.num())
	case "+":
		return tInt(a.num() + b.num())
	case "-":
		return tInt(a.num() - b.num())
	case "*":
		return tInt(a.num() * b.num())
	case "%":
		return tInt(((a.num() % b.num()) + b.num()) % b.num())
	case "\\div":
		return tInt(a.num() / b.num())
	case "\\in":
		return tBool(has())
	case "\\notin":
		return tBool(!has())
	case "\\cup":
		return tSet(append(slices.Clone(a.elems()), b.elems()...))
	case "\\":
		return tSet(slices.DeleteFunc(slices.Clone(a.elems()), func(v *tlaValue) bool {
			_, ok := slices.BinarySearchFunc(b.elems(), v, byText)
			return ok
		}))
	case "..":
		var vs []*tlaValue
		for i := a.num(); i <= b.num(); i++ {
			vs = append(vs, tInt(i))
		}
		return tSet(vs)
	case "\\o":
		return tSeq(append(a.seq(), b.seq()...))
	case "(+)", "(-)":
		return bagSum(a, b, n.op == "(-)")
	}
	panic("no operator " + n.op)
}

func bagSum(a, b *tlaValue, minus bool) *tlaValue {
	count := map[string]int{}
	by := map[string]*tlaValue{}
	for _, p := range a.fun {
		count[p.k.text], by[p.k.text] = p.v.num(), p.k
	}
	for _, p := range b.fun {
		by[p.k.text] = p.k
		if minus {
			count[p.k.text] -= p.v.num()
		} else {
			count[p.k.text] += p.v.num()
		}
	}
	var ps []tlaPair
	for t, n := range count {
		if n > 0 {
			ps = append(ps, tlaPair{by[t], tInt(n)})
		}
	}
	return tFun(ps)
}

// standard modules, as far as the export uses them.
func tlaStandard() *tlaEnv {
	var e *tlaEnv
	add := func(name string, f func(a []*tlaOp) *tlaValue) { e = &tlaEnv{name, &tlaOp{native: f}, e} }
	add("Len", func(a []*tlaOp) *tlaValue { return tInt(len(a[0].value().want('f', "a length").fun)) })
	add("Append", func(a []*tlaOp) *tlaValue { return tSeq(append(a[0].value().seq(), a[1].value())) })
	add("Head", func(a []*tlaOp) *tlaValue { return a[0].value().seq()[0] })
	add("Tail", func(a []*tlaOp) *tlaValue { return tSeq(a[0].value().seq()[1:]) })
	add("SubSeq", func(a []*tlaOp) *tlaValue {
		lo, hi := a[1].value().num(), a[2].value().num()
		if lo > hi {
			return tSeq(nil)
		}
		return tSeq(a[0].value().seq()[lo-1 : hi])
	})
	add("SelectSeq", func(a []*tlaOp) *tlaValue {
		return tSeq(slices.DeleteFunc(a[0].value().seq(), func(v *tlaValue) bool { return !a[1].call([]*tlaOp{known(v)}).yes() }))
	})
	add("Cardinality", func(a []*tlaOp) *tlaValue { return tInt(len(a[0].value().elems())) })
	add("EmptyBag", func([]*tlaOp) *tlaValue { return tFun(nil) })
	add("SetToBag", func(a []*tlaOp) *tlaValue {
		var ps []tlaPair
		for _, v := range a[0].value().elems() {
			ps = append(ps, tlaPair{v, tInt(1)})
		}
		return tFun(ps)
	})
	add("BagToSet", func(a []*tlaOp) *tlaValue {
		var vs []*tlaValue
		for _, p := range a[0].value().fun {
			vs = append(vs, p.k)
		}
		return tSet(vs)
	})
	add("BagCardinality", func(a []*tlaOp) *tlaValue {
		n := 0
		for _, p := range a[0].value().fun {
			n += p.v.num()
		}
		return tInt(n)
	})
	add("BagOfAll", func(a []*tlaOp) *tlaValue {
		out := tFun(nil)
		for _, p := range a[1].value().fun {
			out = bagSum(out, tFun([]tlaPair{{a[0].call([]*tlaOp{known(p.k)}), p.v}}), false)
		}
		return out
	})
	return e
}
