package verify

// keySet is an open-addressing table from the key of a global state to its index, with linear probing.
type keySet struct {
	slots []uint32 // index + 1; 0: free
	keys  []uint64 // by index
}

func hashKey(k uint64) uint64 {
	k ^= k >> 32
	k *= 0x9e3779b97f4a7c15
	return k ^ k>>29
}

// add returns the index of a key, and whether it is new.
func (t *keySet) add(k uint64) (uint32, bool) {
	if 2*len(t.keys)+2 > len(t.slots) {
		t.grow()
	}
	mask := uint64(len(t.slots) - 1)
	h := hashKey(k) & mask
	for t.slots[h] != 0 {
		if i := t.slots[h] - 1; t.keys[i] == k {
			return i, false
		}
		h = (h + 1) & mask
	}
	t.keys = append(t.keys, k)
	t.slots[h] = uint32(len(t.keys))
	return uint32(len(t.keys) - 1), true
}

// find returns the index of a key that is there.
func (t *keySet) find(k uint64) (uint32, bool) {
	if len(t.keys) == 0 {
		return 0, false
	}
	mask := uint64(len(t.slots) - 1)
	for h := hashKey(k) & mask; t.slots[h] != 0; h = (h + 1) & mask {
		if i := t.slots[h] - 1; t.keys[i] == k {
			return i, true
		}
	}
	return 0, false
}

func (t *keySet) grow() {
	t.slots = make([]uint32, max(1<<10, 2*len(t.slots)))
	mask := uint64(len(t.slots) - 1)
	for i, k := range t.keys {
		h := hashKey(k) & mask
		for t.slots[h] != 0 {
			h = (h + 1) & mask
		}
		t.slots[h] = uint32(i + 1)
	}
}

// bytes of the table's memory.
func (t *keySet) bytes() int64 { return int64(4*cap(t.slots) + 8*cap(t.keys)) }
