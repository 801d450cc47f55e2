// Package schema is the protocol schema: machine sources that a person reads (call.fsm), in which every stage, variable
// and field is tagged with the feature that brings it, and one declaration for each feature.
//
// In: a plan. Out: the composed system of two machines that is checked and emitted. It never chooses: which features a
// plan has is the solver's business.
package schema
