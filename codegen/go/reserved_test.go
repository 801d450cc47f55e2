package gogen

import (
	"slices"
	"testing"

	"sprocketc/lang"
)

// The language refuses, at their place, the names that would clash with those of the emitted support files.
func TestLanguageReservesSupport(t *testing.T) {
	for n := range supportNames() {
		if n[0] >= 'A' && n[0] <= 'Z' && !slices.Contains(lang.GoTypes(), n) {
			t.Errorf("%s is not reserved", n)
		}
	}
	for _, n := range lang.GoTypes() {
		if !supportNames()[n] {
			t.Errorf("%s is reserved for nothing", n)
		}
	}
}
