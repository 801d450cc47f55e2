package conform

import (
	"path"
	"strings"
	"testing"
)

// What is replayed is what is emitted: the same Go core file but for its package, and all lines of the C core in order.
func TestHarnessHoldsTheEmittedCore(t *testing.T) {
	p, sys := soil(t, "stable")
	for _, in := range inputs(p, sys) {
		for _, language := range Languages {
			sources, err := emit(in, language)
			if err != nil {
				t.Fatal(err)
			}
			files, err := harness(in, language)
			if err != nil {
				t.Fatal(err)
			}
			core, replay := "", ""
			for _, f := range sources {
				if strings.HasSuffix(f.Name, "_core.go") || language == "c" && strings.HasSuffix(f.Name, "_"+in.Peer.Name+".c") {
					core = string(f.Data)
				}
			}
			for _, f := range files {
				if strings.HasSuffix(path.Base(f.Name), "_core.go") || strings.HasSuffix(f.Name, "_replay.c") {
					replay = string(f.Data)
				}
			}
			if core == "" || replay == "" {
				t.Fatalf("%s in %s: no core", in.Peer.Name, language)
			}
			rest := strings.Split(replay, "\n")
			for n, line := range strings.Split(core, "\n") {
				if strings.HasPrefix(line, "package ") || strings.TrimSpace(line) == "" {
					continue
				}
				k := 0
				for k < len(rest) && rest[k] != line {
					k++
				}
				if k == len(rest) {
					t.Fatalf("%s in %s: line %d of the core is not in the harness: %s", in.Peer.Name, language, n+1, line)
				}
				rest = rest[k+1:]
			}
		}
	}
}
