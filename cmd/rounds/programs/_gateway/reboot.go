package main

import (
	"context"
	"errors"
	"fmt"

	"rounds/go/reboot"
)

type emitted struct{ peer *reboot.Gateway }

func open(s settings) (peer, error) {
	conn, to, err := bound(s.line)
	if err != nil {
		return nil, err
	}
	store, err := reboot.OpenFileStore(s.store)
	if err != nil {
		return nil, err
	}
	p, err := reboot.NewGateway(socket{conn}, to, memory{store}, reboot.WithSpeed(s.speed))
	return emitted{p}, err
}

// The tickets count from 1: 0 is that of no reboot.
func (e emitted) round(i int) (string, string, error) {
	return outcome("-", e.peer.Reboot(context.Background(), uint16(i+1)))
}

func (e emitted) ask() (string, string, bool, error) {
	how, ticket, err := outcome(e.peer.Last(context.Background()))
	return how, ticket, true, err
}

// outcome is the word for the end of a call. The error is of a peer that takes no calls any more.
func outcome(answer any, err error) (string, string, error) {
	for _, known := range []struct {
		err  error
		name string
	}{{reboot.ErrTimedOut, "timed_out"}, {reboot.ErrUnknown, "unknown"}, {reboot.ErrPeerRestarted, "restarted"}, {reboot.ErrRefused, "refused"}} {
		if errors.Is(err, known.err) {
			return known.name, "-", nil
		}
	}
	return "answered", fmt.Sprint(answer), err
}
