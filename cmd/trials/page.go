package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"
)

// page is where the table stands.
const page = "docs/coverage.md"

const (
	rowsHead    = "| peer | branches | vectors | and their events | left | of these by libFuzzer |\n|---|---|---|---|---|---|\n"
	reasonsHead = "| reason | branches | by libFuzzer | why |\n|---|---|---|---|\n"
)

// sampled is the reason of what is left in a peer whose vectors are thinned out.
const sampled = "sample"

// never is the reason of what cannot be taken: nothing takes it.
const never = "guard"

// A row is what became of a peer's branches.
type row struct {
	peer                               string
	all, vectors, events, left, fuzzed int
}

// A rest is how many branches are left for a reason, and how many of these libFuzzer takes.
type rest struct{ left, fuzzed int }

func (r row) String() string {
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d |\n", r.peer, r.all, r.vectors, r.events, r.left, r.fuzzed)
}

// rowOf counts the branches of a peer, and those that are left by reason. What has none is told, and what cannot be and is.
func rowOf(c *covered, left map[string]rest) (row, []branch) {
	r := row{peer: c.name, all: len(c.branches)}
	var unknown []branch
	for _, b := range c.branches {
		if b.vectors {
			r.vectors++
		}
		if b.vectors || b.entries {
			r.events++
			continue
		}
		r.left++
		if b.fuzzed {
			r.fuzzed++
		}
		name := sampled
		if why := reasonOf(b); why != nil {
			name = why.name
		}
		if name == sampled && c.every == 1 || name == never && b.fuzzed {
			unknown = append(unknown, b)
			continue
		}
		x := left[name]
		x.left++
		if b.fuzzed {
			x.fuzzed++
		}
		left[name] = x
	}
	return r, unknown
}

// coverage counts the branches of every peer, and writes the page where all were asked for and nothing is left without a reason.
func coverage(ctx context.Context, each time.Duration, only string) error {
	list, err := peers(only)
	if err != nil {
		return err
	}
	left, some := map[string]rest{}, []string{}
	var rows strings.Builder
	var sum row
	found := false
	for _, p := range list {
		c, err := cover(ctx, p, each)
		if err != nil {
			return err
		}
		r, unknown := rowOf(c, left)
		fmt.Print(r)
		rows.WriteString(r.String())
		sum = row{"all", sum.all + r.all, sum.vectors + r.vectors, sum.events + r.events, sum.left + r.left, sum.fuzzed + r.fuzzed}
		for _, b := range unknown {
			found = true
			fmt.Fprintf(os.Stderr, "%s, %s: no vector takes a branch of `%s`, and no reason is known, or a wrong one\n", c.name, b.function, b.text)
		}
		if c.every > 1 {
			some = append(some, fmt.Sprintf("`%s` (one in %d)", c.name, c.every))
		}
	}
	fmt.Print(sum)
	if found {
		return errFound
	}
	if only != "" {
		return nil
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, _, ok := strings.Cut(string(text), rowsHead)
	if !ok {
		return fmt.Errorf("%s has no table with the head\n%s", page, rowsHead)
	}
	return os.WriteFile(page, []byte(before+rowsHead+rows.String()+sum.String()+"\n## What is left, and why\n\n"+reasonsHead+reasonRows(left, some)), 0o644)
}

// reasonRows are the reasons with how many branches each has, in the order in which they are asked.
func reasonRows(left map[string]rest, some []string) string {
	var b strings.Builder
	for _, r := range reasons {
		if r.text != "" && left[r.name].left > 0 {
			fmt.Fprintf(&b, "| %s | %d | %d | %s |\n", r.name, left[r.name].left, left[r.name].fuzzed, r.text)
		}
	}
	if n := left[sampled]; n.left > 0 {
		fmt.Fprintf(&b, "| %s | %d | %d | Peers with several lanes and large values have gigabytes of vectors: some of them are replayed, %s. |\n",
			sampled, n.left, n.fuzzed, strings.Join(some, ", "))
	}
	return b.String()
}
