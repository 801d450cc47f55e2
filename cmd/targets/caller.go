package main

import (
	"embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"sprocketc/codegen"
	"sprocketc/ir"
)

//go:embed _caller/main.go board
var texts embed.FS

// callers is the text that the Go program of all callers has beside _caller/main.go: a function for each program that opens its peer.
func callers(all []*program) (string, error) {
	var b strings.Builder
	b.WriteString("package main\n\nimport (\n\t\"context\"\n\t\"fmt\"\n\n")
	for _, p := range all {
		fmt.Fprintf(&b, "\t%s %q\n", p.alias(), "targets/go/"+codegen.GoPackage(p.name))
	}
	b.WriteString(")\n\nvar peers = map[string]func(settings) (*peer, error){\n")
	for _, p := range all {
		fmt.Fprintf(&b, "\t%q: open%s,\n", p.name, codegen.GoName(p.name))
	}
	b.WriteString("}\n")
	for _, p := range all {
		text, err := p.opens()
		if err != nil {
			return "", err
		}
		b.WriteString("\n" + text)
	}
	return b.String(), nil
}

// alias is the emitted package in the text of all callers, which has names of its own.
func (p *program) alias() string { return "go_" + codegen.GoPackage(p.name) }

// opens prints the function that opens the peer of one program.
func (p *program) opens() (string, error) {
	pkg, own := p.alias(), codegen.GoName(p.name)
	dir := "go/" + codegen.GoPackage(p.name) + "/"
	create := regexp.MustCompile(`(?m)^func (New` + codegen.GoName(p.in.From.Name) + `)\((.*), opts \.\.\.Option\)`).
		FindStringSubmatch(p.text(dir + codegen.CName(p.in.From.Name) + "_driver.go"))
	if create == nil {
		return "", fmt.Errorf("%s: nothing creates its caller", p.name)
	}
	var b, before strings.Builder
	put := func(to *strings.Builder, format string, args ...any) { fmt.Fprintf(to, format+"\n", args...) }
	var with []string
	for _, param := range strings.Split(create[2], ", ") {
		kind := param[strings.LastIndex(param, " ")+1:]
		switch kind {
		case "io.ReadWriteCloser":
			put(&before, "port, err := s.port()\nif err != nil {\nreturn nil, err\n}")
			with = append(with, "port")
		case "net.PacketConn":
			put(&before, "conn, to, err := s.bound()\nif err != nil {\nreturn nil, err\n}")
			with = append(with, "conn", "to")
		case "net.Addr":
		case "Store":
			put(&before, "store, err := %s.OpenFileStore(s.store)\nif err != nil {\nreturn nil, err\n}", pkg)
			with = append(with, "store")
		default: // what takes answers that nobody waits for any more
			with = append(with, "reports"+own+"{}")
			put(&b, "type reports%s struct{}\n", own)
			for _, c := range p.in.Calls {
				if c.Kind == ir.ExactlyOnce {
					put(&b, "func (reports%s) %sAnswered(a0 %s, v %s) { note(\"late %%d %%d\", a0, v) }\n", own, codegen.GoName(c.Name), p.goType(c.Params[0].Type), p.goType(c.Result))
				}
			}
		}
	}
	outcomes := ""
	for name, in := range map[string]string{"ErrTimedOut": "timed_out", "ErrUnknown": "unknown", "ErrPeerRestarted": "restarted", "ErrRefused": "refused"} {
		if regexp.MustCompile(`(?m)^\s+` + name + ` =`).MatchString(p.text(dir + "caller.go")) {
			outcomes += fmt.Sprintf("%q: %s.%s, ", in, pkg, name)
		}
	}
	put(&b, "func open%s(s settings) (*peer, error) {\n%s", own, before.String())
	put(&b, "p, err := %s.%s(%s, %[1]s.WithSpeed(s.speed))\nif err != nil {\nreturn nil, err\n}", pkg, create[1], strings.Join(with, ", "))
	put(&b, "ctx, outcomes := context.Background(), map[string]error{%s}", outcomes)
	lanes, closes := 1, "nil"
	for _, c := range p.in.Calls {
		if c.Pipelined != nil {
			lanes = max(lanes, c.Pipelined.N)
		}
	}
	if p.once() {
		closes = "p.Close" // it waits for what is being reported
	}
	put(&b, "return &peer{lanes: %d, close: %s, call: func(i int) func() {\nswitch i %% %d {", lanes, closes, len(p.in.Calls))
	for k, c := range p.in.Calls {
		put(&b, "%s", p.calls(k, c))
	}
	put(&b, "}\n}}, nil\n}")
	return b.String(), nil
}

// calls prints the case of one call. The first argument tells calls apart.
func (p *program) calls(k int, c *ir.Call) string {
	var b strings.Builder
	label := fmt.Sprintf("case %d:", k)
	if k == len(p.in.Calls)-1 {
		label = "default:"
	}
	fmt.Fprintln(&b, label)
	var args, numbers []string
	for i, f := range c.Params {
		least, n := span(f.Type)
		factor := []int{1, 31, 7}[i%3]
		fmt.Fprintf(&b, "n%d := uint64(i*%d) %% %d + %d\n", i, factor, n, least)
		if f.Type.Kind == ir.Bool {
			fmt.Fprintf(&b, "a%d := n%[1]d == 1\n", i)
		} else {
			fmt.Fprintf(&b, "a%d := %s(n%[1]d)\n", i, p.goType(f.Type))
		}
		args = append(args, fmt.Sprintf("a%d", i))
		numbers = append(numbers, fmt.Sprintf("uint32(n%d)", i))
	}
	fmt.Fprintf(&b, "note(\"start %%d %d%s\", %s)\n", k, strings.Repeat(" %d", len(numbers)), strings.Join(append([]string{"i"}, numbers...), ", "))
	fmt.Fprintf(&b, "w := p.%sAsync(%s)\nreturn func() {\n", codegen.GoName(c.Name), strings.Join(args, ", "))
	switch {
	case c.Result == nil:
		fmt.Fprintf(&b, "_, err := w.Wait(ctx)\nended(i, \"-\", \"-\", err, outcomes)\n}\n")
	case c.Kind == ir.ExactlyOnce:
		fmt.Fprintf(&b, "v, err := w.Wait(ctx)\nended(i, fmt.Sprint(v), \"kept\", err, outcomes)\n}\n")
	default:
		want := fmt.Sprintf("answer(%s)", strings.Join(slices.Insert(numbers, 0, fmt.Sprint(k)), ", "))
		if number(c.Result) {
			want = p.goNumber(c.Result, want)
		} else {
			want = p.goStruct(c.Result, want)
		}
		fmt.Fprintf(&b, "v, err := w.Wait(ctx)\nended(i, fmt.Sprint(v), fmt.Sprint(%s), err, outcomes)\n}\n", want)
	}
	return b.String()
}
