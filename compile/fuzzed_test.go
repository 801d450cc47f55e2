package compile

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sprocketc/diag"
)

const fuzzedProgram = `protocol small

peer hub  { emit c; crashes; stable 64B }
peer node { emit c }

channel wire { between hub and node; over udp; loses 10%; repeats }

interface Small from hub to node on wire {
    call add(a u8, b text max 6) u16 { idempotent; log 4 }
}
`

// The fuzz target of a peer finds faults that are planted in its code, and nothing in the code as it is. Both faults show while the
// inputs are read that it begins with.
func TestFuzzTargetFindsPlantedFaults(t *testing.T) {
	if _, err := exec.LookPath("clang"); err != nil {
		t.Fatal("clang is not installed: make setup")
	}
	r := built(t, &diag.File{Name: "small.sprocket", Text: []byte(fuzzedProgram)}, Options{Unproven: true})
	peers := InC(r)
	if len(peers) != 2 {
		t.Fatalf("%d peers in C", len(peers))
	}
	for _, x := range []struct {
		name, of, to string
		peer, runs   int
	}{
		{"nothing", "", "", 0, 2000},
		{"an off-by-one in the journal", "c->notes_next < 4u ?", "c->notes_next <= 4u ?", 0, 50000},
		{"a reader that goes on behind a datagram", "if (i >= r->size) {", "if (i > r->size) {", 1, 50000},
	} {
		t.Run(x.name, func(t *testing.T) {
			f, err := FuzzC(peers[x.peer])
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			planted := 0
			for _, file := range f.Files {
				text := string(file.Data)
				if file.Name == f.Name+".c" && x.of != "" {
					planted += strings.Count(text, x.of)
					text = strings.ReplaceAll(text, x.of, x.to)
				}
				if err := os.WriteFile(filepath.Join(dir, file.Name), []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if x.of != "" && planted != 1 {
				t.Fatalf("the core has %q %d times", x.of, planted)
			}
			if err := os.Mkdir(filepath.Join(dir, "seeds"), 0o755); err != nil {
				t.Fatal(err)
			}
			for i, s := range f.Seeds {
				if err := os.WriteFile(filepath.Join(dir, "seeds", fmt.Sprint(i)), s, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			how := regexp.MustCompile(`(?m)^// *(clang .*)$`).FindSubmatch(f.Files[len(f.Files)-1].Data)
			if how == nil {
				t.Fatal("the target does not say how it is compiled")
			}
			compile := exec.Command("sh", "-c", string(how[1]))
			compile.Dir = dir
			if out, err := compile.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			run := exec.Command("./"+f.Name+"_fuzz", "-seed=1", fmt.Sprintf("-runs=%d", x.runs), "seeds")
			run.Dir = dir
			out, err := run.CombinedOutput()
			if (err != nil) != (x.of != "") {
				t.Errorf("%v\n%s", err, out)
			}
			if x.of != "" && !strings.Contains(string(out), "ERROR: AddressSanitizer") && !strings.Contains(string(out), "runtime error:") {
				t.Errorf("no sanitizer speaks:\n%s", out)
			}
			if err != nil {
				t.Logf("%s", regexp.MustCompile(`(?m)^#\d+.*$|^.*(ERROR:|runtime error:).*$`).FindAllString(string(out), -1))
			}
		})
	}
}
