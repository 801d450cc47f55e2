package compile

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"sprocketc/diag"
	"sprocketc/fsm"
	"sprocketc/lang"
)

// Stdin is the name that diagnostics give to a program read from the standard input.
const Stdin = "<stdin>"

// mostRead is what is read of a file: enough that every phase sees that it is too large, and no more.
const mostRead = max(lang.MaxFile, fsm.MaxText) + 1

// ReadFile reads a program; "-" is the standard input. A file that is larger than any program is read only so far that
// this shows. The error is a Usage.
func ReadFile(name string, stdin io.Reader) (*diag.File, error) {
	if name == "-" {
		text, err := io.ReadAll(io.LimitReader(stdin, mostRead))
		if err != nil {
			return nil, usagef("the standard input cannot be read: %v", err)
		}
		return &diag.File{Name: Stdin, Text: text}, nil
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, unreadable(name, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, usagef("%s is a directory", name)
	}
	text, err := io.ReadAll(io.LimitReader(f, mostRead))
	if err != nil {
		return nil, unreadable(name, err)
	}
	return &diag.File{Name: name, Text: text}, nil
}

func unreadable(name string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return usagef("%s does not exist", name)
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	return usagef("%s cannot be read: %v", name, err)
}
