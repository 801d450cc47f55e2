package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is a listing of a page: with the name of a file before it, or commands with what they answer.
var block = regexp.MustCompile("(?ms)(?:^`([\\w./]+)`:\n\n)?^```(\\w*)\n(.*?)^```$")

// Each file of docs/c.md is written and each of its commands run, one after the other in one shell, and they answer what the page says.
func TestPageOfCIsAsRun(t *testing.T) {
	for _, tool := range []string{"cc", "make", "arm-none-eabi-gcc"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Fatalf("%s is not installed: make setup", tool)
		}
	}
	page, err := os.ReadFile("../../docs/c.md")
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin, dir := t.TempDir(), t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "sprocketc")); err != nil { // which TestMain knows by its name
		t.Fatal(err)
	}
	const end = "end of a command"
	var script strings.Builder
	script.WriteString("trap 'kill $(jobs -p) 2>/dev/null' EXIT\n") // what is left where something fails
	var commands, answers []string
	for _, b := range block.FindAllStringSubmatch(string(page), -1) {
		name, language, text := b[1], b[2], b[3]
		switch {
		case name != "":
			fmt.Fprintf(&script, "mkdir -p %s\ncat >%s <<'END OF FILE'\n%sEND OF FILE\n", filepath.Dir(name), name, text)
		case language == "console":
			for _, line := range strings.SplitAfter(text, "\n") {
				if command, ok := strings.CutPrefix(line, "$ "); ok {
					commands, answers = append(commands, strings.TrimSpace(command)), append(answers, "")
					fmt.Fprintf(&script, "%secho '%s'\n", command, end)
				} else if len(answers) > 0 {
					answers[len(answers)-1] += line
				}
			}
		}
	}
	if len(commands) < 15 {
		t.Fatalf("%d commands", len(commands))
	}
	shell := exec.Command("bash", "-s")
	shell.Dir, shell.Stdin = dir, strings.NewReader(script.String())
	shell.Env = append(os.Environ(), "PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"), "GOFLAGS=-mod=mod", "GOPROXY=off", "LC_ALL=C", "NO_COLOR=1")
	out, err := shell.CombinedOutput()
	if err != nil {
		t.Errorf("%v", err)
	}
	said := strings.Split(string(out), end+"\n")
	for i, c := range commands {
		if i >= len(said) {
			t.Fatalf("%s: it was not run", c)
		}
		if !answer(answers[i]).MatchString(said[i]) {
			t.Errorf("%s\nanswers\n%s\nand the page says\n%s", c, said[i], answers[i])
		}
	}
}

// answer matches what a page says: a line of "…" alone is any lines, within a line it is anything.
func answer(text string) *regexp.Regexp {
	var b strings.Builder
	b.WriteString(`\A`)
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		switch {
		case line == "…":
			b.WriteString(`(?s:.*)`)
		case text != "":
			b.WriteString(strings.ReplaceAll(regexp.QuoteMeta(line), "…", ".*") + `\n`)
		}
	}
	return regexp.MustCompile(b.String() + `\z`)
}
