package main

import (
	"encoding/binary"
	"fmt"

	"rounds/go/minted"
)

// files is a ledger in the write-ahead file that comes with the emitted code.
type files struct{ *minted.FileTxStore }

func openStore(path string) (ledger, error) {
	s, err := minted.OpenFileTxStore(path)
	return files{s}, err
}

func (f files) coins() int {
	b := f.Get("coins")
	if b == nil {
		return 0
	}
	return int(binary.BigEndian.Uint32(b))
}

func (f files) serial(number int) uint32 {
	return binary.BigEndian.Uint32(f.Get(fmt.Sprint("coin ", number)))
}

func (f files) add(tx minted.Tx, number int, serial uint32) error {
	t := tx.(*minted.FileTx)
	if err := t.Put("coins", binary.BigEndian.AppendUint32(nil, uint32(number))); err != nil {
		return err
	}
	return t.Put(fmt.Sprint("coin ", number), binary.BigEndian.AppendUint32(nil, serial))
}
