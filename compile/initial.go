package compile

import (
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
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

// Print writes the answer for people.
func (i *Initialised) Print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "written      %s   %s\nnext         cd %s && make\n", i.Dir, strings.Join(i.Written, " "), i.Dir)
	return err
}
