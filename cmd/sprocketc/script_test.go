package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"sprocketc": main})
}

// The scripts say what a person or a script sees of each subcommand. Every one of them has the corpus in $CORPUS, and
// a small program as sensor.sprocket.
func TestScripts(t *testing.T) {
	corpus, err := filepath.Abs("../../corpus")
	if err != nil {
		t.Fatal(err)
	}
	sensor, err := os.ReadFile("../../compile/testdata/sensor.sprocket")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(e *testscript.Env) error {
			e.Setenv("CORPUS", corpus)
			for _, name := range []string{"GOCACHE", "GOPATH", "GOMODCACHE", "GOROOT"} { // for scripts that build
				out, err := exec.Command("go", "env", name).Output()
				if err != nil {
					return err
				}
				e.Setenv(name, strings.TrimSpace(string(out)))
			}
			e.Setenv("GOFLAGS", "-mod=mod")
			e.Setenv("GOPROXY", "off")
			return os.WriteFile(filepath.Join(e.WorkDir, "sensor.sprocket"), sensor, 0o644)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"status": status, "json": isJSON, "sparse": sparse, "repeat": repeat, "edit": edit, "same": same, "glob": glob,
		},
	})
}

// status N COMMAND…: the command ends with exit status N.
func status(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: status N command…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

// json [PATH=VALUE…]: the standard output is one object with a version and a protocol, and holds these values.
func isJSON(ts *testscript.TestScript, neg bool, args []string) {
	d := json.NewDecoder(strings.NewReader(ts.ReadFile("stdout")))
	var v map[string]any
	ts.Check(d.Decode(&v))
	if d.More() {
		ts.Fatalf("there is more than one value")
	}
	if v["version"] != 1.0 {
		ts.Fatalf("version %v", v["version"])
	}
	if _, ok := v["protocol"].(string); !ok {
		ts.Fatalf("protocol %v", v["protocol"])
	}
	for _, a := range args {
		path, want, ok := strings.Cut(a, "=")
		if !ok {
			ts.Fatalf("%q is not PATH=VALUE", a)
		}
		if got := at(v, path); got != want {
			ts.Fatalf("%s is %q, want %q", path, got, want)
		}
	}
}

// at is a value inside of another: "properties.0.name"; "len" is a length.
func at(v any, path string) string {
	for _, key := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[key]
		case []any:
			if key == "len" {
				return fmt.Sprint(len(x))
			}
			i, err := strconv.Atoi(key)
			if err != nil || i >= len(x) {
				return "nothing"
			}
			v = x[i]
		default:
			return "nothing"
		}
	}
	return fmt.Sprint(v)
}

// sparse FILE BYTES: a file of zeros that takes no room.
func sparse(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.ParseInt(args[1], 10, 64)
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(f.Truncate(n))
	ts.Check(f.Close())
}

// repeat FILE N LINE: N more lines, numbered where the line holds %d.
func repeat(ts *testscript.TestScript, _ bool, args []string) {
	n, err := strconv.Atoi(args[1])
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	ts.Check(err)
	w := bufio.NewWriter(f)
	for i := range n {
		fmt.Fprintln(w, strings.ReplaceAll(args[2], "%d", strconv.Itoa(i)))
	}
	ts.Check(w.Flush())
	ts.Check(f.Close())
}

// edit FROM TO OLD NEW: a copy of a file in which a text that occurs once is another.
func edit(ts *testscript.TestScript, _ bool, args []string) {
	text := ts.ReadFile(args[0])
	if strings.Count(text, args[2]) != 1 {
		ts.Fatalf("%q occurs %d times in %s", args[2], strings.Count(text, args[2]), args[0])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Replace(text, args[2], strings.ReplaceAll(args[3], `\n`, "\n"), 1)), 0o644))
}

// same A B: two directories hold the same files with the same contents, and at least one.
func same(ts *testscript.TestScript, neg bool, args []string) {
	read := func(dir string) map[string]string {
		out := map[string]string{}
		ts.Check(filepath.Walk(ts.MkAbs(dir), func(path string, info os.FileInfo, err error) error {
			if err != nil || info.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			name, _ := filepath.Rel(ts.MkAbs(dir), path)
			out[name] = string(text)
			return err
		}))
		return out
	}
	a, b := read(args[0]), read(args[1])
	if len(a) == 0 {
		ts.Fatalf("%s holds no files", args[0])
	}
	equal := len(a) == len(b)
	for name := range a {
		equal = equal && a[name] == b[name]
	}
	if equal == neg {
		ts.Fatalf("the same: %v", equal)
	}
}

// glob PATTERN: a file matches.
func glob(ts *testscript.TestScript, neg bool, args []string) {
	matches, err := filepath.Glob(ts.MkAbs(args[0]))
	ts.Check(err)
	if (len(matches) == 0) != neg {
		ts.Fatalf("%s matches %q", args[0], matches)
	}
}
