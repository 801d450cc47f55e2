package cgen

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The emitted soil probe, as people read it. SPROCKET_UPDATE=1 refreshes the files; a refresh that changes one still fails.
func TestGoldenSoilProbe(t *testing.T) {
	p, sys := handPlan(t, example(t, "soil.sprocket"), soil())
	_, probe := inputs(p, sys, "soil.sprocket")
	for _, f := range emit(t, probe) {
		path := filepath.Join("testdata", "golden", f.Name+".txt")
		want, err := os.ReadFile(path)
		if err == nil && string(want) == string(f.Data) {
			continue
		}
		if os.Getenv("SPROCKET_UPDATE") == "1" {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		t.Errorf("%s is not what is emitted; SPROCKET_UPDATE=1 refreshes it%s", path, firstDifference(string(want), string(f.Data)))
	}
}

func firstDifference(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return "\nwant " + a[i] + "\n got " + b[i]
		}
	}
	return ""
}
