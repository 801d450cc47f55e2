package compile

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"sprocketc/codegen"
)

// Written says what Write did, by names below the output directory, sorted. The manifest is not among them.
type Written struct {
	Written   []string
	Unchanged []string // they were as they should be, and keep their times
	Deleted   []string // stale
	Edited    []string // stale, but without our header any more: left alone
}

// Write puts the files of programs into a directory, and a manifest beside them. Everything is written under temporary
// names first and renamed when nothing can go wrong any more but the renaming itself, so that a failure leaves the old
// files. Files that an earlier Write of the same programs left and that are not emitted any more are deleted, where they
// still carry our header. A file in the way that we did not write is an error. dependencies names a dependency file to
// write; "" for none. Errors are a Usage.
func Write(dir string, results []*Result, dependencies string) (*Written, error) {
	w, err := write(dir, results, dependencies)
	var usage *Usage
	if err != nil && !errors.As(err, &usage) {
		err = usagef("%s cannot be written: %v", dir, err)
	}
	return w, err
}

func write(dir string, results []*Result, dependencies string) (*Written, error) {
	old, err := readManifest(dir)
	if err != nil {
		return nil, err
	}
	manifest, stale, err := merge(old, results)
	if err != nil {
		return nil, err
	}
	var files []codegen.File
	for _, r := range results {
		files = append(files, r.Files...)
	}
	slices.SortFunc(files, func(a, b codegen.File) int { return strings.Compare(a.Name, b.Name) })
	known, err := manifest.bytes()
	if err != nil {
		return nil, err
	}

	out := &Written{}
	s := &staging{}
	defer s.abandon()
	for _, f := range files {
		changed, err := s.add(place(dir, f.Name), f.Data, ours)
		switch {
		case err != nil:
			return nil, err
		case changed:
			out.Written = append(out.Written, f.Name)
		default:
			out.Unchanged = append(out.Unchanged, f.Name)
		}
	}
	if dependencies != "" {
		if _, err := s.add(dependencies, depfile(dir, results, files), nil); err != nil {
			return nil, err
		}
	}
	if _, err := s.add(filepath.Join(dir, ManifestName), known, nil); err != nil {
		return nil, err
	}
	if err := s.commit(); err != nil {
		return nil, err
	}
	for _, name := range stale {
		at := place(dir, name)
		text, err := os.ReadFile(at)
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil || !ours(text):
			out.Edited = append(out.Edited, name)
		default:
			if err := os.Remove(at); err != nil {
				return out, err
			}
			out.Deleted = append(out.Deleted, name)
			for d := filepath.Dir(at); d != dir && d != filepath.Dir(d) && os.Remove(d) == nil; d = filepath.Dir(d) {
			}
		}
	}
	return out, nil
}

// WriteFile writes one file whole or not at all, and leaves one alone that is as it should be. The error is a Usage.
func WriteFile(name string, data []byte) (changed bool, err error) {
	s := &staging{}
	defer s.abandon()
	if changed, err = s.add(name, data, nil); err == nil {
		err = s.commit()
	}
	if err != nil {
		err = usagef("%s cannot be written: %v", name, err)
	}
	return changed, err
}

// staging holds files under temporary names beside their places.
type staging struct {
	temps, places []string
	made          []string // directories
}

// add writes a file under a temporary name; changed is false where the place has the same contents already. A file in
// the place that replaceable does not accept is an error.
func (s *staging) add(place string, data []byte, replaceable func([]byte) bool) (changed bool, err error) {
	mode := fs.FileMode(0o644)
	switch info, err := os.Lstat(place); {
	case err == nil && info.Mode().IsRegular():
		mode = info.Mode().Perm()
		old, err := os.ReadFile(place)
		if err != nil {
			return false, err
		}
		if bytes.Equal(old, data) {
			return false, nil
		}
		if replaceable != nil && !replaceable(old) {
			return false, usagef("%s is in the way: it was not written by sprocketc, or its first line was changed", place)
		}
	case err == nil:
		return false, usagef("%s is in the way: it is not a regular file", place)
	case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR):
		return false, err
	}
	if err := s.mkdir(filepath.Dir(place)); err != nil {
		return false, err
	}
	f, err := os.CreateTemp(filepath.Dir(place), ".sprocketc-*")
	if err != nil {
		return false, err
	}
	s.temps, s.places = append(s.temps, f.Name()), append(s.places, place)
	_, err = f.Write(data)
	return true, errors.Join(err, f.Chmod(mode), f.Sync(), f.Close())
}

// mkdir makes a directory and those above it, and remembers which are new.
func (s *staging) mkdir(dir string) error {
	if info, err := os.Stat(dir); err == nil {
		if !info.IsDir() {
			return usagef("%s is in the way: it is not a directory", dir)
		}
		return nil
	}
	if up := filepath.Dir(dir); up != dir {
		if err := s.mkdir(up); err != nil {
			return err
		}
	}
	err := os.Mkdir(dir, 0o755)
	if err == nil {
		s.made = append(s.made, dir)
	} else if errors.Is(err, fs.ErrExist) {
		err = nil
	}
	return err
}

// commit moves every file to its place.
func (s *staging) commit() error {
	for len(s.temps) > 0 {
		if err := os.Rename(s.temps[0], s.places[0]); err != nil {
			return err
		}
		s.temps, s.places = s.temps[1:], s.places[1:]
	}
	s.made = nil
	return nil
}

// abandon removes what was not moved.
func (s *staging) abandon() {
	for _, t := range s.temps {
		os.Remove(t)
	}
	for _, d := range slices.Backward(s.made) {
		os.Remove(d)
	}
}

// place of a file below a directory.
func place(dir, name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
