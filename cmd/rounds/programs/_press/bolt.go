package main

import (
	"encoding/binary"

	bolt "go.etcd.io/bbolt"

	"rounds/go/minted"
)

// database is a ledger in a database of the program's own, which the peer's bytes are in too.
type database struct{ db *bolt.DB }

// transaction is one of bbolt's, which commits and rolls back.
type transaction struct{ *bolt.Tx }

var peerBucket, coinBucket, bytesKey = []byte("peer"), []byte("coins"), []byte("bytes")

func openStore(path string) (ledger, error) {
	db, err := bolt.Open(path, 0o600, nil)
	if err != nil {
		return nil, err
	}
	return database{db}, db.Update(func(tx *bolt.Tx) error {
		if _, err := tx.CreateBucketIfNotExists(peerBucket); err != nil {
			return err
		}
		_, err := tx.CreateBucketIfNotExists(coinBucket)
		return err
	})
}

func (d database) Begin() (minted.Tx, error) {
	tx, err := d.db.Begin(true)
	return transaction{tx}, err
}

func (t transaction) WriteAt(offset int, p []byte) error {
	bucket := t.Bucket(peerBucket)
	b := append([]byte(nil), bucket.Get(bytesKey)...)
	for len(b) < offset+len(p) {
		b = append(b, 0xff)
	}
	copy(b[offset:], p)
	return bucket.Put(bytesKey, b)
}

func (d database) WriteAt(offset int, p []byte) error {
	return d.db.Update(func(tx *bolt.Tx) error { return transaction{tx}.WriteAt(offset, p) })
}

func (d database) ReadAt(offset int, p []byte) error {
	return d.db.View(func(tx *bolt.Tx) error {
		b := tx.Bucket(peerBucket).Get(bytesKey)
		for i := range p {
			p[i] = 0xff
			if offset+i < len(b) {
				p[i] = b[offset+i]
			}
		}
		return nil
	})
}

func (d database) coins() (n int) {
	_ = d.db.View(func(tx *bolt.Tx) error {
		n = tx.Bucket(coinBucket).Stats().KeyN
		return nil
	})
	return n
}

func (d database) serial(number int) (serial uint32) {
	_ = d.db.View(func(tx *bolt.Tx) error {
		serial = binary.BigEndian.Uint32(tx.Bucket(coinBucket).Get(key(number)))
		return nil
	})
	return serial
}

func (d database) add(tx minted.Tx, number int, serial uint32) error {
	return tx.(transaction).Bucket(coinBucket).Put(key(number), binary.BigEndian.AppendUint32(nil, serial))
}

func key(number int) []byte { return binary.BigEndian.AppendUint32(nil, uint32(number)) }
