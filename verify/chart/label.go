package chart

import (
	"fmt"
	"strings"

	"sprocketc/fsm"
	"sprocketc/verify"
)

// How values, messages and local states are written for people.

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
		return verify.PayloadText(v)
	}
	return fmt.Sprint(v)
}

// messageText is a message's label: its name, its function, its identity as #scope.number, then its other fields that
// are not zero. "REQ water #1.3 ke 2".
func messageText(sys *fsm.System, x verify.Msg) string {
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
		case shown[f.Name] || f.Type.Kind == fsm.Payload && v != verify.Garbage:
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

// called is the name of the function that the program calls; "" where there is only one event of calling.
func called(sys *fsm.System, s verify.Step) string {
	fn := uint32(0)
	if len(s.In) > 0 {
		fn = s.In[0]
	}
	return function(sys, fn)
}

// freeText is an event of the environment's own with its inputs.
func freeText(sys *fsm.System, s verify.Step) string {
	var args []string
	for k, v := range s.In {
		args = append(args, valueText(sys, s.Event.Params[k].Type, v))
	}
	if len(args) == 0 {
		return s.Event.Name
	}
	return applied(s.Event.Name, args)
}

// written is a stable write.
func written(sys *fsm.System, machine int, f fsm.Effect) string {
	m := sys.Machines[machine]
	text := map[bool]string{false: "writes ", true: "commits "}[f.Commit] + m.Records[f.Index].Name
	if f.After != nil {
		c := fsm.Compile(sys, m)
		for _, x := range m.Records[f.Index].Fields {
			text += " " + x.Name + " " + valueText(sys, x.Type, f.After[c.Slot(x.Name)])
		}
	}
	return text
}

// value is a variable, a field of a record, a record or a timer, and what it is.
type value struct{ name, text string }

// values gives the variables, records and timers of a machine, in their order. Arrays are "name[0]"; of a record that is
// not readable the fields are left out; layers are hidden.
func values(sys *fsm.System, machine int, l fsm.State) []value {
	c := fsm.Compile(sys, sys.Machines[machine])
	var out []value
	add := func(name, text string) { out = append(out, value{name, text}) }
	for i, s := range c.Layout {
		if s.Layer || i >= len(l) {
			continue
		}
		switch s.Kind {
		case fsm.SoundSlot:
			add(s.Name, map[bool]string{true: "readable", false: "unreadable"}[l[i] != 0])
		case fsm.RunningSlot:
			add(s.Name, map[bool]string{true: "running", false: "stopped"}[l[i] != 0])
		case fsm.FieldSlot:
			if l[c.Sound(s.Index)] != 0 {
				add(s.Name, valueText(sys, s.Type, l[i]))
			}
		case fsm.VarSlot:
			if s.Type.Len > 0 {
				add(fmt.Sprintf("%s[%d]", s.Name, s.Elem), valueText(sys, s.Type, l[i]))
			} else {
				add(s.Name, valueText(sys, s.Type, l[i]))
			}
		}
	}
	return out
}

// differences are the values of a machine after a step of a run that were others, or not there, before it.
func differences(run *verify.Run, step, machine int) []value {
	before := run.Start
	if step > 0 {
		before = run.Steps[step-1].Next
	}
	old := map[string]string{}
	for _, v := range values(run.Sys, machine, before.L[machine]) {
		old[v.name] = v.text
	}
	var out []value
	for _, v := range values(run.Sys, machine, run.Steps[step].Next.L[machine]) {
		if was, ok := old[v.name]; !ok || was != v.text {
			out = append(out, v)
		}
	}
	return out
}
