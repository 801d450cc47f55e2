// Package diag holds positions, spans and diagnostics as data, and renders them as text and JSON.
//
// In: findings of any phase, with byte spans. Out: a report for people (source lines with carets) or for programs.
// It imports nothing of this module and it never decides what is an error.
package diag
