package conform

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// What is written runs by make alone, and a changed answer stops it.
func TestWrittenFilesRunByMake(t *testing.T) {
	if _, err := exec.LookPath("make"); err != nil {
		t.Fatal("there is no make: make setup")
	}
	p, sys := soil(t, "entropy")
	dir := t.TempDir()
	if err := Write(dir, p, sys); err != nil {
		t.Fatal(err)
	}
	command := exec.Command("make", "-C", dir)
	command.Env = goEnvironment()
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	expected := filepath.Join(dir, "probe", "expected.txt")
	b, err := os.ReadFile(expected)
	if err != nil {
		t.Fatal(err)
	}
	b[len(b)/2] ^= 1
	if err := os.WriteFile(expected, b, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command("make", "-C", dir).Run(); err == nil {
		t.Error("make does not notice a line that differs")
	}
}

func TestFilesAreTheSameEachTime(t *testing.T) {
	p, sys := soil(t, "stable")
	a, err := Files(p, sys)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Files(p, sys)
	if err != nil {
		t.Fatal(err)
	}
	for i := range max(len(a), len(b)) {
		if i >= len(a) || i >= len(b) || a[i].Name != b[i].Name || !bytes.Equal(a[i].Data, b[i].Data) {
			t.Fatalf("file %d differs", i)
		}
	}
}
