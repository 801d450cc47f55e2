package lang

import "strings"

// cycles reports each cycle of structs once, at the field that closes it.
func (c *checker) cycles() {
	const (
		fresh = iota
		open
		done
	)
	state := map[*Struct]int{}
	var path []*Field
	var owners []*Struct
	// Depth is bounded by the number of structs in a file of at most MaxFile bytes, and Go's stack grows.
	var visit func(s *Struct)
	visit = func(s *Struct) {
		state[s] = open
		owners = append(owners, s)
		for _, f := range s.Fields {
			t := f.Type
			for t != nil && t.Elem != nil {
				t = t.Elem
			}
			if t == nil || t.Kind != Named {
				continue
			}
			next := c.types[t.Name]
			if next == nil || next.strct == nil {
				continue
			}
			path = append(path, f)
			switch state[next.strct] {
			case fresh:
				visit(next.strct)
			case open:
				c.cycle(owners, path, next.strct)
			}
			path = path[:len(path)-1]
		}
		owners = owners[:len(owners)-1]
		state[s] = done
	}
	for _, s := range c.file.Structs {
		if state[s] == fresh && c.types[s.Name.Name] != nil && c.types[s.Name.Name].strct == s {
			visit(s)
		}
	}
}

// maxCycle bounds how many fields of a cycle are shown.
const maxCycle = 8

func (c *checker) cycle(owners []*Struct, path []*Field, start *Struct) {
	from := 0
	for owners[from] != start {
		from++
	}
	owners, path = owners[from:], path[from:]
	var names []string
	for _, s := range owners[:min(len(owners), maxCycle)] {
		names = append(names, s.Name.Name)
	}
	if len(owners) > maxCycle {
		names = append(names, "…")
	}
	names = append(names, start.Name.Name)
	d := c.report.Errorf("recursive-struct", path[0].Span, "", "struct `%s` contains itself, so it has no largest size", start.Name.Name)
	for i, f := range path[:min(len(path), maxCycle)] {
		label := "which contains `" + f.typeName() + "`"
		if i == 0 {
			label = "contains `" + f.typeName() + "`"
		}
		if i == 0 {
			d.Labels[0].Text = label
		} else {
			d.And(f.Span, label)
		}
	}
	d.Note("%s", strings.Join(names, " contains "))
}

func (f *Field) typeName() string {
	t := f.Type
	for t.Elem != nil {
		t = t.Elem
	}
	return t.Name
}

// collisions reports names that are different here and the same in an emitted language.
func (c *checker) collisions() {
	types := &collision{c: c}
	for _, s := range c.file.Structs {
		types.add(s.Name, "struct")
	}
	for _, e := range c.file.Enums {
		types.add(e.Name, "enum")
	}
	for _, p := range c.file.Peers {
		types.add(p.Name, "peer")
	}
	interfaces, channels := &collision{c: c}, &collision{c: c}
	for _, ch := range c.file.Channels {
		channels.add(ch.Name, "channel")
	}
	for _, s := range c.file.Structs {
		c.fieldCollisions(s.Fields, "field")
	}
	for _, e := range c.file.Enums {
		members := &collision{c: c}
		for _, m := range e.Members {
			members.add(m, "member")
		}
	}
	for _, i := range c.file.Interfaces {
		interfaces.add(i.Name, "interface")
		calls := &collision{c: c}
		for _, call := range i.Calls {
			calls.add(call.Name, "call")
			c.fieldCollisions(call.Params, "parameter")
		}
	}
}

func (c *checker) fieldCollisions(fields []*Field, what string) {
	names := &collision{c: c}
	for _, f := range fields {
		names.add(f.Name, what)
	}
}

// collision is a scope of an emitted language.
type collision struct {
	c    *checker
	inGo map[string]named
	inC  map[string]named
}

type named struct {
	name Ident
	what string
}

func (s *collision) add(name Ident, what string) {
	if !validName(name.Name) {
		return
	}
	if s.inGo == nil {
		s.inGo, s.inC = map[string]named{}, map[string]named{}
	}
	goName, cName := GoName(name.Name), CName(name.Name)
	first, ok := s.inGo[goName]
	language, emitted := "Go", goName
	if !ok {
		first, ok = s.inC[cName]
		language, emitted = "C", cName
	}
	switch {
	case !ok:
		s.inGo[goName] = named{name, what}
		s.inC[cName] = named{name, what}
	case first.what == what && first.name.Name == name.Name: // a duplicate, reported as such
	case (first.what == "struct" && what == "enum") && first.name.Name == name.Name:
	default:
		s.c.report.Errorf("name-collision", name.Span, "", "%s `%s` would be `%s` in %s", what, name.Name, emitted, language).
			And(first.name.Span, "and so would this "+first.what)
	}
}
