// Package sequence draws message sequence charts as lines of text: peers as columns, time going down.
//
// In: rows, each of which shows one thing that is to be seen. Out: lines. It knows nothing of machines, and imports
// nothing: its Source is copied beside tests of emitted code, so that their charts are drawn as those of the checker are.
package sequence

import _ "embed"

// Source is the text of the file that draws.
//
//go:embed draw.go
var Source []byte
