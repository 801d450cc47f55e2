package chart

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sprocketc/diag"
	"sprocketc/fsm"
	"sprocketc/verify"
)

// shortest gives a shortest run of a text of machines, with some of its words replaced.
func shortest(t *testing.T, file, property string, replace ...string) *verify.Run {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	sys, found := fsm.Load(&diag.File{Name: file, Text: []byte(strings.NewReplacer(replace...).Replace(string(text)))})
	if diag.HasErrors(found) {
		t.Fatal(found)
	}
	m, err := verify.NewModel(sys)
	if err != nil {
		t.Fatal(err)
	}
	run, err := m.ShortestRun(property, verify.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// second is the run of a callee that counts its starts in volatile memory, and runs a call twice.
func second(t *testing.T) *verify.Run {
	return shortest(t, "testdata/valve.fsm", "at_most_once")
}

// reused is the run of a stop-and-wait protocol whose numbers are too few for the overtaking of its channels.
func reused(t *testing.T) *verify.Run {
	return shortest(t, "../../corpus/models/stop_and_wait.fsm", "at_most_once", "loses repeats;", "loses repeats overtaking 1;")
}

var valve = Chart{Names: map[string]string{"caller": "gateway", "callee": "probe"}, Handler: "valve", Why: "it runs a second time"}

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

func TestEveryFormat(t *testing.T) {
	for name, run := range map[string]*verify.Run{"second": second(t), "reused": reused(t), "loop": looping(t)} {
		property := "at_most_once"
		c := valve
		if name == "loop" {
			property, c.Why = "delivered", ""
		}
		golden(t, name+".txt", c.Text(run, property))
		golden(t, name+".mmd", c.Mermaid(run, property))
		golden(t, name+".svg", c.SVG(run, property))
		b, err := json.MarshalIndent(c.List(run), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".json", string(b)+"\n")
		c.Values = true
		golden(t, name+".values.txt", c.Text(run, property))
	}
}

// looping is a run as one of progress is: its last three steps are to be taken as repeating for ever.
func looping(t *testing.T) *verify.Run {
	run := *second(t)
	run.Loop, run.Doomed = len(run.Steps)-3, 2
	run.Steps = append([]verify.Step{}, run.Steps...)
	run.Steps[len(run.Steps)-1].Bad = ""
	return &run
}

// A run that never ends: what repeats stands behind a bracket, and the way to it above.
func TestChartOfALoop(t *testing.T) {
	run := reused(t)
	run.Loop, run.Doomed, run.Carried = 5, 3, run.Sent[6]
	want := `   caller                    callee
  1   │• call(true)             │
  2   │• transmit               │
  3   │── REQ n 0 red ─────────▶│
  4   │◀─ ANS n 0 red ──────────│   ◀── from here on there is no way back
  5   │• call(false)            │
  6┌  │• transmit               │
  7│  │── REQ n 1 ─────────────▶│
  8│  │── REQ n 0 red ─────────▶│  repeated, sent in step 2
   │  │  ✗── ANS n 0 red agai ──│  lost
   └ repeats for ever               ◀── answered
`
	if d := cmp.Diff(want, Chart{}.Text(run, "answered")); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
	var marks []string
	for _, s := range (Chart{}).List(run) {
		marks = append(marks, fmt.Sprint(s.Loop, s.Doomed))
	}
	if d := cmp.Diff([]string{"false false", "false false", "false false", "false true", "false false", "true false", "true false", "true false"}, marks); d != "" {
		t.Error(d)
	}
	run.Loop = len(run.Steps)
	if text := (Chart{ASCII: true}).Text(run, "answered"); !strings.HasSuffix(text, "   \\ and so it stays for ever       <-- answered\n") || strings.Contains(text, "8/") {
		t.Error(text)
	}
	if svg := (Chart{}).SVG(run, "answered"); !strings.Contains(svg, "and so it stays for ever") || strings.Contains(svg, "rotate") {
		t.Error(svg)
	}
	if m := (Chart{}).Mermaid(run, "answered"); !strings.Contains(m, "and so it stays for ever") || strings.Contains(m, "loop") {
		t.Error(m)
	}
}

// The picture is whole XML, asks for nothing from anywhere, and says what the text says.
func TestSVGIsWhole(t *testing.T) {
	c := valve
	c.Names = map[string]string{"caller": `<gate & "way">`}
	for _, run := range []*verify.Run{second(t), looping(t), reused(t)} {
		svg := c.SVG(run, "at_most_once")
		seen := ""
		for d := xml.NewDecoder(strings.NewReader(svg)); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			if text, ok := token.(xml.CharData); ok {
				seen += string(text)
			}
		}
		for _, word := range []string{"http://", "https://", "url(", "@import", "<script", "<image"} {
			if n := strings.Count(svg, word); n > 0 && (word != "http://" || n > 1) {
				t.Errorf("%q in the picture", word)
			}
		}
		for _, l := range c.List(run) {
			for _, says := range append(l.Does, l.Message) {
				if !strings.Contains(seen, strings.TrimPrefix(strings.TrimPrefix(says, "runs "), "ends ")) {
					t.Errorf("%q is not in the picture", says)
				}
			}
		}
	}
}

func TestASCII(t *testing.T) {
	c := valve
	c.ASCII, c.Values = true, true
	for _, run := range []*verify.Run{second(t), looping(t), reused(t)} {
		for _, r := range c.Text(run, "at_most_once") {
			if r > '~' {
				t.Errorf("%q in\n%s", r, c.Text(run, "at_most_once"))
			}
		}
	}
}

// What each step changed, one after the other on top of the first state, is every state of the run.
func TestChangesMakeTheStates(t *testing.T) {
	for _, run := range []*verify.Run{second(t), reused(t)} {
		now := map[string]map[string]string{}
		for k, l := range run.Start.L {
			now[run.Sys.Machines[k].Name] = map[string]string{}
			for _, v := range values(run.Sys, k, l) {
				now[run.Sys.Machines[k].Name][v.name] = v.text
			}
		}
		moved := 0
		for _, s := range (Chart{}).List(run) {
			for peer, change := range s.Changed {
				for name, v := range change {
					if now[peer][name] == v {
						t.Errorf("step %d: %s of %s is said to change, and does not", s.Step, name, peer)
					}
					now[peer][name] = v
					moved++
				}
			}
			for peer, all := range s.State {
				for name, v := range all {
					if now[peer][name] != v {
						t.Errorf("step %d: %s of %s is %s, and the changes make it %s", s.Step, name, peer, v, now[peer][name])
					}
				}
			}
		}
		if moved == 0 {
			t.Error("nothing changes")
		}
	}
}
