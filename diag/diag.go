package diag

// File is a source text with its name.
type File struct {
	Name string
	Text []byte
}

// Span is a half-open range of bytes [Start, End) of a file. The zero Span points nowhere.
type Span struct {
	File       *File
	Start, End int
}

// Severity of a diagnostic.
type Severity int

const (
	Error Severity = iota
	Warning
)

// Label is a span with what is to be said about it; the first label of a diagnostic is the primary one.
type Label struct {
	Span Span
	Text string
}

// Edit replaces a span by a text.
type Edit struct {
	Span Span
	Text string
}

// Repair is a change of the program that is known to mend it.
type Repair struct {
	Message string
	Edits   []Edit
}

// Diagnostic is one finding.
type Diagnostic struct {
	Code     string // words with hyphens: "unknown-name"
	Severity Severity
	Message  string // lower case, no full stop
	Labels   []Label
	Notes    []string // rendered as "= …"
	Repairs  []Repair
	Ground   string // of code "unsatisfiable": "impossible" or "no plan"
}
