package cgen

import (
	"fmt"
	"sort"
	"strings"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// Emit prints the peer: <protocol>_<peer>.h, .c, and the POSIX driver <protocol>_<peer>_posix.h, .c; over a serial line
// its framing too, <protocol>_<peer>_serial.h, .c.
// An error names what the machine, the plan or two colliding names do not allow to be printed.
func Emit(in codegen.Input) ([]codegen.File, error) {
	g, err := newGen(in)
	if err != nil {
		return nil, err
	}
	core := g.core()
	header := g.header()
	files := append([]codegen.File{{Name: g.name + ".h", Data: []byte(header)}, {Name: g.name + ".c", Data: []byte(core)}}, g.drivers()...)
	if err := g.err(); err != nil {
		return nil, err
	}
	return files, nil
}

// EmitReplay prints the peer's header and <protocol>_<peer>_replay.c: the core with trace lines, hooks that record what
// they are asked, and a main that applies one event to one state for each line of standard input.
func EmitReplay(in codegen.Input) ([]codegen.File, error) {
	g, err := newGen(in)
	if err != nil {
		return nil, err
	}
	g.trace = true
	core := g.core()
	header := g.header()
	replay := g.replay(core)
	if err := g.err(); err != nil {
		return nil, err
	}
	return []codegen.File{
		{Name: g.name + ".h", Data: []byte(header)},
		{Name: g.name + "_replay.c", Data: []byte(replay)},
	}, nil
}

// gen prints one peer.
type gen struct {
	in     codegen.Input
	sys    *fsm.System
	m      *fsm.Machine
	calls  []*ir.Call
	caller bool
	name   string // soil_probe: prefix of everything public
	trace  bool   // print the replay's trace lines too

	slots     map[string]int // bytes of each payload variable
	structs   []*ir.Struct   // that this peer's calls use, a part before the whole
	enums     []*ir.Enum
	helpers   map[string]string // generated static functions by name, for those printed on demand
	sent, got []*ir.WireMessage
	byMessage map[string][]*ir.WireMessage
	failures  []string
	clash     *codegen.NameError
}

func (g *gen) fail(format string, args ...any) {
	g.failures = append(g.failures, fmt.Sprintf(format, args...))
}

func (g *gen) err() error {
	if g.clash != nil {
		return g.clash
	}
	if len(g.failures) == 0 {
		return nil
	}
	return fmt.Errorf("cannot emit c for %s: %s", g.in.Peer.Name, g.failures[0])
}

func newGen(in codegen.Input) (*gen, error) {
	if in.Plan == nil || in.System == nil || in.Peer == nil || in.Plan.Interface == nil || in.Plan.Program == nil {
		return nil, fmt.Errorf("cannot emit c: the request lacks its plan, system or peer")
	}
	g := &gen{
		in: in, sys: in.System, m: in.Machine(), calls: in.Plan.Interface.Calls, caller: in.Caller(),
		name:      codegen.CName(in.Plan.Program.Name, in.Peer.Name),
		helpers:   map[string]string{},
		byMessage: map[string][]*ir.WireMessage{},
	}
	if g.m == nil {
		return nil, fmt.Errorf("cannot emit c for %s: the system has no machine of its role", in.Peer.Name)
	}
	g.checkShape()
	g.wire()
	if err := g.err(); err != nil {
		return nil, err
	}
	g.types()
	g.slotSizes()
	g.checkBorrowed()
	g.checkNames()
	return g, g.err()
}

// checkShape refuses what has no form in emitted code.
func (g *gen) checkShape() {
	fn := g.sys.Enum("fn")
	if fn == nil || len(fn.Members) != len(g.calls) {
		g.fail("the enumeration fn does not list the interface's calls")
		return
	}
	for i, c := range g.calls {
		if fn.Members[i] != c.Name {
			g.fail("the enumeration fn has %s where the interface has %s", fn.Members[i], c.Name)
		}
	}
	for _, s := range g.sys.Sorts {
		if s.Bits < 1 || s.Bits > 32 || uint64(s.Wrap) > 1<<s.Bits {
			g.fail("the sort %s is %d bits wide and counts modulo %d", s.Name, s.Bits, s.Wrap)
		}
	}
	for _, e := range g.m.Events {
		if e.Kind == fsm.OnFree {
			g.fail("the event %s is the environment's own", e.Name)
		}
	}
	for _, t := range g.m.Timers {
		if n := len(t.Spans); n != 1 && n != len(g.calls) {
			g.fail("the timer %s has %d intervals", t.Name, n)
		}
		for _, s := range t.Spans {
			if s.First == 0 || s.First >= 1<<31 || s.Cap >= 1<<31 {
				g.fail("the timer %s has an interval of %d to %d ms", t.Name, s.First, s.Cap)
			}
		}
	}
	for _, r := range g.m.Records {
		if r.Slots < 1 || r.Slots > 2 {
			g.fail("the record %s has %d slots", r.Name, r.Slots)
		}
	}
	if len(g.m.Memos) > 1 || len(g.m.Memos) == 1 && len(g.m.Memos[0].Entries) != len(g.calls) {
		g.fail("%s has another memo than one that speaks of every call", g.m.Name)
	}
	if len(g.calls) > 254 {
		g.fail("%d calls; one byte numbers at most 254", len(g.calls))
	}
	for _, e := range g.sys.Enums {
		switch codegen.CName(e.Name) {
		case "state", "fault", "message":
			g.fail("the enumeration %s of the machine has a name that the core uses", e.Name)
		}
		if len(e.Members) > 256 {
			g.fail("the enumeration %s has %d members", e.Name, len(e.Members))
		}
	}
}

// checkNames refuses public names that collide after conversion to C.
func (g *gen) checkNames() {
	seen := map[string]string{}
	add := func(c, of string) {
		if was, ok := seen[c]; ok && was != of {
			if g.clash == nil {
				g.clash = &codegen.NameError{What: fmt.Sprintf("%s and %s are both called %s in C", was, of, c)}
			}
		}
		seen[c] = of
	}
	for _, s := range []string{"start", "receive", "poll", "next", "halted", "notes", "note", "status", "outcome", "posix", "serial"} {
		add(g.name+"_"+s, "the emitted "+s)
	}
	add(g.name, "the peer "+g.in.Peer.Name)
	for _, s := range g.structs {
		add(g.typeName(s.Name), "struct "+s.Name)
	}
	for _, e := range g.enums {
		add(g.typeName(e.Name), "enum "+e.Name)
		members := map[string]bool{}
		for _, m := range e.Members {
			if c := g.enumConst(e, m); members[c] {
				g.fail("two members of the enum %s are called %s in c", e.Name, c)
			} else {
				members[c] = true
			}
		}
	}
	for _, c := range g.calls {
		for _, p := range g.bundles(c) {
			add(p.ctype, "call "+c.Name+"'s "+p.what)
		}
		for _, verb := range []string{"call", "return", "on", "done"} {
			add(codegen.CName(g.name, verb, c.Name), verb+" "+c.Name)
		}
		params := map[string]bool{}
		for _, p := range c.Params {
			if n := local(p.Name); params[n] {
				g.fail("two parameters of %s are called %s in c", c.Name, n)
			} else {
				params[n] = true
			}
		}
	}
	for _, s := range g.structs {
		fields := map[string]bool{}
		for _, f := range s.Fields {
			if n := codegen.CName(f.Name); fields[n] {
				g.fail("two fields of the struct %s are called %s in c", s.Name, n)
			} else {
				fields[n] = true
			}
		}
	}
}

// taken are names that the printer uses itself where a parameter of the program or of the machine could hide them.
var taken = func() map[string]bool {
	m := map[string]bool{}
	for _, n := range strings.Fields(`c m now w r fn kind slot to from to_slot to_frame status result raw bits payload
		i ii iii iiii put put_wide put_le put_le64 put_bytes get get_wide get_le get_le64 get_bytes align_in align_out close_in refuse
		memcpy memset memcmp may_call begin_call may_return end_handler enter leave invoke complete note due seal_and_send no_payload`) {
		m[n] = true
	}
	return m
}()

// local is a name of the program or of the machine as a C parameter.
func local(name string) string {
	n := codegen.CName(name)
	if taken[n] || ownPrefix(n) {
		return n + "_"
	}
	return n
}

// ownPrefix reports whether a name begins like one of the printer's own functions.
func ownPrefix(n string) bool {
	for _, p := range []string{"on_", "send_", "start_", "again_", "persist_", "load_", "keep_", "encode_", "decode_", "check_", "fresh_", "before_",
		"replay_", "args_of_", "read_", "put_", "get_", "prove_"} {
		if strings.HasPrefix(n, p) {
			return true
		}
	}
	return false
}

// macro is a name in capitals behind the peer's prefix.
func (g *gen) macro(parts ...string) string {
	return codegen.CMacro(append([]string{g.name}, parts...)...)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// text collects lines of C; layout gives them their indentation.
type text struct{ b strings.Builder }

func (t *text) p(format string, args ...any) {
	fmt.Fprintf(&t.b, format, args...)
	t.b.WriteByte('\n')
}

func (t *text) doc(lines ...string) {
	for _, l := range lines {
		for _, part := range strings.Split(l, "\n") {
			// A backslash at the end of a line would take the next line into the comment.
			// So would the trigraph of one.
			part = strings.ReplaceAll(part, "??", "? ?")
			t.p("%s", strings.TrimRight("// "+part, " \t\\"))
		}
	}
}

func (t *text) String() string { return t.b.String() }

// wrap breaks a line that is too long behind commas that stand outside quotes and comments.
func wrap(l string, width int) []string {
	var out []string
	for len(l) > width && !strings.HasPrefix(l, "//") && !strings.HasPrefix(l, "#") {
		at, quoted := -1, false
		for i := 0; i+1 < len(l) && (i < width-4 || at < 0); i++ {
			if l[i] == '"' {
				quoted = !quoted
			}
			if !quoted && l[i:i+2] == "//" {
				break
			}
			if !quoted && l[i:i+2] == ", " {
				at = i + 1
			}
		}
		if at < 0 {
			break
		}
		out = append(out, l[:at])
		l = strings.TrimSpace(l[at:])
	}
	return append(out, l)
}

// layout indents by braces, and leaves no two blank lines in a row nor one before a closing brace.
func layout(s string) string {
	var b strings.Builder
	var open []int // for each open brace, by how much it indents
	depth, blank, goesOn := 0, false, false
	for _, l := range strings.Split(s, "\n") {
		l = strings.TrimSpace(l)
		if l == "" {
			blank = b.Len() > 0
			continue
		}
		comment := strings.HasPrefix(l, "//")
		isCase := strings.HasPrefix(l, "case ") || strings.HasPrefix(l, "default:")
		d := depth
		if strings.HasPrefix(l, "}") && len(open) > 0 {
			// The brace of a case stands below its label, one step out.
			d = depth - 1
			depth -= open[len(open)-1]
			open = open[:len(open)-1]
			blank = false
		}
		if isCase {
			d = depth - 1
		} else if goesOn {
			d++
		}
		if blank && !strings.HasSuffix(strings.TrimRight(b.String(), "\n"), "{") {
			b.WriteByte('\n')
		}
		blank = false
		if strings.HasPrefix(l, "#") {
			d = 0
		}
		for i, part := range wrap(l, 120-4*max(d, 0)) {
			b.WriteString(strings.Repeat("    ", max(d, 0)+min(i, 1)))
			b.WriteString(part)
			b.WriteByte('\n')
		}
		goesOn = !comment && (strings.HasSuffix(l, "&&") || strings.HasSuffix(l, "||") || strings.HasSuffix(l, " |"))
		if strings.HasSuffix(l, "{") && !comment {
			step := 1
			if isCase {
				step = 0
			}
			open = append(open, step)
			depth += step
		}
	}
	return b.String()
}
