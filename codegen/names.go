package codegen

import (
	"strings"
	"unicode"
)

// words cuts a name of the program at underscores and at changes to upper case: "plotID_x" is plot, ID, x.
func words(name string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, string(word))
			word = nil
		}
	}
	runes := []rune(name)
	for i, r := range runes {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			flush()
			continue
		}
		if unicode.IsUpper(r) && i > 0 {
			endsLower := !unicode.IsUpper(runes[i-1])
			startsWord := i+1 < len(runes) && unicode.IsLower(runes[i+1])
			if endsLower || startsWord {
				flush()
			}
		}
		word = append(word, r)
	}
	flush()
	return out
}

func title(word string) string {
	r := []rune(word)
	r[0] = unicode.ToUpper(r[0])
	return string(r)
}

// GoName is a name of the program as an exported Go identifier: "soil_probe" is SoilProbe. Several parts make one name.
func GoName(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		for _, w := range words(part) {
			b.WriteString(title(w))
		}
	}
	s := b.String()
	if s == "" || !unicode.IsUpper([]rune(s)[0]) {
		return "X" + s
	}
	return s
}

// GoLocal is a name as an unexported Go identifier: "last_ce" is lastCe. A word that Go reserves, and a predeclared
// name that emitted code uses, gets an underscore.
func GoLocal(parts ...string) string {
	var b strings.Builder
	for _, part := range parts {
		for _, w := range words(part) {
			if b.Len() == 0 {
				b.WriteString(lowerFirst(w))
			} else {
				b.WriteString(title(w))
			}
		}
	}
	s := b.String()
	if s == "" || unicode.IsDigit([]rune(s)[0]) {
		s = "x" + s
	}
	if goReserved[s] {
		return s + "_"
	}
	return s
}

// lowerFirst turns a word's leading capitals into small letters: "ANS" is ans, "Reading" is reading.
func lowerFirst(word string) string {
	if strings.ToUpper(word) == word {
		return strings.ToLower(word)
	}
	r := []rune(word)
	r[0] = unicode.ToLower(r[0])
	return string(r)
}

// GoPackage is a protocol's name as a Go package name: small letters and digits only.
func GoPackage(name string) string {
	s := strings.ToLower(strings.Join(words(name), ""))
	if s == "" || unicode.IsDigit([]rune(s)[0]) {
		s = "p" + s
	}
	if goReserved[s] {
		return s + "proto"
	}
	return s
}

// CName joins parts to a C identifier of small letters: ("soil", "probe", "onReq") is soil_probe_on_req.
func CName(parts ...string) string {
	var all []string
	for _, part := range parts {
		for _, w := range words(part) {
			all = append(all, strings.ToLower(w))
		}
	}
	s := strings.Join(all, "_")
	if s == "" || unicode.IsDigit([]rune(s)[0]) {
		s = "x" + s
	}
	if cReserved[s] {
		return s + "_"
	}
	return s
}

// CMacro is CName in capitals, for macros and enumeration constants.
func CMacro(parts ...string) string { return strings.ToUpper(CName(parts...)) }

// Sentence closes a comment of the program's where another sentence follows it.
func Sentence(doc string) string {
	doc = strings.TrimRight(doc, " \n")
	if doc == "" || strings.ContainsAny(doc[len(doc)-1:], ".!?:;,") || strings.HasSuffix(doc, "…") {
		return doc
	}
	return doc + "."
}

func set(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}

// goReserved: the keywords of Go, the predeclared names, and the packages that emitted files import.
var goReserved = set(`break case chan const continue default defer else fallthrough for func go goto if import
interface map package range return select struct switch type var
any append bool byte cap clear close comparable complex complex64 complex128 copy delete error false float32 float64
imag int int8 int16 int32 int64 iota len make max min new nil panic print println real recover rune string true
uint uint8 uint16 uint32 uint64 uintptr init main
bytes context crc32 errors fmt io math net os rand slog sync time`)

// cReserved: the keywords of C99 and of what the freestanding headers and POSIX headers make one.
var cReserved = set(`auto break case char const continue default do double else enum extern float for goto if inline
int long register restrict return short signed sizeof static struct switch typedef union unsigned void volatile while
bool true false null offsetof
asm typeof main errno stdin stdout stderr
int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t size_t ptrdiff_t wchar_t
memcpy memset memcmp memmove alignas alignof and or not xor constexpr nullptr static_assert thread_local
new delete class this template namespace private public protected virtual friend operator try catch throw using`)
