package lang

// Code documents a kind of diagnostic. spec/diagnostics.md has an example of each, which a test runs.
type Code struct {
	Name string // words with hyphens; never used again for something else
	Says string // one sentence
}

// Codes are those of this package and of the lowering, in alphabetical order.
var Codes = []Code{
	{"bad-name", "A name has other characters than ASCII letters, digits and single underscores between them, or is too long."},
	{"binary-file", "The file is not UTF-8 text, or holds a zero byte."},
	{"cache-not-pure", "A call that is not `pure` cannot be answered from a cache."},
	{"channel-mismatch", "The channel of an interface does not join the interface's peers."},
	{"conflicting-clauses", "Two clauses contradict each other whatever the plan."},
	{"duplicate-clause", "A clause stands twice where it may stand once."},
	{"duplicate-name", "Two things in one scope have the same name."},
	{"empty-declaration", "A struct has no fields, or an enum no members."},
	{"empty-file", "The file holds no clause."},
	{"file-too-large", "A program has at most 1 MiB."},
	{"misplaced-moment", "An assertion speaks of the start of another call's handler where it does not say that it never comes."},
	{"misplaced-protocol", "The `protocol` clause is not the first."},
	{"missing-block", "A clause that needs a block has none."},
	{"missing-bound", "A text, bytes or list has no largest size."},
	{"missing-clause", "Something cannot do without a clause that is not there."},
	{"missing-protocol", "The program does not begin with `protocol NAME`."},
	{"missing-separator", "Two clauses stand on one line without a `;` between them."},
	{"name-collision", "Two names are different in the program and the same in emitted Go or C."},
	{"no-calls", "An interface has no calls."},
	{"out-of-range", "A number lies outside what its place or its type allows, or a range is empty."},
	{"recursive-struct", "A struct contains itself, so that it has no largest size."},
	{"reserved-name", "A name is a keyword of Go, C or C++ where it is emitted, a name that emitted code has of its own, or a type of the language."},
	{"same-peer", "A channel or an interface has the same peer at both ends."},
	{"too-deep", "Blocks or types are nested deeper than any program needs."},
	{"too-fine", "A time is not a whole number of milliseconds."},
	{"too-large", "A struct, a request or an answer can be larger than 16 MiB, or hold more than 2^24 values."},
	{"unclosed-block", "A block has no closing brace."},
	{"unexpected-token", "A clause cannot be read at this place."},
	{"unknown-name", "A name is used that nothing declares."},
	{"unknown-property", "An assertion names no property, or one that says nothing of its call."},
	{"unknown-word", "A word has no meaning where it stands."},
	{"wrong-direction", "An interface runs against the direction of its one-way channel."},
	{"wrong-type", "A range narrows something that is not an integer."},
	{"wrong-unit", "A number has a unit that does not fit, or none where one is needed."},
}
