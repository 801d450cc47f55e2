package conform

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"sprocketc/codegen"
	"sprocketc/diag"
	"sprocketc/fsm"
)

// A test of the test: emitted code of a machine with one thing wrong is held against the vectors of the right one.

// mutant is a change of one stage of a machine.
type mutant struct {
	name string
	why  string // no line can tell it from the machine; ""
	sys  *fsm.System
}

// stages is a list of stages, and what it belongs to.
type stages struct {
	of   string
	memo bool // it stands behind a question to the memo
	list *[]*fsm.Stage
}

const (
	removed    = "removed"
	swapped    = "swapped"
	memoUnseen = "the memo is empty on every line and is not shown"
)

func text(s *fsm.Stage) string {
	if w, ok := s.Stmt.(*fsm.When); ok {
		return "when " + fsm.Text(w.Cond)
	}
	return fsm.StmtText(s.Stmt)
}

// about is what a stage does, with everything that it guards.
type about struct {
	reads, writes                    map[string]bool
	memo, visible, ends, only, halts bool // only: nothing but ends stand in it
}

// look takes a stage in, and the tails that it runs; the end of a tail is not that of the event.
func look(m *fsm.Machine, s *fsm.Stage) about {
	a := about{reads: map[string]bool{}, writes: map[string]bool{}, only: true}
	fsm.WalkStages([]*fsm.Stage{s}, func(s *fsm.Stage) {
		switch x := s.Stmt.(type) {
		case *fsm.When, *fsm.End:
			_, end := x.(*fsm.End)
			a.ends = a.ends || end
		case *fsm.Ask, *fsm.Remember, *fsm.Forget:
			a.memo, a.only = true, false
		case *fsm.Assign:
			a.only = false
			a.writes[x.Target.(*fsm.Name).Name] = true
		case *fsm.Do:
			a.only = false
			for _, s := range m.Tail(x.Tail).Body {
				b := look(m, s)
				maps.Copy(a.reads, b.reads)
				maps.Copy(a.writes, b.writes)
				a.memo, a.visible, a.halts = a.memo || b.memo, a.visible || b.visible, a.halts || b.halts
			}
		default:
			a.visible, a.only = true, false
		}
		for _, e := range fsm.Reads(s.Stmt) {
			fsm.WalkExpr(e, func(e fsm.Expr) {
				switch x := e.(type) {
				case *fsm.Name:
					a.reads[x.Name] = true
				case *fsm.Call:
					a.memo = a.memo || x.Fn == "hit" || x.Fn == "recalled"
					a.halts = a.halts || x.Fn == "next"
				}
			})
		}
	})
	return a
}

// unseen says why no line can tell what is wrong with a stage, or with the order of two; "" where one must.
func unseen(m *fsm.Machine, s, next *fsm.Stage) string {
	a := look(m, s)
	onlyMemo := a.memo && !a.visible && !a.halts && len(a.writes) == 0 && !a.ends
	if onlyMemo {
		return memoUnseen
	}
	if next == nil {
		return ""
	}
	b := look(m, next)
	if b.memo && !b.visible && !b.halts && len(b.writes) == 0 && !b.ends {
		return memoUnseen
	}
	if a.halts || b.halts || a.visible && b.visible || (a.ends || b.ends) && !(a.only && b.only) {
		return ""
	}
	for w := range a.writes {
		if b.reads[w] || b.writes[w] {
			return ""
		}
	}
	for w := range b.writes {
		if a.reads[w] {
			return ""
		}
	}
	return "the two stages do not depend on each other"
}

func lists(m *fsm.Machine) []stages {
	var out []stages
	var walk func(of string, memo bool, list *[]*fsm.Stage)
	walk = func(of string, memo bool, list *[]*fsm.Stage) {
		out = append(out, stages{of, memo, list})
		for _, s := range *list {
			if w, ok := s.Stmt.(*fsm.When); ok {
				hit := strings.Contains(fsm.Text(w.Cond), "hit(")
				walk(of+", "+text(s), memo || hit, &w.Then)
				walk(of+", else "+text(s), memo, &w.Else)
			}
		}
	}
	for _, e := range m.Events {
		walk([...]string{"call", "return", "on", "timer", "restart", "free"}[e.Kind]+" "+e.Name, false, &e.Body)
	}
	for _, t := range m.Tails {
		walk("tail "+t.Name, false, &t.Body)
	}
	return out
}

func copied(t testing.TB, sys *fsm.System) *fsm.System {
	t.Helper()
	k, ds := fsm.Load(&diag.File{Name: "copy.fsm", Text: []byte(sys.String())})
	if len(ds) > 0 {
		t.Fatal(ds[0].Message)
	}
	return k
}

// mutants of a machine: each stage removed, each guard turned round, each stage swapped with the next, each value of an
// assignment, a message or a record taken back to none. Those that are no sane machine are left out.
func mutants(t testing.TB, sys *fsm.System, machine string) []mutant {
	t.Helper()
	var out []mutant
	try := func(what string, at, j int, change func(list *[]*fsm.Stage, s *fsm.Stage) bool) {
		k := copied(t, sys)
		l := lists(k.Machine(machine))[at]
		s := (*l.list)[j]
		name := strings.TrimSpace(l.of + ": " + what + ": " + text(s))
		why := ""
		if j+1 < len(*l.list) && what == swapped {
			next := (*l.list)[j+1]
			name += " / " + text(next)
			why = unseen(k.Machine(machine), s, next)
		} else {
			why = unseen(k.Machine(machine), s, nil)
		}
		if l.memo || what == removed && strings.Contains(text(s), "hit(") {
			why = memoUnseen
		}
		if equal := equivalent[name]; equal != "" {
			why = equal
		}
		if change(l.list, s) && len(fsm.Sanity(k)) == 0 {
			out = append(out, mutant{name, why, k})
		}
	}
	for at, l := range lists(sys.Machine(machine)) {
		for j := range *l.list {
			try(removed, at, j, func(list *[]*fsm.Stage, _ *fsm.Stage) bool {
				*list = slices.Delete(*list, j, j+1)
				return true
			})
			try("turned round", at, j, func(_ *[]*fsm.Stage, s *fsm.Stage) bool {
				w, ok := s.Stmt.(*fsm.When)
				if ok {
					w.Cond = &fsm.Not{X: w.Cond}
				}
				return ok
			})
			try(swapped, at, j, func(list *[]*fsm.Stage, _ *fsm.Stage) bool {
				if j+1 == len(*list) {
					return false
				}
				(*list)[j], (*list)[j+1] = (*list)[j+1], (*list)[j]
				return true
			})
			for f := range fieldValues((*l.list)[j].Stmt) {
				try(fmt.Sprintf("value %d is none", f), at, j, func(_ *[]*fsm.Stage, s *fsm.Stage) bool {
					v := fieldValues(s.Stmt)[f]
					if _, none := (*v).(*fsm.None); none {
						return false
					}
					*v = &fsm.None{}
					return true
				})
			}
		}
	}
	return out
}

func fieldValues(s fsm.Stmt) []*fsm.Expr {
	var out []*fsm.Expr
	fields := func(vs []fsm.FieldValue) {
		for i := range vs {
			out = append(out, &vs[i].Value)
		}
	}
	switch x := s.(type) {
	case *fsm.Send:
		fields(x.Fields)
	case *fsm.Persist:
		fields(x.Fields)
	case *fsm.Assign:
		out = append(out, &x.Value)
	}
	return out
}

// some takes about n of a list, spread evenly, unless all are asked for.
func some[T any](list []T, n int) []T {
	if os.Getenv("SPROCKET_ALL") != "" || len(list) <= n {
		return list
	}
	var out []T
	for i := range n {
		out = append(out, list[i*len(list)/n])
	}
	return out
}

// goMutants builds the Go harnesses of all mutants as one program, that takes the number of one.
func goMutants(t testing.TB, in codegen.Input, ms []mutant) (program string, refused map[int]string) {
	t.Helper()
	dir := t.TempDir()
	refused = map[int]string{}
	var imports, cases strings.Builder
	for i, m := range ms {
		in.System = m.sys
		files, err := harness(in, "go")
		if err != nil {
			refused[i] = err.Error()
			continue
		}
		main := goPackage(files)
		pkg := fmt.Sprintf("m%d", i)
		for _, f := range files {
			text := strings.Replace(string(f.Data), "package main\n", "package "+pkg+"\n", 1)
			text = strings.Replace(text, "func main() {", "func Main() {", 1)
			f.Data = []byte(text)
			f.Name = pkg + strings.TrimPrefix(f.Name, main)
			if err := writeFiles(dir, []codegen.File{f}); err != nil {
				t.Fatal(err)
			}
		}
		fmt.Fprintf(&imports, "\t\"replay/%s\"\n", pkg)
		fmt.Fprintf(&cases, "\tcase \"%d\":\n\t\t%s.Main()\n", i, pkg)
	}
	text := "package main\n\nimport (\n\t\"os\"\n" + imports.String() + ")\n\nfunc main() {\n\tswitch os.Args[1] {\n" + cases.String() + "\t}\n}\n"
	if err := writeFiles(dir, []codegen.File{goModule, {Name: "main.go", Data: []byte(text)}}); err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(dir, "replay")
	if err := run(context.Background(), dir, goEnvironment(), "go", "build", "-o", program, "."); err != nil {
		t.Fatal(err)
	}
	return program, refused
}

// sparse is every n-th vector.
func sparse(s *Set, n int) *Set {
	k := *s
	k.Vectors = nil
	for i := 0; i < len(s.Vectors); i += n {
		k.Vectors = append(k.Vectors, s.Vectors[i])
	}
	return &k
}

// noticed reports whether a program answers some vector wrongly: first a part of them is tried, then all.
func noticed(t testing.TB, set *Set, program string, args ...string) bool {
	t.Helper()
	for _, s := range []*Set{sparse(set, 7), set} {
		x, err := compare(context.Background(), s, "go", program, args...)
		if err != nil {
			t.Fatal(err)
		}
		if x.Mismatches > 0 || x.Stopped != "" {
			return true
		}
	}
	return false
}

// Mutants that do the same as the machine, for a reason that takes some thought.
var equivalent = map[string]string{
	"call call: swapped: when ce != none / wait = true":                                                                             "the number never runs out here: the stage before renews it",
	"timer pace, when held && wait: swapped: held = false / do transmit()":                                                          "the pace does not run when it fires, so that nothing is held",
	"on OLD: swapped: persist identity { ce: next(m.last) } / n = none":                                                             "there is no number while there is no epoch",
	"on OLD: removed: n = none":                                                                                                     "there is no number while there is no epoch",
	"on REQ, when m.ce == none: value 0 is none: send OLD { ce: m.ce, n: m.n, last: last_ce }":                                      "m.ce is none there",
	"on REQ: swapped: when before(m.ce, last_ce) || m.ce == last_ce && before(m.n, last_n) / when m.ce == last_ce && m.n == last_n": "the two exclude each other",
	"on REQ: swapped: when m.ce == last_ce && m.n == last_n / when phase == running":                                                "a repeat of the call that runs is ignored by both",
	"on REQ, when m.ce == last_ce && m.n == last_n: removed: end":                                                                   "its call runs or is answered, and the next stage or the one before ends it",
	"on REQ, when m.ce == last_ce && m.n == last_n, when phase == answered: removed: end":                                           "the end behind it follows at once",
}

func TestWrongStagesAreNoticedInGo(t *testing.T) {
	p, sys := soil(t, "stable")
	for _, in := range inputs(p, sys) {
		set, err := Of(in)
		if err != nil {
			t.Fatal(err)
		}
		all := mutants(t, sys, in.Machine().Name)
		ms := append([]mutant{{name: "none", sys: copied(t, sys)}}, some(all, 12)...)
		program, refused := goMutants(t, in, ms)
		found, unseen := 0, map[string][]string{}
		for i, m := range ms {
			if why, ok := refused[i]; ok {
				t.Logf("%s is not emitted: %s", m.name, why)
				continue
			}
			switch seen := noticed(t, set, program, fmt.Sprint(i)); {
			case i == 0 && seen:
				t.Errorf("%s: the unchanged machine does not answer as itself", in.Peer.Name)
			case i == 0:
			case seen && m.why != "":
				t.Errorf("%s: %q is noticed, although %s", in.Peer.Name, m.name, m.why)
			case seen:
				found++
			case m.why == "":
				t.Errorf("%s: not noticed: %s", in.Peer.Name, m.name)
			default:
				unseen[m.why] = append(unseen[m.why], m.name)
			}
		}
		t.Logf("%s: %d of %d mutants tried, %d noticed, %d not emitted", in.Peer.Name, len(ms)-1, len(all), found, len(refused))
		for why, names := range unseen {
			t.Logf("%s: %d cannot be seen, since %s:\n\t%s", in.Peer.Name, len(names), why, strings.Join(names, "\n\t"))
		}
	}
}

func TestWrongStagesAreNoticedInC(t *testing.T) {
	p, sys := soil(t, "stable")
	for _, in := range inputs(p, sys) {
		set, err := Of(in)
		if err != nil {
			t.Fatal(err)
		}
		ms := mutants(t, sys, in.Machine().Name)
		ms = slices.DeleteFunc(ms, func(m mutant) bool { return m.why != "" })
		for _, m := range some(ms, 1) {
			in.System = m.sys
			x, err := Replay(context.Background(), set, in, "c")
			if err != nil {
				t.Logf("%s: refused: %s: %v", in.Peer.Name, m.name, err)
				continue
			}
			if x.Mismatches == 0 && x.Stopped == "" {
				t.Errorf("%s: not noticed: %s", in.Peer.Name, m.name)
			}
			in.System = sys
		}
	}
}

// A plan whose wire is not the emitters' is noticed: the datagrams are compared byte by byte.
func TestWrongWireIsNoticed(t *testing.T) {
	p, sys := soil(t, "stable")
	in := inputs(p, sys)[0]
	set, err := Of(in)
	if err != nil {
		t.Fatal(err)
	}
	other := *p
	other.Wire = slices.Clone(p.Wire)
	other.Wire[0].Seed ^= 1
	in.Plan = &other
	x, err := Replay(context.Background(), set, in, "go")
	if err != nil {
		t.Fatal(err)
	}
	if x.Mismatches == 0 {
		t.Error("a request with another checksum passed")
	}
}
