package compile

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/lang"
)

// Trees and programs as plain values, for a dump: every field that says something, in the order of the declaration.

// entry is a named value of an ordered object.
type entry struct {
	name  string
	value any // string, number, bool, object or []any
}

type object []entry

var (
	spanType     = reflect.TypeFor[diag.Span]()
	clauseType   = reflect.TypeFor[ir.Clause]()
	durationType = reflect.TypeFor[time.Duration]()
	bytesType    = reflect.TypeFor[[]byte]()
	fileType     = reflect.TypeFor[*diag.File]()
	identType    = reflect.TypeFor[lang.Ident]()
	programType  = reflect.TypeFor[ir.Program]()
	stringer     = reflect.TypeFor[fmt.Stringer]()
	// declared elsewhere in the program: where another value refers to them, their names stand for them
	referred = []reflect.Type{reflect.TypeFor[*ir.Peer](), reflect.TypeFor[*ir.Channel](), reflect.TypeFor[*ir.Struct](), reflect.TypeFor[*ir.Enum]()}
)

var typeKinds = []string{"bool", "uint", "int", "float", "text", "bytes", "array", "list", "option"}

// kinds are the names of enumerations that have no method for them, by value.
var kinds = map[reflect.Type][]string{
	reflect.TypeFor[lang.TypeKind](): append(typeKinds[:len(typeKinds):len(typeKinds)], "named"),
	reflect.TypeFor[ir.TypeKind]():   append(typeKinds[:len(typeKinds):len(typeKinds)], "struct", "enum"),
	reflect.TypeFor[lang.CallKind](): {"effect", "idempotent", "pure"},
}

// dumper turns values into objects.
type dumper struct{ lines *diag.Lines }

// value is a plain value for v; nil where it says nothing. listed is set for the elements of a list.
func (d *dumper) value(v reflect.Value, listed bool) any {
	if !v.IsValid() {
		return nil
	}
	switch v.Type() {
	case spanType:
		return d.span(v.Interface().(diag.Span))
	case clauseType:
		c := v.Interface().(ir.Clause)
		if c.Text == "" {
			return nil
		}
		return fmt.Sprintf("line %d: %s", c.Line, c.Text)
	case durationType:
		if v.Int() == 0 {
			return nil
		}
		return time.Duration(v.Int()).String()
	case bytesType, fileType:
		return nil
	case identType:
		i := v.Interface().(lang.Ident)
		if i.Name == "" {
			return nil
		}
		return fmt.Sprintf("%s at %v", i.Name, d.span(i.Span))
	}
	if names, ok := kinds[v.Type()]; ok && int(v.Int()) < len(names) {
		return names[v.Int()]
	}
	if v.Kind() == reflect.Int && v.Type().Implements(stringer) {
		return v.Interface().(fmt.Stringer).String()
	}
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		for _, t := range referred {
			if !listed && v.Type() == t {
				return v.Elem().FieldByName("Name").String()
			}
		}
		x := d.value(v.Elem(), false)
		if x == nil {
			return object{} // it is there, and that is what it says
		}
		return x
	case reflect.Struct:
		return d.object(v)
	case reflect.Slice:
		var out []any
		for i := range v.Len() {
			x := d.value(v.Index(i), true)
			if x == nil {
				x = object{}
			}
			out = append(out, x)
		}
		if out == nil {
			return nil
		}
		return out
	case reflect.String:
		if v.Len() == 0 {
			return nil
		}
		return v.String()
	case reflect.Bool:
		if !v.Bool() {
			return nil
		}
		return true
	case reflect.Int, reflect.Int64:
		if v.Int() == 0 && !listed {
			return nil
		}
		return v.Int()
	case reflect.Float64:
		if v.Float() == 0 {
			return nil
		}
		return v.Float()
	}
	return nil
}

func (d *dumper) object(v reflect.Value) any {
	var out object
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if !f.IsExported() || v.Type() == programType && f.Name == "File" { // depends on where the command was called
			continue
		}
		if f.Anonymous {
			if o, ok := d.value(v.Field(i), false).(object); ok {
				out = append(out, o...)
			}
			continue
		}
		bound := f.Name == "Lo" && v.FieldByName("Hi").IsValid() && !v.FieldByName("Hi").IsZero()
		if x := d.value(v.Field(i), bound); x != nil {
			out = append(out, entry{snake(f.Name), x})
		}
	}
	if out == nil {
		return nil
	}
	return out
}

// span as "line:column-line:column".
func (d *dumper) span(s diag.Span) any {
	if s.File == nil {
		return nil
	}
	a, b := d.lines.Position(s.Start), d.lines.Position(s.End)
	return fmt.Sprintf("%d:%d-%d:%d", a.Line, a.Column, b.Line, b.Column)
}

// snake is a Go field's name in the style of JSON: "KindAt" is "kind_at", "RAM" is "ram".
func snake(s string) string {
	var b strings.Builder
	for i, c := range s {
		upper := c >= 'A' && c <= 'Z'
		if upper && i > 0 && (s[i-1] < 'A' || s[i-1] > 'Z') {
			b.WriteByte('_')
		}
		b.WriteString(strings.ToLower(string(c)))
	}
	return b.String()
}

// text of a value, indented.
func printValue(b *strings.Builder, v any, indent string) {
	switch x := v.(type) {
	case object:
		for _, e := range x {
			printEntry(b, e, indent, indent)
		}
	case []any:
		for _, item := range x {
			o, ok := item.(object)
			if !ok || len(o) == 0 {
				fmt.Fprintf(b, "%s- %s\n", indent, scalar(item))
				continue
			}
			printEntry(b, o[0], indent+"- ", indent+"  ")
			printValue(b, o[1:], indent+"  ")
		}
	}
}

func printEntry(b *strings.Builder, e entry, first, indent string) {
	switch x := e.value.(type) {
	case object:
		if len(x) > 0 {
			fmt.Fprintf(b, "%s%s:\n", first, e.name)
			printValue(b, x, indent+"  ")
			return
		}
	case []any:
		fmt.Fprintf(b, "%s%s:\n", first, e.name)
		printValue(b, x, indent+"  ")
		return
	}
	fmt.Fprintf(b, "%s%s: %s\n", first, e.name, scalar(e.value))
}

func scalar(v any) string {
	switch x := v.(type) {
	case object:
		return "yes"
	case bool:
		return "yes"
	case string:
		return strings.ReplaceAll(x, "\n", " / ")
	}
	return fmt.Sprint(v)
}

// plain is a value for encoding/json, which sorts the keys of objects.
func plain(v any) any {
	switch x := v.(type) {
	case object:
		out := map[string]any{}
		for _, e := range x {
			out[e.name] = plain(e.value)
		}
		return out
	case []any:
		out := []any{}
		for _, item := range x {
			out = append(out, plain(item))
		}
		return out
	}
	return v
}
