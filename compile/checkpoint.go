package compile

import (
	"bufio"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sprocketc/verify"
)

// Steer adds to the options of a verification which engine does it, how many workers share its table, where a search
// that a limit ends is saved, and which saved search goes on; "" and 0 leave each as it is. The error is a Usage.
func (o *Options) Steer(engine string, workers int, checkpoint, resume string) error {
	if engine != "" && !slices.Contains(verify.Engines(), engine) {
		return usagef("--engine is one of %s, not %q", strings.Join(verify.Engines(), ", "), engine)
	}
	if engine == verify.Symbolic && checkpoint+resume != "" {
		return usagef("only the explicit engine saves a search and goes on with it")
	}
	if workers < 0 || workers > 1024 {
		return usagef("--workers is a number from 1 to 1024")
	}
	o.Search.Engine, o.Search.Workers = engine, workers
	o.Checkpoint, o.Resume = checkpoint, resume
	return nil
}

// interrupted lets a search save itself, and take up what was saved. done closes what it opened.
func (r *Result) interrupted(o Options, search *verify.Options) (done func(), err error) {
	if o.Checkpoint != "" {
		search.Save = func(write func(io.Writer) error) error {
			err := saveWhole(o.Checkpoint, write)
			if err == nil {
				r.Saved = o.Checkpoint
			}
			return err
		}
	}
	if o.Resume == "" {
		return func() {}, nil
	}
	f, err := os.Open(o.Resume)
	if err != nil {
		return nil, usagef("--resume: %v", err)
	}
	if search.Resume, err = verify.ReadCheckpoint(f); err != nil {
		f.Close()
		return nil, usagef("--resume %s: %v", o.Resume, err)
	}
	return func() { f.Close() }, nil
}

// saveWhole writes a file whole or not at all.
func saveWhole(name string, write func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), ".sprocketc-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	b := bufio.NewWriterSize(f, 1<<20)
	if err := errors.Join(write(b), b.Flush(), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
