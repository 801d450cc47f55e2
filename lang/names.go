package lang

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// GoName is a name as an exported Go identifier: words split at underscores and joined in camel case.
// "watt_hours" and "wattHours" both give "WattHours". The name must be ASCII, as Check demands.
func GoName(name string) string {
	var b strings.Builder
	up := true
	for _, r := range name {
		switch {
		case r == '_':
			up = true
			continue
		case up:
			r = unicode.ToUpper(r)
		}
		up = false
		b.WriteRune(r)
	}
	return b.String()
}

// GoLocal is a name as an unexported Go identifier: "watt_hours" gives "wattHours".
func GoLocal(name string) string {
	s := GoName(name)
	if s == "" {
		return s
	}
	n := 0 // the leading run of capitals is lowered, its last one only where no small letter follows
	for n < len(s) && s[n] >= 'A' && s[n] <= 'Z' {
		n++
	}
	if n > 1 && n < len(s) {
		n--
	}
	return strings.ToLower(s[:n]) + s[n:]
}

// CName is a name in lower snake case: "wattHours", "WattHours" and "watt_hours" all give "watt_hours".
func CName(name string) string {
	var b strings.Builder
	runes := []rune(name)
	for i, r := range runes {
		if unicode.IsUpper(r) && i > 0 && runes[i-1] != '_' {
			afterSmall := !unicode.IsUpper(runes[i-1])
			beforeSmall := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if afterSmall || beforeSmall {
				b.WriteByte('_')
			}
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// goReserved are the keywords of Go.
var goReserved = set(`break case chan const continue default defer else fallthrough for func go goto if import interface
map package range return select struct switch type var`)

// goTypes are the exported names that every emitted Go package may have of its own, and goMethods those of every peer.
// A test of the Go emitter holds the first against what it emits.
var (
	goTypes = set(`CallError ErrBadArgument ErrClosed ErrHalted ErrPeerRestarted ErrRefused ErrTimedOut ErrUnknown FileStore Note
FileTx FileTxStore OpenFileStore OpenFileTxStore Option Pending Stats Store Tx TxStore WithLogger WithSpeed`)
	goMethods = set(`Close Stats Journal Serve`)
)

// GoTypes lists the exported names that a program's types and peers may not have in Go, sorted.
func GoTypes() []string { return slices.Sorted(maps.Keys(goTypes)) }

// cReserved are the keywords of C99 to C23 and C++, and what the headers that emitted code includes define as macros.
var cReserved = set(`auto break case char const continue default do double else enum extern float for goto if inline int
long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
alignas alignof bool constexpr false nullptr static_assert thread_local true typeof typeof_unqual
asm catch class const_cast delete dynamic_cast explicit export friend mutable namespace new noexcept operator private
protected public reinterpret_cast static_cast template this throw try typeid typename using virtual wchar_t
offsetof unix linux`)

func set(s string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(s) {
		m[w] = true
	}
	return m
}

// validName: ASCII letters, digits and single underscores between them, a letter first, at most maxName bytes.
func validName(s string) bool {
	if s == "" || len(s) > maxName || strings.Contains(s, "__") || strings.HasSuffix(s, "_") {
		return false
	}
	for i, r := range s {
		letter := 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r != '_' && (r < '0' || r > '9')) {
			return false
		}
	}
	return true
}

const maxName = 64
