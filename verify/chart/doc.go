// Package chart shows a run to people and to programs: as a message sequence chart in text, SVG or Mermaid, and as a
// list of steps for JSON.
//
// In: a verify.Run, and what its peers are called. Out: text. scene.go says what a chart shows, a row after the other;
// text.go, svg.go and mermaid.go draw the same rows. The same run gives the same bytes; nothing is measured or fetched.
package chart
