package compile

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"sprocketc/codegen"
)

//go:embed all:initial
var initial embed.FS

// Initialised is the answer of `init`.
type Initialised struct {
	Version  int      `json:"version"`
	Protocol string   `json:"protocol"`
	Dir      string   `json:"directory"`
	Written  []string `json:"written"`
}

// Init writes a first program into a directory, with a Makefile and a README: a sensor in C and a reader in Go. Nothing
// is written where one of the files exists. The error is a Usage.
func Init(dir string) (*Initialised, error) {
	out := &Initialised{Version: 1, Protocol: "sensor", Dir: dir}
	var files []codegen.File
	err := fs.WalkDir(initial, "initial", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := initial.ReadFile(name)
		// go.mod and Go files would be of this module otherwise
		name = strings.TrimSuffix(strings.TrimPrefix(name, "initial/"), ".txt")
		files = append(files, codegen.File{Name: path.Clean(name), Data: text})
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if _, err := os.Lstat(place(dir, f.Name)); !errors.Is(err, fs.ErrNotExist) {
			return nil, usagef("%s exists already: nothing was written", place(dir, f.Name))
		}
		out.Written = append(out.Written, f.Name)
	}
	if _, err := writeAll(dir, files); err != nil {
		return nil, err
	}
	return out, nil
}

// Print writes the answer for people. The next command is one that works as it stands: where sprocketc is not on the path,
// make is told where it is.
func (i *Initialised) Print(w io.Writer) error {
	next := "make"
	if filepath.Clean(i.Dir) != "." {
		next = "cd " + shellWord(i.Dir) + " && make"
	}
	if _, err := exec.LookPath("sprocketc"); err != nil {
		if here, err := os.Executable(); err == nil {
			next += " SPROCKETC=" + shellWord(here)
		}
	}
	_, err := fmt.Fprintf(w, "written      %s   %s\nnext         %s\n", i.Dir, strings.Join(i.Written, " "), next)
	return err
}

// shellWord quotes a text for a shell where it needs that.
func shellWord(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./+:=@%,-") == "" && s[0] != '-' {
		return s
	}
	if strings.HasPrefix(s, "-") {
		s = "./" + s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
