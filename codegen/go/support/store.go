package support

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Store is memory that survives a crash of this program.
type Store interface {
	// ReadAt fills p from an offset in bytes. What was never written reads as any constant byte.
	ReadAt(offset int, p []byte) error
	// WriteAt writes p and returns when it is durable. A crash may tear it.
	WriteAt(offset int, p []byte) error
}

// FileStore is a Store in a file, which one peer at a time may use.
type FileStore struct{ file *os.File }

// OpenFileStore opens the file, or makes it. It is an error where it is open as a store already, here or in another
// program; where the system has no flock (Windows, Solaris), that is for the program to see to.
func OpenFileStore(path string) (*FileStore, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		_ = f.Close()
		return nil, err
	}
	// A new file is durable when its directory is. Some systems cannot sync a directory; the file is then as durable
	// as they make it.
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
	return &FileStore{f}, nil
}

// ReadAt reads what lies behind the end of the file as ones, like erased flash.
func (s *FileStore) ReadAt(offset int, p []byte) error {
	n, err := s.file.ReadAt(p, int64(offset))
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for i := n; i < len(p); i++ {
		p[i] = 0xff
	}
	return nil
}

// WriteAt writes and syncs.
func (s *FileStore) WriteAt(offset int, p []byte) error {
	if _, err := s.file.WriteAt(p, int64(offset)); err != nil {
		return err
	}
	return s.file.Sync()
}

// Close closes the file.
func (s *FileStore) Close() error { return s.file.Close() }

// stored gives a store to a machine.
type stored struct{ store Store }

func (s stored) read(offset int, b []byte) error  { return s.store.ReadAt(offset, b) }
func (s stored) write(offset int, b []byte) error { return s.store.WriteAt(offset, b) }
