package compile

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sprocketc/diag"
)

// The size that a plan is held against `ram max` with is that of the context in emitted C, which its compiler checks.
func TestRAMIsThatOfTheContext(t *testing.T) {
	names, err := filepath.Glob("../corpus/accepted/*.sprocket")
	if err != nil || len(names) < 10 {
		t.Fatal(names, err)
	}
	files := []*diag.File{readmeProgram(t)}
	for _, n := range append(names, "../corpus/examples/soil.sprocket", "../codegen/c/testdata/kinds.sprocket") {
		text, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, &diag.File{Name: filepath.Base(n), Text: text})
	}
	macro := regexp.MustCompile(`(?m)^#define \w+_RAM (\d+)$`)
	for _, f := range files {
		r := built(t, f, Options{Unproven: true, Languages: []string{"c"}})
		headers := 0
		for _, e := range r.Files {
			m := macro.FindSubmatch(e.Data)
			if m == nil {
				continue
			}
			whole := ".h" // of what has the context that a program has
			if r.Plan.Interface.Channel.Over == "serial" {
				whole = "_serial.h"
			}
			if !strings.HasSuffix(e.Name, whole) {
				continue
			}
			headers++
			for peer, memory := range r.Plan.Peers {
				if strings.HasSuffix(e.Name, "_"+strings.ToLower(peer)+whole) && string(m[1]) != fmt.Sprint(memory.RAM) {
					t.Errorf("%s: %s takes %s bytes, and the plan says %d", f.Name, e.Name, m[1], memory.RAM)
				}
			}
		}
		if headers != 2 {
			t.Errorf("%s: %d headers, not 2", f.Name, headers)
		}
	}
}

// A budget that the context would exceed by a byte gets another plan, or none.
func TestRAMBudgetIsKept(t *testing.T) {
	f := readmeProgram(t)
	limited := func(n int) *diag.File {
		return &diag.File{Name: f.Name, Text: []byte(strings.Replace(string(f.Text), "stable 32B }", fmt.Sprintf("stable 32B; ram max %dB }", n), 1))}
	}
	n := built(t, f, Options{Unproven: true}).Plan.Peers["fuse"].RAM
	if m := built(t, limited(n), Options{Unproven: true}).Plan.Peers["fuse"]; m.RAM != n {
		t.Errorf("%d of %d bytes are taken", m.RAM, n)
	}
	if m := built(t, limited(n-1), Options{Unproven: true}).Plan.Peers["fuse"]; m.RAM >= n {
		t.Errorf("%d of %d bytes are taken", m.RAM, n-1)
	}
	if r, err := Run(t.Context(), limited(40), Emit, Options{Unproven: true}); err == nil {
		t.Errorf("%d of 40 bytes are enough", r.Plan.Peers["fuse"].RAM)
	}
}
