package main

import (
	"bytes"
	"os"
)

// newFlash makes the file of a board's flash: what the firmware uses of it is erased.
func (b *board) newFlash(name string) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if closed := f.Close(); err == nil {
			err = closed
		}
	}()
	if b.keeps == inEEPROM {
		_, err := f.Write(bytes.Repeat([]byte{0xff}, eepromSize))
		return err
	}
	stride, size := int64(page), int64(pages*page+ledgerSize)
	switch b.keeps {
	case inMemory:
		size = memorySize
	case inChip:
		stride, size = chipsSector, chipSize
	}
	if err := f.Truncate(size); err != nil {
		return err
	}
	for i := range int64(pages) {
		if _, err := f.WriteAt(bytes.Repeat([]byte{0xff}, page), i*stride); err != nil {
			return err
		}
	}
	_, err = f.WriteAt(bytes.Repeat([]byte{0xff}, ledgerSize), pages*stride)
	return err
}
