package verify

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func shortest(t *testing.T, m *Model, property string) *Run {
	t.Helper()
	r, err := m.ShortestRun(property, Options{})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestChart(t *testing.T) {
	m, err := NewModel(soil(t, 0, []string{"volatile callee epoch"}, nil))
	if err != nil {
		t.Fatal(err)
	}
	run := shortest(t, m, "at_most_once")
	got := Chart{Names: map[string]string{"caller": "gateway", "callee": "probe"}, Handler: "valve"}.Text(run, "at_most_once")
	want := `     program    gateway                           probe     valve
  1  water() ────▶ │                                │
  2                │── REQ water #- ───────────────▶│
  3                │◀─ OLD ─────────────────────────│
                   │■ writes identity ce 1          │
  4                │── REQ water #1.1 ─────────────▶│
  5                │◀─ REJ #1.1 ke 1 ───────────────│
  6                │── REQ water #1.1 ke 1 ────────▶│
                   │                                │──water()─▶ runs
                   │                                │╳ crashes; starts again
  7                │── REQ water #1.1 ke 1 ────────▶│  repeated, sent in step 5
                   │                                │──water()─▶ runs a second time   ◀── at_most_once
`
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestChartInASCII(t *testing.T) {
	run := shortest(t, newModel(t, stopAndWait(t, 2, 1)), "at_most_once")
	want := `   caller                    callee
  1   |* call(true)             |
  2   |* transmit               |
  3   |-- REQ n 0 red --------->|
  4   |<- ANS n 0 red ----------|
  5   |* call(false)            |
  6   |* transmit               |
  7   |-- REQ n 1 ------------->|
      |           x-- ANS n 1 --|  lost
  8   |-- REQ n 0 red --------->|  repeated, sent in step 2   <-- at_most_once
`
	if d := cmp.Diff(want, Chart{ASCII: true}.Text(run, "at_most_once")); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestRunAsList(t *testing.T) {
	run := shortest(t, newModel(t, stopAndWait(t, 1, 0)), "at_most_once")
	var got []string
	for _, s := range run.List(map[string]string{"callee": "server"}) {
		got = append(got, s.Actor+" "+s.Event+" "+s.Message+" "+s.State["server"]["ran"]+" "+s.Breaks)
	}
	want := []string{"caller call(true)  false ", "caller transmit  false ", "server receive REQ n 0 red true ", "server receive again REQ n 0 red true at_most_once"}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

// A run that never ends: what repeats stands behind a bracket, and the way to it above.
func TestChartOfALoop(t *testing.T) {
	run := shortest(t, newModel(t, stopAndWait(t, 2, 1)), "at_most_once")
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
	for _, s := range run.List(nil) {
		marks = append(marks, fmt.Sprint(s.Loop, s.Doomed))
	}
	if d := cmp.Diff([]string{"false false", "false false", "false false", "false true", "false false", "true false", "true false", "true false"}, marks); d != "" {
		t.Error(d)
	}
	run.Loop = len(run.Steps)
	if text := (Chart{ASCII: true}).Text(run, "answered"); !strings.HasSuffix(text, "   \\ and so it stays for ever       <-- answered\n") || strings.Contains(text, "8/") {
		t.Error(text)
	}
}
