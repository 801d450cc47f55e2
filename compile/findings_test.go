package compile

import (
	"bytes"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"

	"sprocketc/diag"
)

// verifiedFindings of a text, and the exit status of its verification.
func verifiedFindings(t *testing.T, name, text string) ([]Finding, int) {
	t.Helper()
	r, err := Run(t.Context(), &diag.File{Name: name, Text: []byte(text)}, Verify, Options{})
	if r == nil || r.Report == nil {
		return Rejected(r.Name(), r.Diagnostics), Status(err)
	}
	return Verified(r), Status(err)
}

func fromCorpus(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../corpus", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// What is written is SARIF and JUnit as those who read them want it, and says failure exactly where the exit status does.
func TestFindings(t *testing.T) {
	for _, c := range []struct {
		name, text string
		status     int
		failed     []string
	}{
		{"tank.sprocket", fromCorpus(t, "accepted/recorded.sprocket"), StatusHolds, nil},
		{"a b/hasty.sprocket", fromCorpus(t, "broken/hasty.sprocket"), StatusViolated, []string{"no_stale", "at_most_once"}},
		{"/abs/sent_once.fsm", fromCorpus(t, "models/sent_once.fsm"), StatusViolated, []string{"delivered"}},
		{"wrong.sprocket", "protocol wrong\npeer a { emit go; ünit }\n", StatusRejected, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			list, status := verifiedFindings(t, c.name, c.text)
			if status != c.status {
				t.Fatalf("exit status %d", status)
			}
			f := Findings{Command: "verify", List: list}
			var log bytes.Buffer
			if err := f.WriteSARIF(&log); err != nil {
				t.Fatal(err)
			}
			report, err := sarif.FromBytes(log.Bytes())
			if err != nil {
				t.Fatal(err)
			}
			run := report.Runs[0] // what may be left out the library fills with what its own schema refuses
			run.Language, run.Tool.Driver.Language, run.NewlineSequences = "en-US", "en-US", []string{"\n"}
			if err := report.Validate(); err != nil {
				t.Fatal(err)
			}
			var failed []string
			for _, r := range report.Runs[0].Results {
				if r.Kind == "fail" && r.Level == "error" {
					failed = append(failed, *r.RuleID)
					if c.status == StatusViolated && (len(r.CodeFlows) != 1 || len(r.CodeFlows[0].ThreadFlows[0].Locations) == 0) {
						t.Errorf("%s has no run", *r.RuleID)
					}
				}
				uri := *r.Locations[0].PhysicalLocation.ArtifactLocation.URI
				if want := map[string]string{"a b/hasty.sprocket": "a%20b/hasty.sprocket", "/abs/sent_once.fsm": "file:///abs/sent_once.fsm"}[c.name]; want != "" && uri != want {
					t.Errorf("address %s", uri)
				}
			}
			if c.failed != nil && strings.Join(failed, " ") != strings.Join(c.failed, " ") || (len(failed) > 0) != (c.status != StatusHolds) {
				t.Errorf("failed: %v", failed)
			}
			var out bytes.Buffer
			if err := f.WriteJUnit(&out); err != nil {
				t.Fatal(err)
			}
			var suites junitSuites
			if err := xml.Unmarshal(out.Bytes(), &suites); err != nil {
				t.Fatal(err)
			}
			if suites.Tests != len(list) || (suites.Failures+suites.Errors == 0) != (c.status == StatusHolds) || suites.Failures != len(failed) {
				t.Errorf("%d cases, %d failures, %d errors\n%s", suites.Tests, suites.Failures, suites.Errors, out.String())
			}
		})
	}
}

// A finding is the same from one run to the next, and though lines move.
func TestFindingsKeepTheirFingerprint(t *testing.T) {
	text := fromCorpus(t, "broken/hasty.sprocket")
	prints := func(text string) (out []string) {
		list, _ := verifiedFindings(t, "hasty.sprocket", text)
		for _, x := range list {
			out = append(out, x.Name+" "+fingerprint(x))
		}
		return
	}
	a, b := prints(text), prints("// One line more.\n"+text)
	if strings.Join(a, "\n") != strings.Join(b, "\n") {
		t.Errorf("%v\n%v", a, b)
	}
	seen := map[string]bool{}
	for _, x := range a {
		_, sum, _ := strings.Cut(x, " ")
		seen[sum] = true
	}
	if len(seen) != len(a) {
		t.Errorf("%d findings, %d fingerprints", len(a), len(seen))
	}
}
