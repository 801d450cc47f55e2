// Package versions compares two versions of a program: what a change means for peers of the old one that stay deployed. The
// wire is compared message by message; what the machines of two plans do with each other is explored, as one system of the
// caller of one version and the callee of the other.
package versions
