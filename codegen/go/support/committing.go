package support

import "errors"

// TxStore is a Store in which the effect of a handler and the record of its call become durable in one step.
type TxStore interface {
	Store
	// Begin opens a transaction. One is open at a time.
	Begin() (Tx, error)
}

// Tx is a transaction of a TxStore. A handler adds its effect to it, in whatever way the store's own type has.
type Tx interface {
	// WriteAt is the store's, as a part of the transaction.
	WriteAt(offset int, p []byte) error
	// Commit returns when everything is durable; after a crash or an error all of it is, or nothing.
	Commit() error
	// Rollback drops everything.
	Rollback() error
}

// committing gives a store with transactions to a machine. The transaction is that of the handler that runs or has returned;
// it is used by the handlers' goroutine alone.
type committing struct {
	store TxStore
	tx    Tx
}

func (s *committing) read(offset int, b []byte) error  { return s.store.ReadAt(offset, b) }
func (s *committing) write(offset int, b []byte) error { return s.store.WriteAt(offset, b) }

// commit makes a record durable with what the handler did.
func (s *committing) commit(offset int, b []byte) error {
	tx := s.tx
	s.tx = nil
	if tx == nil {
		return errors.New("no handler has returned")
	}
	if err := tx.WriteAt(offset, b); err != nil {
		return errors.Join(err, tx.Rollback())
	}
	return tx.Commit()
}

// within runs a handler in a transaction, which stays open for commit. An error ends it, and the peer with it: what must run
// exactly once is neither given up nor called done.
func (s *committing) within(handler func(Tx) ([]byte, error)) ([]byte, error) {
	tx, err := s.store.Begin()
	if err != nil {
		return nil, fatal{err}
	}
	ans, err := handler(tx)
	if err != nil {
		return nil, fatal{errors.Join(err, tx.Rollback())}
	}
	s.tx = tx
	return ans, nil
}

// undo drops what a handler did whose end the machine did not take.
func (s *committing) undo() {
	if s.tx != nil {
		_ = s.tx.Rollback()
		s.tx = nil
	}
}
