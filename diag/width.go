package diag

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const tabStop = 4

// cell is one code point of a line as it is shown.
type cell struct {
	text   string
	column int // from 0, in terminal columns
}

// layout shows a line: tabs become spaces, what a terminal would interpret becomes U+FFFD. The second result is, for
// each byte offset of the line and for its end, the terminal column.
func layout(line []byte) (cells []cell, columns []int) {
	columns = make([]int, len(line)+1)
	column := 0
	for i := 0; i < len(line); {
		r, n := utf8.DecodeRune(line[i:])
		for k := range n {
			columns[i+k] = column
		}
		text, width := string(r), runeWidth(r)
		switch {
		case r == '\t':
			width = tabStop - column%tabStop
			text = strings.Repeat(" ", width)
		case r == utf8.RuneError, unicode.Is(unicode.Cf, r), unicode.IsControl(r):
			text, width = "\uFFFD", 1
		}
		cells = append(cells, cell{text: text, column: column})
		column += width
		i += n
	}
	columns[len(line)] = column
	return cells, columns
}

// wide lists what terminals draw in two columns, coarsely (Unicode TR 11, classes W and F).
var wide = []struct{ lo, hi rune }{
	{0x1100, 0x115F}, {0x2E80, 0x303E}, {0x3041, 0xA4CF}, {0xAC00, 0xD7A3}, {0xF900, 0xFAFF}, {0xFE30, 0xFE6F},
	{0xFF00, 0xFF60}, {0xFFE0, 0xFFE6}, {0x1F300, 0x1F64F}, {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD},
}

func runeWidth(r rune) int {
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	for _, w := range wide {
		if w.lo <= r && r <= w.hi {
			return 2
		}
	}
	return 1
}
