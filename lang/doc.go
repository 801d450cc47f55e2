// Package lang turns the text of a program into a checked tree, and formats programs.
//
// In: a diag.File. Out: a File of clauses with exact byte spans, and every error of the text in one run.
//
// The text goes through four steps: a stateful lexer; a splitter that finds the clauses, their blocks and their
// comments, and where the next clause begins after an error; a participle grammar that reads the head of one clause
// at a time and accepts somewhat more than the language; and a conversion to the tree that rejects the rest with
// precise spans. Check then looks across clauses: names, types, directions, what contradicts what.
//
// Lexical form: clauses end at a newline or `;`, blocks stand in braces on the line of their clause, `//` begins a
// comment. Within parentheses a newline may follow `(` and `,` and precede `)`. Words are contextual: every word may
// also be a name. A number carries its unit: `64B`, `1KiB`, `30s`, `20%`, `5/s`; `a..b` is a range and never a float.
//
// spec/language.md documents every word, spec/diagnostics.md every code.
//
// It chooses nothing, it reads no files, and it never panics on any input.
package lang
