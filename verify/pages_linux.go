package verify

import (
	"sync"
	"syscall"
	"unsafe"
)

// hugePages is what Linux calls MADV_HUGEPAGE.
const hugePages = 14

// pages gets n zeroed words outside the heap, in huge pages where the system gives them: a table that is read at random
// otherwise spends a good part of its time on looking its pages up.
func pages(n int) []uint64 {
	if n < 1<<15 {
		return make([]uint64, n)
	}
	b, err := syscall.Mmap(-1, 0, n*8, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return make([]uint64, n)
	}
	syscall.Madvise(b, hugePages)
	w := unsafe.Slice((*uint64)(unsafe.Pointer(&b[0])), n)
	mapped.Store(&w[0], b)
	return w
}

// freePages gives back what pages got. The words are not used any more.
func freePages(w []uint64) {
	if len(w) == 0 {
		return
	}
	if b, ok := mapped.LoadAndDelete(&w[0]); ok {
		syscall.Munmap(b.([]byte))
	}
}

// mapped has the mappings by their first word.
var mapped sync.Map
