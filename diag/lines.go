package diag

import (
	"bytes"
	"sort"
	"unicode/utf8"
)

// Position is a place as people count it: line and column from 1, the column in Unicode code points.
type Position struct {
	Line, Column int
}

// Lines finds lines and columns in a file. It is made when something is printed, never before.
type Lines struct {
	file   *File
	starts []int // byte offset of the first byte of each line
}

// NewLines indexes a file; a nil file counts as empty.
func NewLines(f *File) *Lines {
	if f == nil {
		f = &File{}
	}
	l := &Lines{file: f, starts: []int{0}}
	for i, c := range f.Text {
		if c == '\n' {
			l.starts = append(l.starts, i+1)
		}
	}
	return l
}

// Line is the line, from 1, of a byte offset; offsets outside the file count as its nearest end.
func (l *Lines) Line(offset int) int {
	offset = l.clamp(offset)
	return sort.Search(len(l.starts), func(i int) bool { return l.starts[i] > offset })
}

// Position is the line and column of a byte offset.
func (l *Lines) Position(offset int) Position {
	offset = l.clamp(offset)
	line := l.Line(offset)
	return Position{Line: line, Column: 1 + utf8.RuneCount(l.file.Text[l.starts[line-1]:offset])}
}

// Text is a line without its end; line counts from 1.
func (l *Lines) Text(line int) []byte {
	if line < 1 || line > len(l.starts) {
		return nil
	}
	end := len(l.file.Text)
	if line < len(l.starts) {
		end = l.starts[line] - 1
	}
	return bytes.TrimSuffix(l.file.Text[l.starts[line-1]:end], []byte("\r"))
}

func (l *Lines) clamp(offset int) int { return max(0, min(offset, len(l.file.Text))) }

// Count is the number of lines; an empty file has one.
func (l *Lines) Count() int { return len(l.starts) }
