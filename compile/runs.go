package compile

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"sprocketc/codegen"
	"sprocketc/verify"
	"sprocketc/verify/chart"
)

// runFormats gives a run in the formats in which it is written to files, by the format's name: which is the file's
// ending, but for text and mermaid.
var runFormats = map[string]func(c chart.Chart, x verify.Property) ([]byte, error){
	"text":    func(c chart.Chart, x verify.Property) ([]byte, error) { return []byte(c.Text(x.Run, x.Name)), nil },
	"svg":     func(c chart.Chart, x verify.Property) ([]byte, error) { return []byte(c.SVG(x.Run, x.Name)), nil },
	"mermaid": func(c chart.Chart, x verify.Property) ([]byte, error) { return []byte(c.Mermaid(x.Run, x.Name)), nil },
	"json": func(c chart.Chart, x verify.Property) ([]byte, error) {
		b, err := json.MarshalIndent(c.List(x.Run), "", "  ")
		return append(b, '\n'), err
	},
}

var runEndings = map[string]string{"text": "txt", "mermaid": "mmd"}

// RunFormats are the formats of WriteRuns.
func RunFormats() []string { return slices.Sorted(maps.Keys(runFormats)) }

// CheckRunFormats refuses a format that is none. The error is a Usage.
func CheckRunFormats(formats []string) error {
	for _, f := range formats {
		if runFormats[f] == nil {
			return usagef("a run cannot be written as %q: the formats are %s", f, strings.Join(RunFormats(), ", "))
		}
	}
	return nil
}

// WriteRuns writes the run of each violated property into a directory, once for each format, as
// PROTOCOL.PROPERTY.ENDING; nothing where there is no run. The result must have a report.
func WriteRuns(dir string, r *Result, formats []string, values bool) (*Written, error) {
	if err := CheckRunFormats(formats); err != nil {
		return nil, err
	}
	var files []codegen.File
	for _, x := range r.Report.Properties {
		if x.Run == nil {
			continue
		}
		c := drawn(r, x)
		c.Values = values
		for _, f := range formats {
			data, err := runFormats[f](c, x)
			if err != nil {
				return nil, err
			}
			ending := f
			if e := runEndings[f]; e != "" {
				ending = e
			}
			files = append(files, codegen.File{Name: r.Name() + "." + fileName(x.Name) + "." + ending, Data: data})
		}
	}
	return writeAll(dir, files)
}

// fileName is a property's name as a part of a file's name: "within(Field.water, 2 s)" is "within_Field.water_2_s".
func fileName(property string) string {
	words := strings.FieldsFunc(property, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.')
	})
	return strings.Join(words, "_")
}
