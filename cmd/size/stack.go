package main

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// A graph is who calls whom, by the names that gcc gives functions in its call-graph files, and the stack that each takes.
type graph struct {
	frame map[string]int
	calls map[string][]string
	fixed map[string]bool // the frame is known before it runs
}

var (
	nodeLine = regexp.MustCompile(`^node: \{ title: "([^"]+)" label: "([^"]*)"`)
	edgeLine = regexp.MustCompile(`^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"`)
	byteText = regexp.MustCompile(`(\d+) bytes \((static|dynamic,bounded|dynamic)\)`)
)

func (g *graph) read(file string) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for _, line := range strings.Split(string(data), "\n") {
		if m := nodeLine.FindStringSubmatch(line); m != nil {
			if s := byteText.FindStringSubmatch(m[2]); s != nil { // else it is in another file
				n, err := strconv.Atoi(s[1])
				if err != nil {
					return fmt.Errorf("%s: %w", file, err)
				}
				g.frame[m[1]], g.fixed[m[1]] = n, s[2] != "dynamic"
			}
		} else if m := edgeLine.FindStringSubmatch(line); m != nil {
			g.calls[m[1]] = append(g.calls[m[1]], m[2])
		}
	}
	return nil
}

// deepest is the most stack that a function takes with all that it calls. It is not known where there is a circle, a call through a
// pointer, or a function that the files do not have.
func (g *graph) deepest(fn string, within ...string) (int, bool) {
	n, ok := g.frame[fn]
	if !ok || !g.fixed[fn] || slices.Contains(within, fn) {
		return 0, false
	}
	most := 0
	for _, callee := range g.calls[fn] {
		d, ok := g.deepest(callee, append(slices.Clip(within), fn)...)
		if !ok {
			return 0, false
		}
		most = max(most, d)
	}
	return n + most, true
}
