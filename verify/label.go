package verify

import (
	"fmt"
	"strings"

	"sprocketc/fsm"
)

// How values, messages and local states are written for people.

var colours = map[uint32]string{0: "none", white: "other", marked: "this call's", late: "a later call's", garbage: "garbage"}

// valueText writes a value of a type.
func valueText(sys *fsm.System, t fsm.Type, v uint32) string {
	switch t.Kind {
	case fsm.Bool:
		return fmt.Sprint(v != 0)
	case fsm.EnumKind:
		if e := sys.Enum(t.Name); e != nil && int(v) < len(e.Members) {
			return e.Members[v]
		}
	case fsm.Number, fsm.Token:
		if v == 0 {
			if s := sys.Sort(t.Name); s == nil || s.Wrap == 0 {
				return "none"
			}
		}
	case fsm.Payload:
		if c, ok := colours[v]; ok {
			return c
		}
	}
	return fmt.Sprint(v)
}

// messageText is a message's label: its name, its function, its identity as #scope.number, then its other fields that
// are not zero. "REQ water #1.3 ke 2".
func messageText(sys *fsm.System, x Msg) string {
	m := sys.Messages[x[0]]
	out := []string{m.Name}
	identity := func(v uint8) string {
		if v == 0 {
			return "-"
		}
		return fmt.Sprint(v)
	}
	shown := map[string]bool{}
	for i, f := range m.Fields {
		if f.Type.Kind == fsm.EnumKind && f.Name == "fn" {
			out = append(out, valueText(sys, f.Type, uint32(x[1+i])))
			shown[f.Name] = true
		}
	}
	for i, f := range m.Fields {
		if f.Type.Kind != fsm.Number || f.Type.Scope == "" {
			continue
		}
		id := "#" + identity(x[1+i])
		if at := m.Index(f.Type.Scope); at >= 0 {
			if x[1+at]|x[1+i] != 0 {
				id = "#" + identity(x[1+at]) + "." + identity(x[1+i])
			}
			shown[f.Type.Scope] = true
		}
		out = append(out, id)
		shown[f.Name] = true
	}
	for i, f := range m.Fields {
		v := uint32(x[1+i])
		switch {
		case shown[f.Name] || f.Type.Kind == fsm.Payload && v != garbage:
		case f.Type.Kind == fsm.Bool:
			if v != 0 {
				out = append(out, f.Name)
			}
		case v != 0 || f.Type.Kind == fsm.Range || f.Type.Kind == fsm.EnumKind:
			out = append(out, f.Name+" "+valueText(sys, f.Type, v))
		}
	}
	return strings.Join(out, " ")
}

// applied writes a function or an event with its inputs.
func applied(name string, args []string) string { return name + "(" + strings.Join(args, ", ") + ")" }

// function is the name of a function by its number.
func function(sys *fsm.System, fn uint32) string {
	return valueText(sys, fsm.Type{Kind: fsm.EnumKind, Name: "fn"}, fn)
}

// outcomeText is an outcome in words.
func outcomeText(o uint32) string {
	if int(o) < len(fsm.OutcomeEnum.Members) {
		return strings.ReplaceAll(fsm.OutcomeEnum.Members[o], "_", " ")
	}
	return fmt.Sprint(o)
}

// stateTexts gives the variables, records and timers of a machine by name. Arrays are "name[0]", records are named with
// their field, as the text does; of a record that is not readable the fields are left out.
func stateTexts(sys *fsm.System, machine int, l fsm.State) map[string]string {
	c := fsm.Compile(sys, sys.Machines[machine])
	out := map[string]string{}
	for i, s := range c.Layout {
		if s.Layer || i >= len(l) {
			continue
		}
		name := s.Name
		switch s.Kind {
		case fsm.SoundSlot:
			out[name] = map[bool]string{true: "readable", false: "unreadable"}[l[i] != 0]
		case fsm.RunningSlot:
			out[name] = map[bool]string{true: "running", false: "stopped"}[l[i] != 0]
		case fsm.FieldSlot:
			if l[c.Sound(s.Index)] != 0 {
				out[name] = valueText(sys, s.Type, l[i])
			}
		case fsm.VarSlot:
			if s.Type.Len > 0 {
				name = fmt.Sprintf("%s[%d]", name, s.Elem)
			}
			out[name] = valueText(sys, s.Type, l[i])
		}
	}
	return out
}
