package models

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed selective_repeat.fsm
var selectiveRepeat string

// SelectiveRepeat is the model of that name with a window of w, channels of capacity c and e epochs, each at least 1.
// The text of the corpus is that for 2, 2 and 2. It panics where that text lacks what is to be replaced.
func SelectiveRepeat(w, c, e int) string {
	shift, clear, more, last := "", "", "", "window[0] = 0;"
	for i := range w {
		if i > 0 {
			shift += fmt.Sprintf("window[%d] = window[%d];\n", i-1, i)
		}
		clear += fmt.Sprintf("window[%d] = 0;\n", i)
		more += fmt.Sprintf("when by > %d { do shift(); }\n", i)
		last = fmt.Sprintf("window[%d] = 0;\n", i)
	}
	text := selectiveRepeat
	for _, r := range [][2]string{
		{"        window[0] = window[1];\n        window[1] = 0;\n", shift + last},
		{"        window[0] = 0;\n        window[1] = 0;\n", clear},
		{"            window[0] = 0;\n            window[1] = 0;\n", clear},
		{"        when by > 0 {\n            do shift();\n        }\n        when by > 1 {\n            do shift();\n        }\n", more},
		{"        do deliver();\n        do deliver();\n", strings.Repeat("do deliver();\n", w)},
		{"capacity 2", fmt.Sprint("capacity ", c)},
		{"epoch: 0..1", fmt.Sprint("epoch: 0..", e-1)},
		{"epoch < 1", fmt.Sprint("epoch < ", e-1)},
		{"i: 0..1", fmt.Sprint("i: 0..", w-1)},
		{"0..3[2]", fmt.Sprintf("0..3[%d]", w)},
		{"0..2[2]", fmt.Sprintf("0..2[%d]", w)},
		{"count: 0..2", fmt.Sprint("count: 0..", w)},
		{"count < 2", fmt.Sprint("count < ", w)},
		{"at < 2", fmt.Sprint("at < ", w)},
		{"seq: 0..3", fmt.Sprint("seq: 0..", 2*w-1)},
		{"base: 0..3", fmt.Sprint("base: 0..", 2*w-1)},
		{"next: 0..3", fmt.Sprint("next: 0..", 2*w-1)},
		{"at: 0..3", fmt.Sprint("at: 0..", 2*w-1)},
		{"by: 0..3", fmt.Sprint("by: 0..", 2*w-1)},
		{"% 4", fmt.Sprint("% ", 2*w)},
		{"+ 4 -", fmt.Sprintf("+ %d -", 2*w)},
	} {
		if !strings.Contains(text, r[0]) {
			panic(fmt.Sprintf("the model has no %q", r[0]))
		}
		text = strings.ReplaceAll(text, r[0], r[1])
	}
	return text
}
