package support

import (
	"context"
	"errors"
	"sync"
)

type calleeMachine interface {
	machine
	answer(ans []byte, now uint32) // the handler has ended
}

// callee drives a machine that is called. The handler runs in a goroutine of its own, one call after the other.
type callee struct {
	endpoint
	machine calleeMachine
	// handle runs a handler. An error says that its answer cannot be sent: to the machine it has ended, and its answer is
	// lost, however often it is sent. So other calls are served, and its caller learns in its own time that it may have run.
	handle func(ctx context.Context, f function, args []byte) ([]byte, error)
	jobs   chan job
	once   sync.Once
	// drop undoes what a handler did whose end the machine did not take; nil: there is nothing to undo.
	drop func()
}

// fatal is the error of a handler by which the peer stops.
type fatal struct{ error }

type job struct {
	fn   function
	args []byte
}

func (c *callee) begin(conn carrier, m calleeMachine, longest int, o options) error {
	c.machine = m
	c.jobs = make(chan job, 16)
	return c.open(conn, c.peer, m, longest, o)
}

// serve runs until ctx is over or the peer halts. It waits for the handler.
func (c *callee) serve(ctx context.Context) error {
	err := errors.New("served already")
	c.once.Do(func() { err = c.serveOnce(ctx) })
	return err
}

func (c *callee) serveOnce(ctx context.Context) error {
	ctx, cancel := context.WithCancelCause(ctx)
	unwatch := context.AfterFunc(ctx, func() { c.stop(context.Cause(ctx)) })
	defer unwatch()
	var worker sync.WaitGroup
	worker.Add(1)
	go func() {
		defer worker.Done()
		for {
			select {
			case <-ctx.Done():
				return
			case j := <-c.jobs:
				ans, err := c.handle(ctx, j.fn, j.args)
				if f, stops := err.(fatal); stops {
					c.stop(f.error)
					return
				}
				if ctx.Err() != nil { // the peer has stopped, as a crash does: what the handler says now is not sent
					c.undo()
					return
				}
				if err != nil {
					ans = nil
					c.alarm.Error("an answer out of its range is not sent", "call", j.fn, "error", err)
				}
				c.event(func(now uint32) {
					if err != nil {
						c.stats.Unanswered++
					}
					c.machine.answer(ans, now)
				})
				c.undo()
			}
		}
	}()
	err := c.run()
	cancel(err)
	worker.Wait()
	return err
}

func (c *callee) undo() {
	if c.drop != nil {
		c.drop()
	}
}

// invoke is told by the machine that a handler is to start.
func (c *callee) invoke(f function, args []byte) {
	c.asker = c.to
	select {
	case c.jobs <- job{f, args}:
	default: // as if the peer had crashed with its start
		c.log.Error("too many calls at once", "call", f)
	}
}
