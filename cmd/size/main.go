package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

const page = "docs/size.md"

// counts are how many functions the programs have.
var counts = []int{1, 10, 50}

func main() {
	nanopb := flag.String("nanopb", "", "folder with the C source of nanopb; its generator is nanopb_generator.py")
	flag.Parse()
	if err := run(*nanopb); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(nanopb string) error {
	var rows []row
	for _, n := range counts {
		for _, s := range stacks {
			if s.name == "by hand, nanopb" && nanopb == "" {
				fmt.Println("no -nanopb: its rows are not measured, and nothing is written")
				continue
			}
			made, err := measure(s, n, nanopb)
			if err != nil {
				return fmt.Errorf("%s, %d functions: %w", s.name, n, err)
			}
			rows = append(rows, made...)
		}
	}
	table := strings.Builder{}
	table.WriteString(head)
	for _, r := range rows {
		table.WriteString(r.String())
	}
	fmt.Print(table.String())
	if nanopb == "" {
		return nil
	}
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	before, _, ok := strings.Cut(string(text), head)
	if !ok {
		return fmt.Errorf("%s has no table with the head\n%s", page, head)
	}
	return os.WriteFile(page, []byte(before+table.String()), 0o644)
}

// A row is what one firmware takes.
type row struct {
	functions        int
	side, what, core string
	text, data, bss  int
	stack            int // bytes; -1: it cannot be told from the call graph
}

const head = `| functions | side | written | core | text | data | bss | worst stack |
|---|---|---|---|---|---|---|---|
`

func (r row) String() string {
	stack := fmt.Sprint(r.stack)
	if r.stack < 0 {
		stack = "?"
	}
	return fmt.Sprintf("| %d | %s | %s | %s | %d | %d | %d | %s |\n", r.functions, r.side, r.what, r.core, r.text, r.data, r.bss, stack)
}

// parse reads a row as it is printed; false where a line is none.
func parse(line string) (row, bool) {
	cells := strings.Split(strings.Trim(line, "| \n"), " | ")
	if len(cells) != 8 {
		return row{}, false
	}
	r := row{side: cells[1], what: cells[2], core: cells[3], stack: -1}
	if _, err := fmt.Sscan(cells[0]+" "+cells[4]+" "+cells[5]+" "+cells[6], &r.functions, &r.text, &r.data, &r.bss); err != nil {
		return row{}, false
	}
	if cells[7] != "?" {
		if _, err := fmt.Sscan(cells[7], &r.stack); err != nil {
			return row{}, false
		}
	}
	return r, true
}

func write(dir string, files map[string]string) error {
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
