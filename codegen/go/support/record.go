package support

// stable is memory that survives a crash. A write returns when it is durable.
type stable interface {
	read(offset int, b []byte) error
	write(offset int, b []byte) error
}

// record lies in one or two slots of {sequence, fields, CRC-16}. The newer of two sound slots counts.
type record struct {
	offset, slots, size int // of the first slot, number, bytes of each
	seed                uint16

	readable bool
	slot     int // that counts
	sequence uint8
}

// load gives the fields of the slot that counts; nil where none is sound.
func (r *record) load(m stable) ([]byte, error) {
	var fields []byte
	for i := range r.slots {
		b := make([]byte, r.size)
		if err := m.read(r.offset+i*r.size, b); err != nil {
			return nil, err
		}
		end := r.size - 2
		if crc16(r.seed, b[:end]) != uint16(b[end])<<8|uint16(b[end+1]) {
			continue
		}
		if r.readable && int8(b[0]-r.sequence) <= 0 {
			continue
		}
		r.readable, r.slot, r.sequence = true, i, b[0]
		fields = b[1:end]
	}
	return fields, nil
}

// committer is stable memory in which a write and what the handler that has returned did become durable in one step.
type committer interface {
	stable
	commit(offset int, b []byte) error
}

// together lets a record be stored with what the handler did.
type together struct{ committer }

func (t together) write(offset int, b []byte) error { return t.commit(offset, b) }

// store writes all fields into the slot that does not count; when it returns, that one does.
func (r *record) store(m stable, fields []byte) error {
	slot := 0
	if r.readable {
		slot = (r.slot + 1) % r.slots
	}
	sequence := r.sequence + 1
	b := append([]byte{sequence}, fields...)
	sum := crc16(r.seed, b)
	b = append(b, byte(sum>>8), byte(sum))
	if err := m.write(r.offset+slot*r.size, b); err != nil {
		return err
	}
	r.readable, r.slot, r.sequence = true, slot, sequence
	return nil
}
