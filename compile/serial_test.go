package compile

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"sprocketc/diag"
)

// The peers of a program over a serial line run, Go with Go and Go with C over a terminal, while a hundredth of all bytes is
// lost, added or altered: what testdata/serial asks of them.
func TestSerialPeersRun(t *testing.T) {
	text, err := os.ReadFile("../corpus/accepted/burn.sprocket")
	if err != nil {
		t.Fatal(err)
	}
	r := built(t, &diag.File{Name: "burn.sprocket", Text: text}, Options{Unproven: true, Languages: []string{"c", "go"}})
	dir := t.TempDir()
	put := func(name string, data []byte) {
		t.Helper()
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range r.Files {
		name := f.Name
		if rest, ok := filepath.Rel("go/burn", name); ok == nil && filepath.Ext(name) == ".go" {
			name = "burn/" + rest
		}
		put(name, f.Data)
	}
	put("go.mod", []byte("module emitted\n\ngo 1.26\n"))
	for from, to := range map[string]string{"serial_test.go": "run/serial_test.go", "fuse.c": "c/main.c"} {
		data, err := os.ReadFile(filepath.Join("testdata", "serial", from))
		if err != nil {
			t.Fatal(err)
		}
		put(to, data)
	}
	do := func(in, name string, args ...string) {
		t.Helper()
		cmd := exec.Command(name, args...)
		cmd.Dir = filepath.Join(dir, in)
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", name, args, err, out)
		}
		t.Logf("%s", out)
	}
	do("c", "gcc", "-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Werror",
		"-O1", "-g", "-fsanitize=address,undefined", "-o", "fuse", "main.c", "burn_fuse.c", "burn_fuse_serial.c", "burn_fuse_posix.c")
	do("c", "gcc", "-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-c", "burn_host.c", "burn_host_serial.c", "burn_host_posix.c")
	do(".", "go", "vet", "./...")
	do(".", "go", "test", "-race", "-count=1", "-timeout=180s", "-v", "./run")
}
