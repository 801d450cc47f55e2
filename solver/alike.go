package solver

import (
	"reflect"
	"slices"
	"strings"

	"sprocketc/diag"
)

// alike folds contradictions that say the same of different calls, in the same clauses but for the call's, into the first
// of them in the text: its spans stay a smallest set, and a note names the other calls.
func alike(found []diag.Diagnostic) []diag.Diagnostic {
	var out []diag.Diagnostic
	for len(found) > 0 {
		group := []diag.Diagnostic{found[0]}
		found = slices.DeleteFunc(found[1:], func(d diag.Diagnostic) bool {
			same := sameBut(group[0], d)
			if same {
				group = append(group, d)
			}
			return same
		})
		slices.SortStableFunc(group, func(a, b diag.Diagnostic) int { return place(a) - place(b) })
		first := group[0]
		if len(group) > 1 {
			var others []string
			for _, d := range group[1:] {
				call, _ := subject(d)
				others = append(others, call)
			}
			first.Notes = append(slices.Clone(first.Notes), "the same holds for "+list(others))
		}
		out = append(out, first)
	}
	return out
}

// sameBut reports whether two contradictions differ in their call only.
func sameBut(a, b diag.Diagnostic) bool {
	x, restA := subject(a)
	y, restB := subject(b)
	if x == "" || y == "" || restA != restB || a.Ground != b.Ground || !slices.Equal(a.Notes, b.Notes) || !reflect.DeepEqual(a.Repairs, b.Repairs) {
		return false
	}
	differ := 0
	for _, l := range a.Labels {
		if !slices.Contains(b.Labels, l) {
			differ++
		}
	}
	return len(a.Labels) == len(b.Labels) && differ == 1
}

// subject splits a message into the name that it begins with, in its quotes, and the rest.
func subject(d diag.Diagnostic) (name, rest string) {
	if !strings.HasPrefix(d.Message, "`") {
		return "", d.Message
	}
	end := strings.Index(d.Message[1:], "`") + 2
	if end < 2 {
		return "", d.Message
	}
	return d.Message[:end], d.Message[end:]
}

// place is where the last clause of a contradiction stands.
func place(d diag.Diagnostic) int {
	at := 0
	for _, l := range d.Labels {
		at = max(at, l.Span.Start)
	}
	return at
}

func list(names []string) string {
	if n := len(names) - 1; n > 0 {
		return strings.Join(names[:n], ", ") + " and " + names[n]
	}
	return names[0]
}
