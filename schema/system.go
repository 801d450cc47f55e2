package schema

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"sprocketc/diag"
	"sprocketc/fsm"
	"sprocketc/ir"
)

//go:embed call.fsm
var callSource []byte

//go:embed window.fsm
var windowSource []byte

var parseCall = sync.OnceValues(func() (*fsm.System, error) {
	return parsed(&diag.File{Name: "call.fsm", Text: callSource})
})

func parsed(file *diag.File) (*fsm.System, error) {
	s, ds := fsm.Parse(file)
	if len(ds) > 0 {
		return nil, fmt.Errorf("%s: %s", file.Name, ds[0].Message)
	}
	return s, nil
}

// MaxLanes is how many calls can be outstanding at once: what the checker explores to its end. With more than MaxKept of
// them, none that comes before its turn is kept.
const MaxLanes, MaxKept = 4, 2

var windows sync.Map // by how many lanes: what parses the text

// source is the text of the machines of a plan.
func source(p *ir.Plan) (*fsm.System, error) {
	lanes := p.Interface.Lanes()
	if !p.Has(Window) || lanes < 2 {
		return parseCall()
	}
	parse, _ := windows.LoadOrStore(lanes, sync.OnceValues(func() (*fsm.System, error) {
		file, ds := fsm.Unroll(&diag.File{Name: "window.fsm", Text: windowSource}, lanes)
		if len(ds) > 0 {
			return nil, fmt.Errorf("window.fsm: %s", ds[0].Message)
		}
		return parsed(file)
	}))
	return parse.(func() (*fsm.System, error))()
}

// System composes the machines of a plan. An error is a defect of the schema, or a forced plan that makes no machine.
func System(p *ir.Plan) (*fsm.System, error) {
	src, err := source(p)
	if err != nil {
		return nil, err
	}
	spec := fsm.Spec{
		Name: p.Program.Name, Doc: []string{p.Program.Name + ": " + p.Interface.Name + ", " + p.Interface.From.Name + " calls " + p.Interface.To.Name + "."},
		Features: Tags(p), Bits: p.Widths, Wrap: map[string]int{}, Timers: map[string][]fsm.Interval{}, Memos: map[string][]fsm.MemoEntry{},
		Crashes: map[string]bool{"caller": p.Interface.From.Crashes != nil, "callee": p.Interface.To.Crashes != nil},
		Erased:  map[string]bool{"caller": p.Has(CallerChallenge) || sourceOf(p, CallerEpoch) == "stable"},
	}
	if w := p.Wraps; w > 0 {
		spec.Wrap["num"] = w
	}
	calls(p, &spec)
	spec.Channels = channels(p)
	spec.Checks = Checks(p)
	spec.Drift = map[string]int{"caller": p.Interface.From.Wrong(), "callee": p.Interface.To.Wrong()}
	spec.Demands = demands(p)
	more := []string(nil)
	spec.Asserted, more = asserted(p)
	for _, c := range more {
		if !slices.Contains(spec.Checks, c) {
			spec.Checks = append(spec.Checks, c)
		}
	}
	return fsm.Compose(src, spec)
}

// Tags are the names that the sources' tags use: the plan's features, and how they are realised.
func Tags(p *ir.Plan) map[string]bool {
	t := map[string]bool{}
	for _, f := range p.Features {
		t[f.Name] = true
	}
	for _, f := range p.Forced {
		if f.Value == "on" {
			t[f.Feature] = true
		}
	}
	for _, who := range []string{"caller epoch", "callee epoch"} {
		if sourceOf(p, who) == "entropy" {
			t["random "+who] = true
		}
		if t["random "+who] && t["volatile "+who] {
			t["volatile "+who] = false
		}
		t["stable "+who] = t[who] && !t["random "+who] && !t["volatile "+who]
		t["random "+who] = t["random "+who] && t[who]
		t["volatile "+who] = t["volatile "+who] && t[who]
	}
	t["one slot"] = !t[TwoSlots]
	t["early buffer"] = variantOf(p, Window) == Selective
	t["may have run"] = t[OutcomeUnknown] || t[OutcomeRestart]
	t[CallerChallenge] = t[CallerChallenge] && t["stable caller epoch"]
	t[PendingRecord] = t[PendingRecord] && t["stable caller epoch"]
	// The identity of the newest call says something of those that come after it.
	t["heeded"] = t[DupSuppression] || t[ReplyCache] || t[CommitRecord] || t[CallerChallenge] || t[AskingFirst] || t[IntentRecord]
	t[Serial] = t[Serial]
	return t
}

// sourceOf is the source of a feature of the plan, "" where it has none.
func sourceOf(p *ir.Plan, feature string) string { return parameter(p, feature, "source") }

// variantOf is likewise which of its variants it is.
func variantOf(p *ir.Plan, feature string) string { return parameter(p, feature, "variant") }

func parameter(p *ir.Plan, feature, name string) string {
	for _, f := range p.Features {
		if f.Name == feature {
			return f.Parameters[name]
		}
	}
	return ""
}

// Fenced reports whether a call is rejected under another callee epoch: it may not run twice, or not come late. One that runs
// exactly once is told by its record.
func Fenced(c *ir.Call) bool { return !Harmless(c) && c.Kind != ir.ExactlyOnce }

func ms(d time.Duration) uint32 { return uint32(d / time.Millisecond) }

func calls(p *ir.Plan, spec *fsm.Spec) {
	fn := &fsm.Enum{Name: "fn"}
	sets := map[string]*fsm.Set{}
	for _, name := range []string{"pure", "idempotent", "effect", "once", "commutes", "lasting", "fenced", "kept", "logged"} {
		sets[name] = &fsm.Set{Name: name, Enum: "fn"}
		spec.Sets = append(spec.Sets, sets[name])
	}
	if p.Interface.Ordered() {
		sets["ordered"] = &fsm.Set{Name: "ordered", Enum: "fn"}
		spec.Sets = append(spec.Sets, sets["ordered"])
	}
	expire, retry := []fsm.Interval{}, []fsm.Interval{}
	memo := []fsm.MemoEntry{}
	for _, c := range p.Interface.Calls {
		fn.Members = append(fn.Members, c.Name)
		in := func(set string, yes bool) {
			if yes {
				sets[set].Members = append(sets[set].Members, c.Name)
			}
		}
		in(c.Kind.String(), true)
		in("commutes", c.Commutes != nil)
		in("lasting", c.Kind != ir.Pure)
		in("fenced", Fenced(c))
		in("kept", c.Cache != nil)
		in("logged", c.Log != nil)
		in("ordered", c.Ordered != nil)
		s := p.Schedules[c.Name]
		if s == nil {
			s = &ir.Schedule{First: time.Second, Cap: time.Second, Time: ir.DefaultWithin, Expires: p.Interface.From.AtMost(ir.DefaultWithin)}
		}
		expires := s.Expires
		if expires == 0 {
			expires = s.Time // of a plan by hand, with a clock that is right
		}
		expire = append(expire, fsm.Interval{First: ms(expires), Cap: ms(expires)})
		retry = append(retry, fsm.Interval{First: ms(s.First), Cap: ms(s.Cap)})
		e := fsm.MemoEntry{}
		if c.Cache != nil {
			e = fsm.MemoEntry{N: uint32(c.Cache.N), Age: ms(p.Interface.From.AtMost(c.Cache.For))}
		}
		memo = append(memo, e)
		if c.Log != nil {
			spec.Journal = max(spec.Journal, uint32(c.Log.N))
		}
	}
	spec.Enums = []*fsm.Enum{fn}
	spec.Timers["expire"], spec.Timers["retry"] = expire, retry
	for i := range p.Interface.Lanes() {
		spec.Timers[fmt.Sprint("expire", i)], spec.Timers[fmt.Sprint("retry", i)] = expire, retry
	}
	if p.Pace > 0 {
		spec.Timers["pace"] = []fsm.Interval{{First: ms(p.Pace), Cap: ms(p.Pace)}}
	}
	if p.Quiet > 0 {
		spec.Timers["quiet"] = []fsm.Interval{{First: ms(p.Quiet), Cap: ms(p.Quiet)}}
	}
	spec.Memos["answers"] = memo
}

func channels(p *ir.Plan) []*fsm.Channel {
	ch := p.Interface.Channel
	within := 0
	if ch.Reorders != nil {
		within = ch.Reorders.Within
	}
	mk := func(name, from, to string) *fsm.Channel {
		c := &fsm.Channel{Name: name, From: from, To: to, Loses: ch.Loses != nil || ch.Corrupts != nil, Repeats: ch.Repeats != nil, Within: within,
			Corrupts: ch.Corrupts != nil && !p.Has(Checksum)}
		if ch.Loses != nil {
			c.Loss = fsm.OddsOf(ch.Loses.P)
		}
		if d := ch.Delays; d != nil {
			c.Delay = fsm.Interval{First: ms(d.Min), Cap: ms(d.Max)}
		}
		if ch.Lives != nil {
			c.Lives = ms(ch.Lives.T)
		}
		return c
	}
	return []*fsm.Channel{mk("request", "caller", "callee"), mk("reply", "callee", "caller")}
}

// Checks lists the properties that follow from the program's demands, by the names of the failure model.
func Checks(p *ir.Plan) []string {
	kinds := map[ir.Kind]bool{}
	late := false
	for _, c := range p.Interface.Calls {
		kinds[c.Kind] = true
		late = late || !Harmless(c)
	}
	out := []string{"own_answer", "serial", "useful", "delivered", "answered", "responsive", "bounded", "no_deadlock"}
	if late {
		out = append(out, "no_stale")
	}
	if kinds[ir.Effect] {
		out = append(out, "at_most_once", "honest_outcome", "final")
		if p.Interface.To.Crashes != nil {
			out = append(out, "no_spurious_restart")
		}
	}
	if p.Interface.Ordered() {
		out = append(out, "ordered")
	}
	if kinds[ir.ExactlyOnce] {
		out = append(out, "exactly_once", "committed")
		for _, c := range []string{"honest_outcome", "final"} {
			if !slices.Contains(out, c) {
				out = append(out, c)
			}
		}
	}
	return out
}

// Dump prints the composed system of a plan under a heading that says what it is.
func Dump(s *fsm.System) string { return strings.TrimRight(s.String(), "\n") + "\n" }
