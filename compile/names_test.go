package compile

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sprocketc/diag"
)

// Names and comments that once made emitted code clash with itself: receivers that are locals too, structs that are named
// like what the emitter makes of a call, a trigraph at the end of a comment.
func TestDifficultNamesCompile(t *testing.T) {
	const program = `protocol lock
peer PEER { emit go, c; crashes; stable 64B }
peer door { emit go, c; crashes; stable 64B }
channel line { between PEER and door; unit max 64B; loses 10% }
// ends ??/
struct open_args { a u8 }
struct datagram { b u16 }
struct open_result { c u32 }
interface I from PEER to door on line {
    call open(pin open_args, x datagram) open_result { effect; log 4 }
}
`
	for _, peer := range []string{"display", "other", "exit"} {
		r := built(t, &diag.File{Name: "lock\n.sprocket", Text: []byte(strings.ReplaceAll(program, "PEER", peer))}, Options{Unproven: true})
		dir := t.TempDir()
		var sources []string
		for _, f := range r.Files {
			name := filepath.Join(dir, filepath.FromSlash(f.Name))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, ".c") {
				sources = append(sources, name)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "go", "go.mod"), []byte("module x\n\ngo 1.24\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		vet := exec.Command("go", "vet", "./...")
		vet.Dir = filepath.Join(dir, "go")
		if out, err := vet.CombinedOutput(); err != nil {
			t.Errorf("%s: %s", peer, out)
		}
		cc := exec.Command("cc", append([]string{"-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-fsyntax-only"}, sources...)...)
		if out, err := cc.CombinedOutput(); err != nil {
			t.Errorf("%s: %s", peer, out)
		}
		if len(sources) != 4 {
			t.Errorf("%s: %d files of C", peer, len(sources))
		}
	}
}
