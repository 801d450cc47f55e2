package main

import (
	"context"
	"errors"
	"fmt"

	"rounds/go/burn"
)

type emitted struct{ peer *burn.Host }

func open(s settings) (peer, error) {
	line, err := terminal(s.line)
	if err != nil {
		return nil, err
	}
	store, err := burn.OpenFileStore(s.store)
	if err != nil {
		return nil, err
	}
	p, err := burn.NewHost(port{line}, memory{store}, burn.WithSpeed(s.speed))
	return emitted{p}, err
}

func (e emitted) round(i int) (string, string, error) {
	return outcome(e.peer.Burn(context.Background(), uint8(i%32)))
}

func (e emitted) ask() (string, string, bool, error) { return "", "", false, nil }

// outcome is the word for the end of a call. The error is of a peer that takes no calls any more.
func outcome(answer any, err error) (string, string, error) {
	for _, known := range []struct {
		err  error
		name string
	}{{burn.ErrTimedOut, "timed_out"}, {burn.ErrUnknown, "unknown"}, {burn.ErrPeerRestarted, "restarted"}, {burn.ErrRefused, "refused"}} {
		if errors.Is(err, known.err) {
			return known.name, "-", nil
		}
	}
	return "answered", fmt.Sprint(answer), err
}
