package gogen

import (
	"bytes"
	"fmt"
	"sort"
	"strings"

	"github.com/dave/jennifer/jen"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// Emit prints the package of a peer, named after the protocol: types.go, wire.go and what both peers share, and
// PEER_core.go, PEER_codec.go, PEER_driver.go. The files of both peers of a program can stand in one directory.
// An error names what of the plan or of the machine cannot be printed, or two names that are one in Go.
func Emit(in codegen.Input) ([]codegen.File, error) {
	g, err := newGen(in)
	if err != nil {
		return nil, err
	}
	if err := g.clashes(); err != nil {
		return nil, err
	}
	g.pkg = codegen.GoPackage(in.Plan.Program.Name)
	g.machineFiles()
	g.file(g.low+"_driver.go", g.driver)
	g.support("driver.go")
	if g.serial() {
		g.support("frame.go")
		g.support("serial.go")
	}
	if g.in.Caller() {
		g.support("caller.go")
		if g.m.Lanes() {
			g.support("lanes.go")
		}
	} else {
		g.support("callee.go")
	}
	if g.usesFresh() {
		g.support("random.go")
	}
	if len(g.m.Records) > 0 {
		g.support("store.go")
		g.support("lock.go")
		g.support("lock_other.go")
	}
	if g.commits() {
		g.support("committing.go")
		g.support("txfile.go")
	}
	if g.reports() {
		g.support("reports.go")
	}
	return g.done()
}

// EmitReplay prints the command replay_PEER (package main, its own directory): the core, codec and types as Emit
// prints them but for the package clause, and a main.go that reads one event a line and writes what the core does. A
// package of its own needs no import path, and reaches the core's private state.
func EmitReplay(in codegen.Input) ([]codegen.File, error) {
	g, err := newGen(in)
	if err != nil {
		return nil, err
	}
	g.pkg = "main"
	g.dir = "replay_" + g.low + "/"
	g.machineFiles()
	g.support("replay.go")
	g.file("main.go", g.replayMain)
	return g.done()
}

// gen holds one run of the emitter.
type gen struct {
	in    codegen.Input
	sys   *fsm.System
	m     *fsm.Machine
	calls []*ir.Call // in the order of the enumeration fn
	mem   []ir.RecordLayout

	pkg, dir  string
	peer, low string // Gateway, gateway
	recv      string // receiver of the core's methods
	api       string // receiver of the peer's methods

	files []codegen.File
	err   error
}

func newGen(in codegen.Input) (*gen, error) {
	if in.Plan == nil || in.System == nil || in.Peer == nil {
		return nil, fmt.Errorf("a plan, a system and a peer are needed")
	}
	g := &gen{in: in, sys: in.System, m: in.Machine()}
	if g.m == nil {
		return nil, fmt.Errorf("the system has no machine for peer %s", in.Peer.Name)
	}
	g.peer, g.low = codegen.GoName(in.Peer.Name), codegen.CName(in.Peer.Name)
	g.recv = g.receiver()
	g.api = g.apiReceiver()
	if m := in.Plan.Peers[in.Peer.Name]; m != nil {
		g.mem = m.Records
	}
	if err := g.functions(); err != nil {
		return nil, err
	}
	return g, g.check()
}

// functions finds the calls in the order in which the machines number them.
func (g *gen) functions() error {
	e := g.sys.Enum("fn")
	if e == nil {
		return fmt.Errorf("the system has no enumeration fn")
	}
	for _, name := range e.Members {
		for _, c := range g.in.Plan.Interface.Calls {
			if c.Name == name {
				g.calls = append(g.calls, c)
			}
		}
	}
	if len(g.calls) != len(e.Members) || len(g.calls) != len(g.in.Plan.Interface.Calls) {
		return fmt.Errorf("the calls of %s and the functions of the system differ", g.in.Plan.Interface.Name)
	}
	return nil
}

// receiver chooses a letter that no parameter of the machine has, and no variable in a method.
func (g *gen) receiver() string {
	used := map[string]bool{"fn": true, "args": true, "ans": true, "now": true}
	for _, local := range "bdimortwx" { // of methods, and of the replay
		used[string(local)] = true
	}
	for _, r := range g.m.Records {
		for _, f := range r.Fields {
			used[codegen.GoLocal(f.Name)] = true
		}
	}
	for _, e := range g.m.Events {
		used[e.Param] = true
	}
	for _, t := range g.m.Tails {
		for _, p := range t.Params {
			used[codegen.GoLocal(p.Name)] = true
		}
	}
	for _, name := range []string{strings.ToLower(g.peer[:1]), "c", "s"} {
		if !used[name] {
			return name
		}
	}
	return "core"
}

// apiReceiver chooses a letter that no parameter of a call has.
func (g *gen) apiReceiver() string {
	for _, c := range g.in.Plan.Interface.Calls {
		for _, p := range c.Params {
			if l := strings.ToLower(g.peer[:1]); param(p) == l || strings.Contains("bdeiorwx", l) { // locals of methods
				return "self"
			}
		}
	}
	return strings.ToLower(g.peer[:1])
}

func (g *gen) fail(format string, args ...any) {
	if g.err == nil {
		g.err = fmt.Errorf(format, args...)
	}
}

// machineFiles prints what the core needs, without a driver.
func (g *gen) machineFiles() {
	g.file("types.go", g.types)
	g.file("wire.go", g.wire)
	g.file("payload.go", g.payload)
	g.file(g.low+"_codec.go", g.codec)
	g.file(g.low+"_core.go", g.core)
	g.support("machine.go")
	g.support("bits.go")
	if g.in.Caller() {
		g.support("outcome.go")
	}
	if len(g.m.Timers) > 0 {
		g.support("timer.go")
	}
	if len(g.m.Memos) > 0 {
		g.support("memo.go")
	}
	if g.m.Journal != nil {
		g.support("journal.go")
	}
	if len(g.m.Records) > 0 {
		g.support("record.go")
	}
	if g.usesFresh() {
		g.support("fresh.go")
	}
	sums := map[int]bool{}
	for _, w := range g.in.Plan.Wire {
		sums[w.Sum] = true
	}
	if sums[1] {
		g.support("crc8.go")
	}
	if sums[2] || len(g.m.Records) > 0 {
		g.support("crc16.go")
	}
}

// file renders a file, unless print adds nothing to it.
func (g *gen) file(name string, print func(*jen.File)) {
	if g.err != nil {
		return
	}
	f := jen.NewFile(g.pkg)
	f.HeaderComment(g.header())
	print(f)
	if g.err != nil {
		return
	}
	var b bytes.Buffer
	if err := f.Render(&b); err != nil {
		g.fail("%s: %w", name, err)
		return
	}
	if empty(b.Bytes()) {
		return
	}
	g.files = append(g.files, codegen.File{Name: g.dir + name, Data: spaced(b.Bytes())})
}

// spaced puts an empty line before every declaration, which the printer does only before comments.
func spaced(b []byte) []byte {
	lines := strings.Split(string(b), "\n")
	var out []string
	for i, l := range lines {
		declares := strings.HasPrefix(l, "func ") || strings.HasPrefix(l, "type ") || strings.HasPrefix(l, "const ") ||
			strings.HasPrefix(l, "var ") || strings.HasPrefix(l, "//")
		if i > 0 && declares && lines[i-1] != "" && !strings.HasPrefix(lines[i-1], "//") {
			out = append(out, "")
		}
		out = append(out, l)
	}
	return []byte(strings.Join(out, "\n"))
}

// empty reports whether a rendered file ends with its package clause.
func empty(b []byte) bool {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return strings.HasPrefix(lines[len(lines)-1], "package ")
}

func (g *gen) header() string {
	return "Code generated by sprocketc from " + strings.Map(printable, g.in.Source) + ". DO NOT EDIT."
}

func (g *gen) done() ([]codegen.File, error) {
	if g.err != nil {
		return nil, g.err
	}
	sort.Slice(g.files, func(i, j int) bool { return g.files[i].Name < g.files[j].Name })
	return g.files, nil
}

// doc writes texts as a comment above a declaration.
func doc(f *jen.File, texts ...string) {
	for _, c := range comments(texts...) {
		f.Add(c)
	}
}

const commentWidth = 110

// wrap cuts a line of prose at white space.
func wrap(s string) []string {
	var out []string
	at := ""
	for _, w := range strings.Fields(s) {
		if at != "" && len(at)+1+len(w) > commentWidth {
			out = append(out, at)
			at = ""
		}
		at = strings.TrimSpace(at + " " + w)
	}
	return append(out, at)
}

func comments(texts ...string) []jen.Code {
	var out []jen.Code
	for _, t := range texts {
		for _, line := range strings.Split(strings.TrimRight(t, "\n"), "\n") {
			if t == "" {
				continue
			}
			for _, l := range wrap(line) {
				out = append(out, jen.Comment(strings.TrimRight("// "+l, " ")))
			}
		}
	}
	return out
}

// line is a statement given as text.
func line(format string, args ...any) jen.Code { return jen.Id(fmt.Sprintf(format, args...)) }

// printable keeps a file's name on its line.
func printable(r rune) rune {
	if r < ' ' || r == 0x7f || r == 0x2028 || r == 0x2029 {
		return '_'
	}
	return r
}
