package fsm

import (
	"fmt"
	"strings"
)

func fieldValues(fs []FieldValue) string {
	var out []string
	for _, f := range fs {
		out = append(out, f.Name+": "+Text(f.Value))
	}
	if len(out) == 0 {
		return "{}"
	}
	return "{ " + strings.Join(out, ", ") + " }"
}

// Verb is the word of the text form.
func (x *Persist) Verb() string {
	if x.Commit {
		return "commit"
	}
	return "persist"
}

// StmtText prints a simple action (not a When) without its semicolon.
func StmtText(s Stmt) string {
	switch x := s.(type) {
	case *Assign:
		return Text(x.Target) + " = " + Text(x.Value)
	case *Send:
		return "send " + x.Message + " " + fieldValues(x.Fields)
	case *Persist:
		return x.Verb() + " " + x.Record + " " + fieldValues(x.Fields)
	case *Start:
		how, per := "start", ""
		if x.Again {
			how = "again"
		}
		if x.Per != nil {
			per = " for " + Text(x.Per)
		}
		return how + " " + x.Timer + per
	case *Cancel:
		return "cancel " + x.Timer
	case *Invoke:
		return fmt.Sprintf("invoke %s(%s)", Text(x.Fn), Text(x.Args))
	case *Complete:
		of := ""
		if x.Args != nil {
			of = " of " + Text(x.Args)
		}
		return fmt.Sprintf("complete %s %s(%s)%s", Text(x.Outcome), Text(x.Fn), Text(x.Answer), of)
	case *Report:
		return fmt.Sprintf("report %s %s(%s) of %s", Text(x.Outcome), Text(x.Fn), Text(x.Answer), Text(x.Args))
	case *Do:
		var as []string
		for _, a := range x.Args {
			as = append(as, Text(a))
		}
		return fmt.Sprintf("do %s(%s)", x.Tail, strings.Join(as, ", "))
	case *End:
		return "end"
	case *Note:
		if x.Fn == nil {
			return "note " + x.What
		}
		return fmt.Sprintf("note %s(%s)", x.What, Text(x.Fn))
	case *Breach:
		return "breach " + x.Name
	case *Ask:
		return "ask " + x.Memo
	case *Remember:
		return fmt.Sprintf("remember %s %s(%s) = %s", x.Memo, Text(x.Fn), Text(x.Args), Text(x.Answer))
	case *Forget:
		return "forget " + x.Memo
	case *Place:
		return fmt.Sprintf("stage %s = %s of %s", Text(x.Piece), Text(x.Data), Text(x.Of))
	}
	return fmt.Sprintf("<%T>", s)
}

var level = map[string]int{"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "+": 4, "-": 4, "*": 5, "%": 5}

// Text prints an expression with the parentheses it needs.
func Text(e Expr) string { return text(e, 0) }

func text(e Expr, outer int) string {
	switch x := e.(type) {
	case *Literal:
		if x.IsBool {
			return fmt.Sprint(x.Value != 0)
		}
		return fmt.Sprint(x.Value)
	case *None:
		return "none"
	case *Name:
		return x.Name
	case *Select:
		return x.Base + "." + x.Field
	case *Index:
		return x.Name + "[" + Text(x.At) + "]"
	case *Not:
		return "!" + text(x.X, 6)
	case *In:
		t := text(x.X, 4) + " in " + x.Set
		if outer > 3 {
			return "(" + t + ")"
		}
		return t
	case *Call:
		var as []string
		for _, a := range x.Args {
			as = append(as, Text(a))
		}
		return x.Fn + "(" + strings.Join(as, ", ") + ")"
	case *Binary:
		l := level[x.Op]
		left := l
		if l == 3 { // comparisons do not chain
			left = l + 1
		}
		t := text(x.X, left) + " " + x.Op + " " + text(x.Y, l+1)
		if l < outer {
			return "(" + t + ")"
		}
		return t
	}
	return fmt.Sprintf("<%T>", e)
}
