// Package spec is the reference in prose: the language, its diagnostics, the machine language, the schema, the failure
// model with the properties, and the wire. It has no code, only tests, which run the examples of the pages and hold the
// tables against the compiler's own.
package spec
