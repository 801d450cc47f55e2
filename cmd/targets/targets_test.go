package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"sprocketc/codegen"
)

// What the modem puts into frames it takes out of them, whatever stood on the line before a zero.
func TestFrames(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		datagram := rapid.SliceOfN(rapid.Byte(), 0, 600).Draw(t, "datagram")
		if rapid.Bool().Draw(t, "without zeros") {
			datagram = bytes.ReplaceAll(datagram, []byte{0}, []byte{1})
		}
		f := codegen.Frame(datagram)
		if i := bytes.IndexByte(f, 0); i != len(f)-1 {
			t.Fatalf("%x has a zero at %d", f, i)
		}
		var d deframer
		noise := append(rapid.SliceOfN(rapid.Byte(), 0, 20).Draw(t, "noise"), 0)
		var got [][]byte
		for i, b := range append(noise, f...) {
			if x, whole := d.take(b); whole && i >= len(noise) {
				got = append(got, x)
			}
		}
		if len(got) != 1 || !bytes.Equal(got[0], datagram) {
			t.Fatalf("%x gives %x", datagram, got)
		}
	})
	for datagram, want := range map[string]string{"": "0100", "00": "010100", "1122": "03112200", "1100": "02110100", strings.Repeat("11", 254): "ff" + strings.Repeat("11", 254) + "00"} {
		var b []byte
		if _, err := fmt.Sscanf(datagram, "%x", &b); err != nil && datagram != "" {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", codegen.Frame(b)); got != want {
			t.Errorf("%s is framed as %s, not %s", datagram, got, want)
		}
	}
}

func loaded(t *testing.T, name string) *program {
	t.Helper()
	p, err := load(context.Background(), "../..", name)
	if err != nil || p == nil {
		t.Fatalf("%s: %v", name, err)
	}
	return p
}

// What the judge says of a file of events.
func TestJudge(t *testing.T) {
	for _, c := range []struct {
		program, events string
		kept            []int
		want            string
	}{
		{"burn", "node boot,caller start 0 0 0,node run 0 0,caller end 0 answered true true", nil, ""},
		{"burn", "caller start 0 0 0,node run 0 0,node boot,node run 0 0,caller end 0 answered true true", nil, "1 effects ran twice"},
		{"burn", "caller start 0 0 0,node run 0 0,caller end 0 answered false true", nil, "1 wrong answers"},
		{"burn", "caller start 0 0 0,node run 0 0,caller end 0 answered true true,caller start 1 0 1,caller end 1 answered true true", nil, "1 wrong answers"},
		{"burn", "caller start 0 0 0,node run 0 0,caller end 0 answered true true,caller start 1 0 1,node run 0 1,caller end 1 timed_out - -", nil, "1 said not to have run, or not to run any more, and did"},
		{"burn", "caller start 0 0 0,caller end 0 unknown - -,caller start 1 0 1,node run 0 1,node run 0 0,caller end 1 answered true true", nil, "1 ran after a later call"},
		{"burn", "caller start 0 0 0,node run 0 0,caller end 0 answered true true,caller start 1 0 1", nil, "1 without an end"},
		{"burn", "caller start 0 1,caller end 0 answered 7 7,caller start 1 0 0,node run 0 0,caller end 1 answered true true", nil, ""}, // from the cache
		{"burn", "caller start 0 0 0,caller end 0 timed_out - -", nil, "of 1 calls 0 were answered, and 0 ran"},
		{"asked", "caller start 0 0 0,node run 0 0,caller end 0 restarted - -,caller start 1 0 1,node run 0 1,caller end 1 answered 7 7", nil, ""},
		{"asked", "caller start 0 0 0,caller end 0 restarted - -,node run 0 0,caller start 1 0 1,node run 0 1,caller end 1 answered 7 7", nil, "1 said not to have run, or not to run any more, and did"},
		{"burn", "caller start 0 0 0,node halted", nil, `line 2 of the events: "node halted"`},
		{"burn", "node run 0 0", nil, `line 1 of the events: "node run 0 0"`},
		{"minted", "caller start 0 0 5,node run 0 5,node run 0 5,caller end 0 answered 1 kept", []int{5}, ""},
		{"minted", "caller start 0 0 5,node run 0 5,caller end 0 answered 2 kept", []int{5}, "1 wrong answers"},
		{"minted", "caller start 0 0 5,node run 0 5,caller end 0 answered 1 kept", []int{5, 5}, "1 effects ran twice"},
		{"minted", "caller start 0 0 5,node run 0 5,caller end 0 unknown - -,caller late 5 1,caller start 1 0 6,caller end 1 answered 2 kept", []int{5}, "1 wrong answers"},
	} {
		got := ""
		if v, err := loaded(t, c.program).judge(strings.Split(c.events, ","), c.kept); err != nil {
			got, _, _ = strings.Cut(err.Error(), ", behind")
		} else {
			got = strings.Join(append(v.breaches(), v.idle()), "; ")
			got = strings.TrimSuffix(got, "; ")
		}
		if got != c.want {
			t.Errorf("%s: %q, not %q", c.events, got, c.want)
		}
	}
}

// The text of every caller and the firmware of every callee compile, for the one board whose compiler every machine has.
func TestTextsCompile(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	o := options{root: "../..", programs: []string{"burn", "minted"}, boards: []string{"mps2-an385"}}
	programs, on, err := o.chosen(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := unpack(dir, programs); err != nil {
		t.Fatal(err)
	}
	if _, err := do(ctx, dir, "go", "vet", "./caller"); err != nil {
		t.Error(err)
	}
	for _, p := range programs {
		if _, s, err := on[0].build(ctx, dir, p, 1); err != nil || s.text < 1000 {
			t.Errorf("%s: %+v, %v", p.name, s, err)
		}
	}
}

// Flash as the firmware programs it: an erasure makes ones, a word clears bits only, and power fails at the word that it is told. The board is
// this machine, with an array for the memory.
func TestFlash(t *testing.T) {
	dir := t.TempDir()
	test, err := filepath.Abs("testdata/flash_test.c")
	if err != nil {
		t.Fatal(err)
	}
	board, err := filepath.Abs("board")
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "flash")
	out, err := exec.Command("gcc", "-std=gnu99", "-Wall", "-Wextra", "-Werror", "-I"+board, "-o", program, test).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := exec.Command(program).CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	_ = os.Remove(program)
}
