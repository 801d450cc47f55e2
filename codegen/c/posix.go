package cgen

import (
	_ "embed"
	"strings"
	"sync"
	"text/template"

	"sprocketc/codegen"
)

// The driver over POSIX UDP is the same for every program but for its names and for what the peer asks of its port.
var (
	//go:embed posix.h.tmpl
	posixH string
	//go:embed posix.c.tmpl
	posixC string

	posixHT = sync.OnceValue(func() *template.Template { return template.Must(template.New("posix.h").Parse(posixH)) })
	posixCT = sync.OnceValue(func() *template.Template { return template.Must(template.New("posix.c").Parse(posixC)) })
)

type posixData struct {
	First, Name, Macro      string
	Caller, Stable, Entropy bool
	Sends                   bool
}

func (g *gen) posix(t *template.Template) string {
	var b strings.Builder
	err := t.Execute(&b, posixData{
		First: g.firstLine(), Name: g.name, Macro: codegen.CMacro(g.name), Caller: g.caller,
		Stable: len(g.m.Records) > 0, Entropy: g.drawsEntropy(), Sends: g.sendsAny(),
	})
	if err != nil {
		g.fail("the posix driver: %s", err)
	}
	return b.String()
}

func (g *gen) posixHeader() string { return g.posix(posixHT()) }
func (g *gen) posixSource() string { return g.posix(posixCT()) }
