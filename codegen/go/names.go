package gogen

import (
	"fmt"
	"sync"

	"sprocketc/codegen"
	"sprocketc/fsm"
	"sprocketc/ir"
)

// clashes reports two names of the program that are one in Go, or one that the emitted package needs itself.
func (g *gen) clashes() error {
	p, itf := g.in.Plan.Program, g.in.Plan.Interface
	top := map[string]string{}
	for n := range supportNames() {
		top[n] = "a name of every emitted package"
	}
	var err error
	add := func(scope map[string]string, name, what string) {
		if other, ok := scope[name]; ok && err == nil {
			err = &codegen.NameError{What: fmt.Sprintf("%s is called %s in Go, as is %s", what, name, other)}
		}
		scope[name] = what
	}
	for _, peer := range []*ir.Peer{itf.From, itf.To} {
		name := codegen.GoName(peer.Name)
		for _, n := range []string{name, "New" + name, "Serve" + name, name + "Handler"} {
			add(top, n, "peer "+peer.Name)
		}
		for _, n := range []string{"core", "port", "driver", "longest"} {
			add(top, codegen.GoLocal(peer.Name, n), "peer "+peer.Name)
		}
	}
	for _, s := range p.Structs {
		add(top, codegen.GoName(s.Name), "struct "+s.Name)
		fields := map[string]string{}
		for _, f := range s.Fields {
			add(fields, codegen.GoName(f.Name), "field "+s.Name+"."+f.Name)
		}
	}
	for _, e := range p.Enums {
		add(top, codegen.GoName(e.Name), "enum "+e.Name)
		for _, m := range e.Members {
			add(top, codegen.GoName(e.Name, m), "member "+e.Name+"."+m)
		}
	}
	methods := map[string]string{}
	for _, n := range []string{"Close", "Stats", "Journal", "Serve"} {
		methods[n] = "a method of every peer"
	}
	for _, c := range itf.Calls {
		add(methods, codegen.GoName(c.Name), "call "+c.Name)
		add(methods, codegen.GoName(c.Name, "async"), "call "+c.Name)
		params := map[string]string{}
		for _, q := range c.Params {
			add(params, param(q), "parameter "+q.Name)
		}
	}
	return err
}

// helpers are the names that emitted functions use beside the program's parameters.
var helpers = map[string]bool{"b": true, "r": true, "w": true, "i": true, "j": true, "k": true, "x": true, "why": true,
	"ctx": true, "d": true, "self": true, "err": true, "args": true, "result": true, "handler": true, "function": true, "drop": true,
	"kept": true, "bitWriter": true, "bitReader": true, "await": true}

// param is the Go name of a call's parameter.
func param(f ir.Field) string {
	n := codegen.GoLocal(f.Name)
	if helpers[n] {
		return n + "Value"
	}
	return n
}

// ident is the Go name of a sort or an enumeration of the machines.
func ident(name string) string {
	switch name {
	case "fn":
		return "function"
	case fsm.OutcomeEnum.Name:
		return name
	}
	n := codegen.GoLocal(name)
	if taken()[n] {
		return n + "Value"
	}
	return n
}

var taken = sync.OnceValue(supportNames)

// member is the Go constant of an enumeration's member.
func member(enum, m string) string { return codegen.GoLocal(enum, m) }

func largest(s *fsm.Sort) string { return codegen.GoLocal("max", s.Name) }

// field is a variable or a record's field in the core.
func (g *gen) field(name string) string { return g.recv + "." + codegen.GoLocal(name) }

func timerField(name string) string { return codegen.GoLocal(name) }

func messageType(name string) string { return codegen.GoLocal(name, "message") }
