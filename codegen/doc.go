// Package codegen holds what the two emitters share: their request, their answer, and the naming rules.
//
// In: a plan and the composed system that was checked. Out: files as bytes. It never writes to disk, and it holds no
// protocol logic: everything that emitted code does in protocol terms is a stage of the machine.
package codegen
