package fsm

// block compiles a list of stages; the result reports whether an end was reached.
func (c *Code) block(body []*Stage, sc *scope) func(*run) bool {
	var fs []func(*run) bool
	first := len(c.stages)
	c.stages = append(c.stages, body...)
	for _, s := range body {
		fs = append(fs, c.stmt(s.Stmt, sc))
	}
	for len(c.fired) < len(c.stages) {
		c.fired = append(c.fired, false)
	}
	return func(r *run) bool {
		for i, f := range fs {
			if c.Watched {
				c.fired[first+i] = true
			}
			if f(r) || r.halted {
				return true
			}
		}
		return false
	}
}

func (c *Code) stmt(s Stmt, sc *scope) func(*run) bool {
	switch x := s.(type) {
	case *When:
		cond, then, els := c.expr(x.Cond, sc), c.block(x.Then, sc), c.block(x.Else, sc)
		return func(r *run) bool {
			if cond(r) != 0 {
				return then(r)
			}
			return els(r)
		}
	case *End:
		return func(*run) bool { return true }
	case *Assign:
		return c.assign(x, sc)
	case *Send:
		return c.send(x, sc)
	case *Persist:
		return c.persist(x, sc)
	case *Start:
		return c.start(x, sc)
	case *Cancel:
		for i, t := range c.M.Timers {
			if t.Name == x.Timer {
				at := c.running[i]
				return func(r *run) bool {
					r.s[at] = 0
					r.emit(Effect{Kind: DidCancel, Index: i})
					return false
				}
			}
		}
	case *Invoke:
		fn, args := c.expr(x.Fn, sc), c.expr(x.Args, sc)
		return func(r *run) bool {
			r.emit(Effect{Kind: DidInvoke, Fn: fn(r), Slot: args(r)})
			return false
		}
	case *Complete:
		o, fn, ans, args := c.typed(x.Outcome, Type{Kind: EnumKind, Name: OutcomeEnum.Name}, sc), c.expr(x.Fn, sc), c.expr(x.Answer, sc), c.expr(x.Args, sc)
		return func(r *run) bool {
			r.memo = false
			f := Effect{Kind: DidComplete, Outcome: o(r), Fn: fn(r), Slot: ans(r), Args: args(r)}
			f.Memo = r.memo
			r.emit(f)
			return false
		}
	case *Report:
		o, fn, ans, args := c.typed(x.Outcome, Type{Kind: EnumKind, Name: OutcomeEnum.Name}, sc), c.expr(x.Fn, sc), c.expr(x.Answer, sc), c.expr(x.Args, sc)
		return func(r *run) bool {
			r.emit(Effect{Kind: DidReport, Outcome: o(r), Fn: fn(r), Slot: ans(r), Args: args(r)})
			return false
		}
	case *Do:
		return c.do(x, sc)
	case *Note:
		fn := c.expr(x.Fn, sc)
		return func(r *run) bool {
			r.emit(Effect{Kind: DidNote, Name: x.What, Fn: fn(r)})
			return false
		}
	case *Breach:
		return func(r *run) bool { r.emit(Effect{Kind: DidBreach, Name: x.Name}); return false }
	case *Ask:
		return c.memoOp(x.Memo, "ask", nil, nil, nil, sc)
	case *Remember:
		return c.memoOp(x.Memo, "remember", x.Fn, x.Args, x.Answer, sc)
	case *Forget:
		return c.memoOp(x.Memo, "forget", nil, nil, nil, sc)
	}
	return func(*run) bool { return false }
}

func (c *Code) memoOp(memo, op string, fn, args, answer Expr, sc *scope) func(*run) bool {
	k, f, a, v := c.memo(memo), c.expr(fn, sc), c.expr(args, sc), c.expr(answer, sc)
	return func(r *run) bool {
		if w := r.env.Concrete; w != nil && w.Memo != nil {
			w.Memo(k, op, f(r), a(r), v(r))
		}
		return false
	}
}

func (c *Code) assign(x *Assign, sc *scope) func(*run) bool {
	switch t := x.Target.(type) {
	case *Name:
		at := c.at[t.Name]
		ty := c.Layout[at].Type
		v := c.typed(x.Value, ty, sc)
		if c.Layout[at].Layer {
			return func(r *run) bool {
				if r.env.Concrete != nil {
					r.s[at] = v(r)
				}
				return false
			}
		}
		return func(r *run) bool {
			w := v(r)
			if r.halted {
				return true
			}
			r.check(t.Name, ty, w)
			r.s[at] = w
			return false
		}
	case *Index:
		base, i := c.at[t.Name], c.expr(t.At, sc)
		ty := c.Layout[base].Type
		n := uint32(ty.Len)
		ty.Len = 0
		v := c.typed(x.Value, ty, sc)
		return func(r *run) bool {
			k, w := i(r), v(r)
			if k >= n {
				r.check(t.Name+"[]", Type{Kind: Range, Hi: n - 1}, k)
				return false
			}
			r.check(t.Name, ty, w)
			r.s[base+int(k)] = w
			return false
		}
	}
	return func(*run) bool { return false }
}

func (c *Code) send(x *Send, sc *scope) func(*run) bool {
	msg := c.Sys.Message(x.Message)
	index := 0
	for i, m := range c.Sys.Messages {
		if m == msg {
			index = i
		}
	}
	type put struct {
		at int
		v  func(*run) uint32
	}
	var puts []put
	for _, f := range x.Fields {
		if i := msg.Index(f.Name); i >= 0 {
			puts = append(puts, put{i, c.typed(f.Value, msg.Fields[i].Type, sc)})
		}
	}
	// a field that is only on the wire for some functions reads as 0 in the others
	type cut struct {
		at  int
		has []bool
	}
	var cuts []cut
	fnAt := msg.Index("fn")
	for i, f := range msg.Fields {
		if set := c.Sys.Set(f.For); f.For != "" && set != nil && fnAt >= 0 {
			en := c.Sys.Enum(set.Enum)
			k := cut{at: i}
			for v := range en.Members {
				k.has = append(k.has, set.Has(en, uint32(v)))
			}
			cuts = append(cuts, k)
		}
	}
	return func(r *run) bool {
		fs := make([]uint32, len(msg.Fields))
		for _, p := range puts {
			fs[p.at] = p.v(r)
		}
		for _, k := range cuts {
			if v := fs[fnAt]; int(v) >= len(k.has) || !k.has[v] {
				fs[k.at] = 0
			}
		}
		for _, p := range puts {
			r.check(x.Message+"."+msg.Fields[p.at].Name, msg.Fields[p.at].Type, fs[p.at])
		}
		r.emit(Effect{Kind: DidSend, Index: index, Fields: fs})
		return false
	}
}

func (c *Code) persist(x *Persist, sc *scope) func(*run) bool {
	rec := 0
	for i, r := range c.M.Records {
		if r.Name == x.Record {
			rec = i
		}
	}
	n := len(c.M.Records[rec].Fields)
	sound := c.sound[rec]
	vals := make([]func(*run) uint32, n)
	for i, f := range c.M.Records[rec].Fields {
		at := sound + 1 + i
		vals[i] = func(r *run) uint32 { return r.s[at] } // a field that is not named keeps its value
		for _, v := range x.Fields {
			if v.Name == f.Name {
				vals[i] = c.typed(v.Value, f.Type, sc)
			}
		}
	}
	return func(r *run) bool {
		old := append([]uint32(nil), r.s[sound:sound+1+n]...)
		now := make([]uint32, n)
		for i, v := range vals {
			now[i] = v(r)
		}
		if r.halted {
			return true
		}
		r.s[sound] = 1
		copy(r.s[sound+1:], now)
		r.emit(Effect{Kind: DidPersist, Index: rec, Old: old, Commit: x.Commit})
		return false
	}
}

func (c *Code) start(x *Start, sc *scope) func(*run) bool {
	for i, t := range c.M.Timers {
		if t.Name != x.Timer {
			continue
		}
		at, step, per := c.running[i], c.step[i], c.expr(x.Per, sc)
		return func(r *run) bool {
			if !t.Layer || r.env.Concrete != nil {
				r.s[at] = 1
			}
			f := Effect{Kind: DidStart, Index: i, Again: x.Again}
			if k := int(per(r)); k < len(t.Spans) {
				n := uint32(0)
				if step >= 0 && r.env.Concrete != nil {
					if x.Again {
						n = r.s[step] + 1
					}
					if t.Spans[k].After(n) == t.Spans[k].After(n-min(n, 1)) {
						n -= min(n, 1) // the cap is reached: the step counts no further
					}
					r.s[step] = n
				}
				f.Interval = t.Spans[k].After(n)
			}
			r.emit(f)
			return false
		}
	}
	return func(*run) bool { return false }
}

// After is the interval after n doublings, in milliseconds.
func (i Interval) After(n uint32) uint32 {
	v := uint64(i.First)
	for ; n > 0 && v < uint64(i.Cap); n-- {
		v *= 2
	}
	return uint32(min(v, uint64(max(i.Cap, i.First))))
}

func (c *Code) do(x *Do, sc *scope) func(*run) bool {
	t := c.tails[x.Tail]
	tail := c.M.Tail(x.Tail)
	var args []func(*run) uint32
	for i, a := range x.Args {
		args = append(args, c.typed(a, tail.Params[i].Type, sc))
	}
	return func(r *run) bool {
		// evaluated before any is set, since a tail may pass its own parameters on
		var vs [4]uint32
		for i, a := range args {
			vs[i] = a(r)
		}
		copy(r.frame[t.base:t.base+len(args)], vs[:])
		t.body(r)
		return r.halted
	}
}
