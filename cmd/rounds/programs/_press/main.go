// The press in Go: the emitted peer over UDP, with the transactions of a store (openStore). Arguments: port, store, events, speed, last
// step, half; or: dump, store.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"

	"rounds/go/minted"
)

// ledger is where the coins are: by number, from 1, the serial of each.
type ledger interface {
	minted.TxStore
	// coins are those that are committed.
	coins() int
	// add adds a coin to a transaction.
	add(tx minted.Tx, number int, serial uint32) error
	serial(number int) uint32
}

// stepped is a ledger whose transactions take steps: before what the peer adds, before the commit, and after it.
type stepped struct{ ledger }

func (s stepped) Begin() (minted.Tx, error) {
	tx, err := s.ledger.Begin()
	return steppedTx{tx}, err
}

type steppedTx struct{ minted.Tx }

func (t steppedTx) WriteAt(offset int, p []byte) error {
	step()
	return t.Tx.WriteAt(offset, p)
}

func (t steppedTx) Commit() error {
	step()
	err := t.Tx.Commit()
	step()
	return err
}

type press struct{ ledger }

func (p press) Strike(_ context.Context, tx minted.Tx, serial uint32) (uint16, error) {
	n := p.coins() + 1
	step()
	note("run %d", serial)
	step()
	return uint16(n), p.add(tx.(steppedTx).Tx, n, serial)
}

func (p press) Stock(context.Context) uint16 { return uint16(p.coins()) }

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "press:", err)
		os.Exit(2)
	}
}

func run(args []string) error {
	store, err := openStore(args[1])
	if err != nil {
		return err
	}
	if args[0] == "dump" {
		for n := range store.coins() {
			fmt.Println(store.serial(n + 1))
		}
		return nil
	}
	events, err := os.OpenFile(args[2], os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	note = func(format string, args ...any) {
		if _, failed := fmt.Fprintf(events, "node "+format+"\n", args...); failed != nil {
			fmt.Fprintln(os.Stderr, "press:", failed)
			os.Exit(2)
		}
	}
	note("boot")
	speed, err := strconv.ParseFloat(args[3], 64)
	if err != nil {
		return err
	}
	if last, err = strconv.Atoi(args[4]); err != nil {
		return err
	}
	conn, err := net.ListenPacket("udp", "127.0.0.1:"+args[0])
	if err != nil {
		return err
	}
	return minted.ServePress(context.Background(), socket{conn}, stepped{store}, press{store}, minted.WithSpeed(speed))
}
