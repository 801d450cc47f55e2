package cgen

import (
	"embed"
	"strings"
	"sync"
	"text/template"

	"sprocketc/codegen"
	"sprocketc/ir"
)

// The drivers are the same for every program but for its names and for what the peer asks of its port: over POSIX UDP, or the framing of a
// serial line and a driver over a POSIX terminal; and one without a system.
//
//go:embed *.tmpl
var driverTexts embed.FS

var drivers = sync.OnceValue(func() *template.Template { return template.Must(template.ParseFS(driverTexts, "*.tmpl")) })

type driverData struct {
	First, Name, Macro      string
	Caller, Stable, Entropy bool
	Sends, Serial           bool
	Received, Frame         int // the largest datagram that is received, and the largest frame that is sent, in bytes
	Size                    string
	Core                    string // the core in the driver
	RAM                     int
}

func (g *gen) driver(name string) codegen.File {
	d := driverData{
		First: g.firstLine(), Name: g.name, Macro: codegen.CMacro(g.name), Caller: g.caller,
		Core: pick(g.serial(), "line.core", "core"), Stable: len(g.m.Records) > 0, Entropy: g.drawsEntropy(), Sends: g.sendsAny(), Serial: g.serial(),
		Received: g.receivedMax(), Size: uintFor(bitsFor(uint64(g.receivedMax() + 1))), RAM: ramBytes(g.lineFields()),
		Frame: (&ir.Channel{Over: "serial"}).Carried(g.frameMax()),
	}
	var b strings.Builder
	if err := drivers().ExecuteTemplate(&b, name+".tmpl", d); err != nil {
		g.fail("the driver: %s", err)
	}
	file := g.name + "_" + strings.TrimPrefix(name, "tty_")
	return codegen.File{Name: file, Data: []byte(b.String())}
}

// drivers are what stands on top of the core.
func (g *gen) drivers() []codegen.File {
	if g.serial() {
		return []codegen.File{g.driver("serial.h"), g.driver("serial.c"), g.driver("tty_posix.h"), g.driver("tty_posix.c")}
	}
	return []codegen.File{g.driver("posix.h"), g.driver("posix.c")}
}

// serial reports whether the datagrams go over a serial line.
func (g *gen) serial() bool { return g.in.Plan.Interface.Channel.Over == "serial" }

func (g *gen) receivedMax() int {
	most := 1
	for _, w := range g.got {
		most = max(most, w.Max)
	}
	return most
}

// lineFields are the members of the context of a peer on a serial line.
func (g *gen) lineFields() []ctxField {
	n := ctypeSize(uintFor(bitsFor(uint64(g.receivedMax() + 1))))
	core := ctxField{size: ramBytes(g.fields()), align: 4}
	return []ctxField{core, {size: 4, align: 4}, {size: n, align: n}, {size: 1, align: 1}, {size: 1, align: 1}, {size: g.receivedMax(), align: 1}}
}
