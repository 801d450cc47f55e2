package support

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"pgregory.net/rapid"
)

// Whatever of the last batch reached the file, a store that is opened again has all of it or nothing.
func TestTxFileCutAnywhere(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "store")
	s, err := OpenFileTxStore(path)
	if err != nil {
		t.Fatal(err)
	}
	put := func(n byte) {
		t.Helper()
		tx, err := s.Begin()
		if err != nil {
			t.Fatal(err)
		}
		if err := tx.(*FileTx).Put("coins", []byte{n}); err != nil {
			t.Fatal(err)
		}
		if err := tx.WriteAt(8, []byte{n, n, n}); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(); err != nil {
			t.Fatal(err)
		}
	}
	put(1)
	before := s.end
	put(2)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := before; n <= int64(len(whole)); n++ {
		for _, damage := range []bool{false, true} {
			b := bytes.Clone(whole[:n])
			want := byte(1)
			if n == int64(len(whole)) {
				want = 2
			}
			if damage && n > before {
				b[n-1] ^= 0x40
				want = 1
			}
			at := filepath.Join(dir, fmt.Sprint("cut", n, damage))
			if err := os.WriteFile(at, b, 0o600); err != nil {
				t.Fatal(err)
			}
			again, err := OpenFileTxStore(at)
			if err != nil {
				t.Fatal(err)
			}
			piece := make([]byte, 4)
			if err := again.ReadAt(8, piece); err != nil {
				t.Fatal(err)
			}
			if got := again.Get("coins"); len(got) != 1 || got[0] != want || piece[0] != want || piece[2] != want || piece[3] != 0xff {
				t.Fatalf("cut at %d of %d (damaged %v): coins %v, piece %v, not %d", n, len(whole), damage, got, piece, want)
			}
			if err := again.WriteAt(0, []byte{9}); err != nil {
				t.Fatal(err)
			}
			if err := again.Close(); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// The store is what a map and a slice of bytes are, through transactions, rollbacks, being opened again and being compacted.
func TestTxFileIsAMap(t *testing.T) {
	dir := t.TempDir()
	files := 0
	rapid.Check(t, func(t *rapid.T) {
		files++
		path := filepath.Join(dir, fmt.Sprint(files))
		s, err := OpenFileTxStore(path)
		if err != nil {
			t.Fatal(err)
		}
		values, piece := map[string][]byte{}, bytes.Repeat([]byte{0xff}, 32)
		actions := map[string]func(*rapid.T){
			"transaction": func(t *rapid.T) {
				tx, err := s.Begin()
				if err != nil {
					t.Fatal(err)
				}
				drop := rapid.Bool().Draw(t, "drop")
				for range rapid.IntRange(0, 3).Draw(t, "entries") {
					if rapid.Bool().Draw(t, "value") {
						k, v := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key"), rapid.SliceOfN(rapid.Byte(), 0, 5).Draw(t, "value")
						if err := tx.(*FileTx).Put(k, v); err != nil {
							t.Fatal(err)
						}
						if !drop {
							values[k] = v
						}
						continue
					}
					at, b := rapid.IntRange(0, 28).Draw(t, "offset"), rapid.SliceOfN(rapid.Byte(), 1, 4).Draw(t, "bytes")
					if err := tx.WriteAt(at, b); err != nil {
						t.Fatal(err)
					}
					if !drop {
						copy(piece[at:], b)
					}
				}
				end := tx.Commit
				if drop {
					end = tx.Rollback
				}
				if err := end(); err != nil {
					t.Fatal(err)
				}
			},
			"compact": func(t *rapid.T) {
				if err := s.compact(); err != nil {
					t.Fatal(err)
				}
			},
			"open again": func(t *rapid.T) {
				if err := s.Close(); err != nil {
					t.Fatal(err)
				}
				if s, err = OpenFileTxStore(path); err != nil {
					t.Fatal(err)
				}
			},
		}
		check := func(t *rapid.T) {
			got := make([]byte, 32)
			if err := s.ReadAt(0, got); err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(got, piece) {
				t.Fatalf("the peer's bytes are %x, not %x", got, piece)
			}
			for _, k := range []string{"a", "b"} {
				if !bytes.Equal(s.Get(k), values[k]) {
					t.Fatalf("%s is %x, not %x", k, s.Get(k), values[k])
				}
			}
		}
		for range rapid.IntRange(1, 8).Draw(t, "steps") {
			actions[rapid.SampledFrom([]string{"transaction", "transaction", "transaction", "compact", "open again"}).Draw(t, "action")](t)
			check(t)
		}
		_ = s.Close()
	})
}

// Bytes that are no store are no panic.
func FuzzTxFile(f *testing.F) {
	f.Add([]byte{})
	f.Add(batch(appendEntry(appendEntry(nil, "", 3, []byte{1, 2}), "k", 0, []byte{3})))
	f.Add(batch([]byte{1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255, 7}))
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "store")
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := OpenFileTxStore(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.WriteAt(0, []byte{5}); err != nil {
			t.Fatal(err)
		}
		_ = s.Close()
		if s, err = OpenFileTxStore(path); err != nil {
			t.Fatal(err)
		}
		got := []byte{0}
		if err := s.ReadAt(0, got); err != nil || got[0] != 5 {
			t.Fatalf("%v %v", got, err)
		}
		_ = s.Close()
	})
}
