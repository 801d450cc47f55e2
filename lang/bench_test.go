package lang

import (
	"os"
	"testing"

	"sprocketc/diag"
)

func BenchmarkLoad(b *testing.B) {
	text, err := os.ReadFile("../corpus/examples/soil.sprocket")
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, found := Load(&diag.File{Text: text}); len(found) > 0 {
			b.Fatal(found)
		}
	}
}
