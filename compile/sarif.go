package compile

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"sprocketc/diag"
)

// SARIF 2.1.0 (OASIS, 2020), as far as findings need it.

type sarifLog struct {
	Schema  string     `json:"$schema"`
	Version string     `json:"version"`
	Runs    []sarifRun `json:"runs"`
}

type sarifRun struct {
	Tool struct {
		Driver sarifDriver `json:"driver"`
	} `json:"tool"`
	ColumnKind string        `json:"columnKind"`
	Results    []sarifResult `json:"results"`
}

type sarifDriver struct {
	Name    string      `json:"name"`
	Version string      `json:"version"`
	Rules   []sarifRule `json:"rules"`
}

type sarifRule struct {
	ID string `json:"id"`
}

type sarifText struct {
	Text string `json:"text"`
}

type sarifResult struct {
	RuleID       string            `json:"ruleId"`
	RuleIndex    int               `json:"ruleIndex"`
	Kind         string            `json:"kind"`
	Level        string            `json:"level"`
	Message      sarifText         `json:"message"`
	Locations    []sarifLocation   `json:"locations,omitempty"`
	Related      []sarifLocation   `json:"relatedLocations,omitempty"`
	CodeFlows    []sarifFlow       `json:"codeFlows,omitempty"`
	Fingerprints map[string]string `json:"partialFingerprints"`
}

type sarifLocation struct {
	Physical *sarifPhysical `json:"physicalLocation,omitempty"`
	Message  *sarifText     `json:"message,omitempty"`
}

type sarifPhysical struct {
	Artifact struct {
		URI string `json:"uri"`
	} `json:"artifactLocation"`
	Region sarifRegion `json:"region"`
}

type sarifRegion struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}

type sarifFlow struct {
	ThreadFlows []sarifThread `json:"threadFlows"`
}

type sarifThread struct {
	Locations []sarifStep `json:"locations"`
}

type sarifStep struct {
	Location   sarifLocation `json:"location"`
	Importance string        `json:"importance"`
}

// WriteSARIF writes findings as a SARIF log of one run: what failed is an error, what is open a warning, and what held is of the kind
// "pass". The run of the machines that shows a failure is a code flow, whose steps all lie where the program says what broke.
// Columns count Unicode code points; addresses are as the files were named, relative where these were.
func (f *Findings) WriteSARIF(w io.Writer) error {
	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: []sarifResult{}}
	run.Tool.Driver = sarifDriver{Name: "sprocketc", Version: Version, Rules: []sarifRule{}}
	for _, x := range f.List {
		rule := slices.Index(run.Tool.Driver.Rules, sarifRule{x.Rule})
		if rule < 0 {
			rule = len(run.Tool.Driver.Rules)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRule{x.Rule})
		}
		r := sarifResult{RuleID: x.Rule, RuleIndex: rule, Kind: "fail", Level: "error", Fingerprints: map[string]string{"finding/v1": fingerprint(x)}}
		switch {
		case x.Warning:
			r.Level = "warning"
		case x.Outcome == Unknown:
			r.Kind, r.Level = "open", "none" // SARIF has no level for what did not fail
		case x.Outcome == Skipped:
			r.Kind, r.Level = "informational", "none"
		case x.Outcome == Passed:
			r.Kind, r.Level = "pass", "none"
		}
		r.Message.Text = x.Name
		if x.Message != "" {
			r.Message.Text += ": " + x.Message
		}
		for i, s := range x.Spans {
			l := sarifLocation{Physical: physical(s)}
			if s.Label != "" {
				l.Message = &sarifText{s.Label}
			}
			if i == 0 {
				r.Locations = append(r.Locations, l)
			} else {
				r.Related = append(r.Related, l)
			}
		}
		if len(x.Steps) > 0 {
			thread := sarifThread{}
			for _, step := range x.Steps {
				l := sarifLocation{Message: &sarifText{step}}
				if len(x.Spans) > 0 {
					l.Physical = physical(x.Spans[0])
				}
				thread.Locations = append(thread.Locations, sarifStep{l, "essential"})
			}
			r.CodeFlows = []sarifFlow{{[]sarifThread{thread}}}
		}
		run.Results = append(run.Results, r)
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(sarifLog{"https://json.schemastore.org/sarif-2.1.0.json", "2.1.0", []sarifRun{run}})
}

func physical(s diag.JSONSpan) *sarifPhysical {
	p := &sarifPhysical{Region: sarifRegion{s.Line, s.Column, s.EndLine, s.EndColumn}}
	p.Artifact.URI = address(s.File)
	return p
}

// address of a file as a relative reference, or of one that was named by its whole path as a URI.
func address(file string) string {
	slashed := filepath.ToSlash(file)
	if filepath.IsAbs(file) {
		return (&url.URL{Scheme: "file", Path: "/" + strings.TrimPrefix(slashed, "/")}).String()
	}
	return (&url.URL{Path: slashed}).String()
}

// fingerprint tells findings apart from one run of the command to the next: it does not depend on lines.
func fingerprint(x Finding) string {
	h := sha256.New()
	for _, s := range []string{x.Group, x.Rule, x.Name} {
		h.Write([]byte(s + "\x00"))
	}
	for _, s := range x.Spans {
		h.Write([]byte(filepath.ToSlash(s.File) + "\x00" + s.Label + "\x00"))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
