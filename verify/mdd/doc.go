// Package mdd keeps sets of sequences as multi-valued decision diagrams.
//
// A node is a sorted list of edges, each with a value and the node below; a path from a node to Unit is a sequence of
// its set. Equal sets are one node (hash-consing), so sets are compared by their numbers and results of operations are
// remembered. A node does not know its level: sequences may have different lengths as long as none is the beginning of
// another, which lets a word be as many levels as it has letters and a mark for its end.
//
// Multi-valued diagrams: Srinivasan, Ham, Malik, Brayton, Algorithms for discrete function manipulation, ICCAD 1990. What is
// built on them is the caller's; this package knows nothing of machines.
//
// Nodes that the caller can no longer reach are given back by Collect (mark and sweep). It runs only when the caller says
// so, and knows the caller's nodes from three places: its arguments, the nodes that are Held, and the edges of Buffers.
// Results of operations are remembered in caches of a bounded size that forget.
package mdd
