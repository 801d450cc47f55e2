// Package graph draws the machines of a system: what each event does, and which event of the other machine, which tail and
// which timer it sets going.
//
// In: an fsm.System. Out: a Graph of boxes and arrows; its text as SVG, for Graphviz (DOT) or as a Mermaid flowchart. The
// boxes hold the very lines that System.String prints, without tags and comments. The same system gives the same bytes.
package graph
