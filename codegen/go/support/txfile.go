package support

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"sync"
)

// FileTxStore is a TxStore in a write-ahead file, which one peer at a time may use. Beside the peer's records it keeps values
// of the program's own by key, so that a handler's effect can be such a value. Everything is held in memory as well.
type FileTxStore struct {
	mu      sync.Mutex
	path    string
	file    *os.File
	bytes   []byte            // of the peer
	values  map[string][]byte // of the program
	end     int64             // of what is sound in the file
	wasted  int64             // bytes of it that are out of date
	failure error             // a write that may or may not be there: nothing is known any more
}

// FileTx is a transaction of a FileTxStore.
type FileTx struct {
	store   *FileTxStore
	entries []byte
}

// A file is a row of batches {length 4 bytes, CRC-32 4 bytes, entries}, an entry {length of the key 4, of the value 4, offset 8,
// key, value}: with an empty key a piece of the peer's bytes, else a value of the program. A batch that is cut short or altered
// ends the file: it was never whole.
const txHead, txEntry = 8, 16

// OpenFileTxStore opens the file, or makes it. It is an error where it is open as a store already, here or in another program,
// as with OpenFileStore.
func OpenFileTxStore(path string) (*FileTxStore, error) {
	s := &FileTxStore{path: path, values: map[string][]byte{}}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	s.file = f
	if err := lockFile(f); err != nil {
		_ = f.Close()
		return nil, err
	}
	if err := s.replay(); err != nil {
		_ = f.Close()
		return nil, err
	}
	syncDir(path)
	return s, nil
}

// syncDir makes a new file durable, as far as the system can.
func syncDir(path string) {
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		_ = dir.Sync()
		_ = dir.Close()
	}
}

func (s *FileTxStore) replay() error {
	b, err := io.ReadAll(s.file)
	if err != nil {
		return err
	}
	for at := b; len(at) >= txHead; {
		n := int64(binary.LittleEndian.Uint32(at))
		if n > int64(len(at)-txHead) || crc32.ChecksumIEEE(at[txHead:txHead+n]) != binary.LittleEndian.Uint32(at[4:]) || !s.apply(at[txHead:txHead+n]) {
			break
		}
		s.end += txHead + n
		at = at[txHead+n:]
	}
	return s.file.Truncate(s.end)
}

// apply takes the entries of a batch; false: it is none.
func (s *FileTxStore) apply(b []byte) bool {
	for len(b) > 0 {
		if len(b) < txEntry {
			return false
		}
		key, value, offset := int64(binary.LittleEndian.Uint32(b)), int64(binary.LittleEndian.Uint32(b[4:])), int64(binary.LittleEndian.Uint64(b[8:]))
		b = b[txEntry:]
		if key+value > int64(len(b)) || offset < 0 || offset > 1<<24 {
			return false
		}
		k, v := string(b[:key]), append([]byte(nil), b[key:key+value]...)
		b = b[key+value:]
		if key == 0 {
			for int64(len(s.bytes)) < offset+value {
				s.bytes = append(s.bytes, 0xff)
			}
			copy(s.bytes[offset:], v)
			s.wasted += value
			continue
		}
		if old, ok := s.values[k]; ok {
			s.wasted += int64(len(old)) + key
		}
		s.values[k] = v
	}
	return true
}

func appendEntry(b []byte, key string, offset int, value []byte) []byte {
	b = binary.LittleEndian.AppendUint32(b, uint32(len(key)))
	b = binary.LittleEndian.AppendUint32(b, uint32(len(value)))
	b = binary.LittleEndian.AppendUint64(b, uint64(offset))
	return append(append(b, key...), value...)
}

func batch(entries []byte) []byte {
	b := binary.LittleEndian.AppendUint32(nil, uint32(len(entries)))
	b = binary.LittleEndian.AppendUint32(b, crc32.ChecksumIEEE(entries))
	return append(b, entries...)
}

// ReadAt reads what was never written as ones, like erased flash.
func (s *FileTxStore) ReadAt(offset int, p []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range p {
		p[i] = 0xff
		if offset+i < len(s.bytes) {
			p[i] = s.bytes[offset+i]
		}
	}
	return s.failure
}

// WriteAt is a transaction of one write.
func (s *FileTxStore) WriteAt(offset int, p []byte) error {
	return s.add(appendEntry(nil, "", offset, p))
}

// Get gives a value of the program's own, a copy; nil where there is none.
func (s *FileTxStore) Get(key string) []byte {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]byte(nil), s.values[key]...)
}

// Begin opens a transaction, a *FileTx.
func (s *FileTxStore) Begin() (Tx, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return &FileTx{store: s}, s.failure
}

// Put adds a value of the program's own. The key may not be empty.
func (t *FileTx) Put(key string, value []byte) error {
	if key == "" {
		return errors.New("an empty key")
	}
	t.entries = appendEntry(t.entries, key, 0, value)
	return nil
}

// WriteAt adds a piece of the peer's bytes.
func (t *FileTx) WriteAt(offset int, p []byte) error {
	t.entries = appendEntry(t.entries, "", offset, p)
	return nil
}

// Commit appends everything as one batch, and returns when it is durable.
func (t *FileTx) Commit() error {
	entries := t.entries
	t.entries = nil
	return t.store.add(entries)
}

// Rollback drops everything.
func (t *FileTx) Rollback() error {
	t.entries = nil
	return nil
}

func (s *FileTxStore) add(entries []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.failure != nil || len(entries) == 0 {
		return s.failure
	}
	b := batch(entries)
	_, err := s.file.WriteAt(b, s.end)
	if err == nil {
		err = s.file.Sync()
	}
	if err != nil {
		s.failure = fmt.Errorf("%s: %w", s.path, err)
		return s.failure
	}
	s.end += int64(len(b))
	if !s.apply(entries) {
		s.failure = fmt.Errorf("%s: a value is too large", s.path)
		return s.failure
	}
	if s.wasted > 1<<20 && s.wasted > s.end/2 {
		s.failure = s.compact()
	}
	return s.failure
}

// compact writes a new file beside the old one and lets it take its place.
func (s *FileTxStore) compact() error {
	var entries []byte
	if len(s.bytes) > 0 {
		entries = appendEntry(entries, "", 0, s.bytes)
	}
	for k, v := range s.values {
		entries = appendEntry(entries, k, 0, v)
	}
	b := batch(entries)
	f, err := os.OpenFile(s.path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	if _, err = f.Write(b); err == nil {
		err = errors.Join(lockFile(f), f.Sync(), os.Rename(s.path+".new", s.path))
	}
	if err != nil {
		_ = f.Close()
		return err
	}
	syncDir(s.path)
	_ = s.file.Close()
	s.file, s.end, s.wasted = f, int64(len(b)), 0
	return nil
}

// Close closes the file.
func (s *FileTxStore) Close() error { return s.file.Close() }
