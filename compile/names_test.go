package compile

import (
	"bytes"
	"context"
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

// Names that are one only in emitted code are the program's to mend, not a defect of the compiler.
func TestClashingNamesAreRejected(t *testing.T) {
	const program = `protocol pc
peer gw { emit go, c }
peer node { emit go, c }
channel n { between gw and node }
struct NAME { x u8 }
interface I from gw to node on n { call get() NAME { pure } }
`
	for _, name := range []string{"gw_handler", "gw_status"} {
		f := &diag.File{Name: "pc.sprocket", Text: []byte(strings.ReplaceAll(program, "NAME", name))}
		r, err := Run(context.Background(), f, Emit, Options{Unproven: true})
		if Status(err) != StatusRejected || len(r.Diagnostics) != 1 || r.Diagnostics[0].Code != "name-collision" || len(r.Files) > 0 {
			t.Errorf("%s: %v, %v", name, err, r.Diagnostics)
		}
	}
}

// A peer whose stable memory cannot be read does not know what it has promised: it halts, where blank memory starts.
func TestUnreadableMemoryHalts(t *testing.T) {
	const main = `#include "burn_fuse.h"
static bool readable; static uint32_t writes;
void burn_fuse_port_send(burn_fuse *c, const uint8_t *b, size_t n) { (void)c; (void)b; (void)n; }
bool burn_fuse_port_read(burn_fuse *c, uint32_t o, uint8_t *b, size_t n) { (void)c; (void)o; for (size_t i = 0; i < n; i++) { b[i] = 0xff; } return readable; }
bool burn_fuse_port_write(burn_fuse *c, uint32_t o, const uint8_t *b, size_t n) { (void)c; (void)o; (void)b; (void)n; writes++; return true; }
void burn_fuse_on_burn(burn_fuse *c, uint8_t key) { (void)burn_fuse_return_burn(c, key > 0, 0); }
int main(void) {
    static burn_fuse c;
    burn_fuse_start(&c, 0);
    if (!burn_fuse_halted(&c) || writes != 0) { return 1; }
    readable = true;
    burn_fuse_start(&c, 0);
    return burn_fuse_halted(&c) ? 2 : 0;
}
`
	const program = `protocol burn
peer host { emit go; crashes; stable 64B }
peer fuse { emit c;  crashes; stable 32B }
channel line { between host and fuse; unit max 64B; loses 10%; repeats }
interface Keys from host to fuse on line { call burn(key u8) bool { effect } }
`
	r := built(t, &diag.File{Name: "burn.sprocket", Text: []byte(program)}, Options{Unproven: true, Peer: "fuse"})
	dir := t.TempDir()
	for _, f := range r.Files {
		if err := os.WriteFile(filepath.Join(dir, filepath.Base(f.Name)), f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "main.c"), []byte(main), 0o644); err != nil {
		t.Fatal(err)
	}
	cc := exec.Command("cc", "-std=c99", "-fsanitize=address,undefined", "-o", "x", "main.c", "burn_fuse.c")
	cc.Dir = dir
	if out, err := cc.CombinedOutput(); err != nil {
		t.Fatalf("%s", out)
	}
	if err := exec.Command(filepath.Join(dir, "x")).Run(); err != nil {
		t.Error(err)
	}
}

// Where a call is kept, each kind of datagram has a number of its own, those of windows too.
func TestKeptKindsOfWindows(t *testing.T) {
	text, err := os.ReadFile("../corpus/accepted/moves.sprocket")
	if err != nil {
		t.Fatal(err)
	}
	kept := bytes.Replace(text, []byte("        ordered\n"), []byte("        ordered\n        keep\n"), 1)
	r, err := Run(t.Context(), &diag.File{Name: "moves.sprocket", Text: kept}, Compose, Options{})
	if err != nil {
		t.Fatal(err, r.Diagnostics)
	}
	of := map[int]string{}
	for _, w := range r.Plan.Wire {
		if of[w.Kind] != "" {
			t.Errorf("%s and %s are both of kind %d", of[w.Kind], w.Message, w.Kind)
		}
		of[w.Kind] = w.Message
	}
	if len(of) != 5 {
		t.Errorf("the kinds are %v", of)
	}
}
