// Package models are the machines of the corpus that are stated by hand, and those of them that come in sizes.
//
// In: nothing. Out: their text.
package models
