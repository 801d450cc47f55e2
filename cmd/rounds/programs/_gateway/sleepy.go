package main

import (
	"context"
	"errors"
	"fmt"

	"rounds/go/sleepy"
)

type emitted struct{ peer *sleepy.Gateway }

func open(s settings) (peer, error) {
	conn, to, err := bound(s.line)
	if err != nil {
		return nil, err
	}
	store, err := sleepy.OpenFileStore(s.store)
	if err != nil {
		return nil, err
	}
	p, err := sleepy.NewGateway(socket{conn}, to, memory{store}, sleepy.WithSpeed(s.speed))
	return emitted{p}, err
}

func (e emitted) round(i int) (string, string, error) {
	return outcome(e.peer.Turn(context.Background(), uint8(i%16), uint16(i)))
}

func (e emitted) ask() (string, string, bool, error) { return "", "", false, nil }

// outcome is the word for the end of a call. The error is of a peer that takes no calls any more.
func outcome(answer any, err error) (string, string, error) {
	for _, known := range []struct {
		err  error
		name string
	}{{sleepy.ErrTimedOut, "timed_out"}, {sleepy.ErrUnknown, "unknown"}, {sleepy.ErrPeerRestarted, "restarted"}, {sleepy.ErrRefused, "refused"}} {
		if errors.Is(err, known.err) {
			return known.name, "-", nil
		}
	}
	return "answered", fmt.Sprint(answer), err
}
