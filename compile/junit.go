package compile

import (
	"encoding/xml"
	"io"
	"strings"
)

// The XML of JUnit, as the servers that read it agree on.

type junitSuites struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Skipped  int          `xml:"skipped,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Class   string        `xml:"classname,attr"`
	Name    string        `xml:"name,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitProblem `xml:"failure"`
	Error   *junitProblem `xml:"error"`
	Skipped *junitReason  `xml:"skipped"`
	Out     string        `xml:"system-out,omitempty"`
}

type junitProblem struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

type junitReason struct {
	Message string `xml:"message,attr"`
}

// WriteJUnit writes findings as JUnit XML: a suite for each program, a case for each finding. What failed is a failure, with the run
// that shows it; what is not known is an error, so that no server takes it for a success.
func (f *Findings) WriteJUnit(w io.Writer) error {
	out := junitSuites{Name: strings.TrimSpace("sprocketc " + f.Command)}
	at := map[string]int{}
	for _, x := range f.List {
		i, known := at[x.Group]
		if !known {
			i = len(out.Suites)
			at[x.Group] = i
			out.Suites = append(out.Suites, junitSuite{Name: x.Group})
		}
		s := &out.Suites[i]
		c := junitCase{Class: x.Group, Name: printable(x.Name)}
		if len(x.Spans) > 0 {
			c.File, c.Line = x.Spans[0].File, x.Spans[0].Line
		}
		problem := &junitProblem{Message: printable(x.Message), Type: x.Rule, Text: printable(x.Detail)}
		switch {
		case x.Outcome == Failed:
			c.Failure = problem
			s.Failures++
			out.Failures++
		case x.Outcome == Unknown:
			c.Error = problem
			s.Errors++
			out.Errors++
		case x.Outcome == Skipped:
			c.Skipped = &junitReason{printable(x.Message)}
			s.Skipped++
			out.Skipped++
		case x.Detail != "":
			c.Out = printable(x.Detail)
		}
		s.Tests++
		out.Tests++
		s.Cases = append(s.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	e := xml.NewEncoder(w)
	e.Indent("", "  ")
	if err := e.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// printable is a text without the control characters that XML cannot hold.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' {
			return -1
		}
		return r
	}, s)
}
