package main

import (
	"context"
	"errors"
	"fmt"

	"rounds/go/minted"
)

type emitted struct{ peer *minted.Desk }

// reports writes down the answers that nobody waits for any more.
type reports struct{}

func (reports) StrikeAnswered(serial uint32, answer uint16) {
	note("late %d %d", serial, answer)
	step()
}

func open(s settings) (peer, error) {
	conn, to, err := bound(s.line)
	if err != nil {
		return nil, err
	}
	store, err := minted.OpenFileStore(s.store)
	if err != nil {
		return nil, err
	}
	p, err := minted.NewDesk(socket{conn}, to, memory{store}, reports{}, minted.WithSpeed(s.speed))
	return emitted{p}, err
}

func (e emitted) round(i int) (string, string, error) {
	return outcome(e.peer.Strike(context.Background(), uint32(i)))
}

func (e emitted) Close() error { return e.peer.Close() }

func (e emitted) ask() (string, string, bool, error) { return "", "", false, nil }

// outcome is the word for the end of a call. The error is of a peer that takes no calls any more.
func outcome(answer any, err error) (string, string, error) {
	for _, known := range []struct {
		err  error
		name string
	}{{minted.ErrTimedOut, "timed_out"}, {minted.ErrUnknown, "unknown"}} {
		if errors.Is(err, known.err) {
			return known.name, "-", nil
		}
	}
	return "answered", fmt.Sprint(answer), err
}
