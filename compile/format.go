package compile

import (
	"bytes"
	"io"

	"github.com/rogpeppe/go-internal/diff"

	"sprocketc/diag"
	"sprocketc/lang"
)

// Format collects the answers of `fmt`.
type Format struct {
	diff, write bool
	list        []*Result
	texts       [][]byte // formatted; nil where the program cannot be read
	old         [][]byte
}

// NewFormat is an answer without programs: formatted texts, differences, or files that are written in place.
func NewFormat(diff, write bool) *Format { return &Format{diff: diff, write: write} }

// Add formats a program. Its diagnostics say why it cannot be read.
func (f *Format) Add(file *diag.File) ([]diag.Diagnostic, error) {
	if f.write && file.Name == Stdin {
		return nil, usagef("the standard input cannot be written in place")
	}
	r := &Result{File: file}
	var text []byte
	err := Guard("fmt", file.Name, func() error {
		text, r.Diagnostics = lang.FormatFile(file)
		return rejected(r)
	})
	if err == nil && f.write {
		_, err = WriteFile(file.Name, text)
	}
	if err != nil {
		text = nil
	}
	f.list, f.texts, f.old = append(f.list, r), append(f.texts, text), append(f.old, file.Text)
	return r.Diagnostics, err
}

// FormatAnswer is the answer of `fmt` for programs.
type FormatAnswer struct {
	Diagnostics
	Files []FormattedFile `json:"files"`
}

// FormattedFile is a program; Text is "" where it cannot be read.
type FormattedFile struct {
	File    string `json:"file"`
	Changed bool   `json:"changed"`
	Text    string `json:"text"`
	Diff    string `json:"diff"`
}

// JSON is the answer for programs.
func (f *Format) JSON() FormatAnswer {
	out := FormatAnswer{gather(f.list), []FormattedFile{}}
	for i, r := range f.list {
		x := FormattedFile{File: r.File.Name, Text: string(f.texts[i])}
		if f.texts[i] != nil {
			x.Changed, x.Diff = !bytes.Equal(f.texts[i], f.old[i]), string(f.difference(i))
		}
		out.Files = append(out.Files, x)
	}
	return out
}

func (f *Format) difference(i int) []byte {
	name := f.list[i].File.Name
	return diff.Diff(name, f.old[i], name+" formatted", f.texts[i])
}

// Print writes the formatted texts, or the differences; nothing of what was written in place.
func (f *Format) Print(w io.Writer) error {
	var b bytes.Buffer
	for i, text := range f.texts {
		switch {
		case text == nil:
		case f.diff:
			b.Write(f.difference(i))
		case !f.write:
			b.Write(text)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}
