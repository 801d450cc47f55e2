package graph

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sprocketc/diag"
	"sprocketc/fsm"
)

func load(t *testing.T, file string) *fsm.System {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sys, found := fsm.Load(&diag.File{Name: file, Text: text})
	if diag.HasErrors(found) {
		t.Fatal(found)
	}
	return sys
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	name = filepath.Join("testdata", name)
	want, err := os.ReadFile(name)
	if err == nil && string(want) == got {
		return
	}
	if os.Getenv("SPROCKET_UPDATE") == "1" {
		if err := os.WriteFile(name, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Errorf("%s was rewritten", name)
		return
	}
	t.Errorf("%s differs (SPROCKET_UPDATE=1 rewrites it):\n%s", name, cmp.Diff(string(want), got))
}

func TestFormats(t *testing.T) {
	g := Of(load(t, "../../corpus/models/pingpong.fsm"), map[string]string{"pinger": `one "&" <two>`})
	golden(t, "pingpong.svg", g.SVG())
	golden(t, "pingpong.dot", g.DOT())
	golden(t, "pingpong.mmd", g.Mermaid())
}

// Every line of the text is in a box, and every stage that sets something going has its arrow.
func TestNothingIsLeftOut(t *testing.T) {
	sys := load(t, "../../verify/chart/testdata/valve.fsm")
	g := Of(sys, nil)
	shown := map[string]int{}
	for _, m := range g.Machines {
		for _, b := range m.Boxes {
			shown[b.Head]++
			for _, l := range b.Lines {
				shown[strings.TrimSpace(l)]++
			}
		}
	}
	sends, tails, timers, handlers := 0, 0, 0, 0
	for _, m := range sys.Machines {
		m.Stages(func(s *fsm.Stage) {
			switch t := s.Stmt.(type) {
			case *fsm.Send:
				sends++
			case *fsm.Do:
				tails++
			case *fsm.Invoke:
				handlers++
			case *fsm.Start:
				if m.Event(fsm.OnTimer, t.Timer) != nil {
					timers++
				}
			}
		})
		for _, v := range m.Vars {
			if shown["var "+v.Name+": "+v.Type.String()+";"] == 0 && v.While == nil {
				t.Errorf("the variable %s of %s is not there", v.Name, m.Name)
			}
		}
	}
	got := map[Kind]int{}
	for _, a := range g.Arrows {
		got[a.Kind]++
	}
	if want := (map[Kind]int{Message: sends, Tail: tails, Timer: timers, Handler: handlers}); !cmp.Equal(want, got) || sends == 0 || handlers == 0 {
		t.Errorf("arrows %v, stages %v", got, want)
	}
	for d := xml.NewDecoder(strings.NewReader(g.SVG())); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
}
