package support

import (
	"context"
	"errors"
	"net"
	"slices"
)

// How a call ended without an answer; errors.Is finds them in a CallError.
var (
	// ErrRefused: it never ran and never will.
	ErrRefused = errors.New("refused")
	// ErrTimedOut: its time is over. An effect has not run and will not.
	ErrTimedOut = errors.New("timed out")
	// ErrUnknown: it may have run, and may still run until a call that is made later starts.
	ErrUnknown = errors.New("unknown")
	// ErrPeerRestarted: it may have run, and will not run any more.
	ErrPeerRestarted = errors.New("peer restarted")
	// ErrBadArgument: an argument is out of its range; nothing was sent.
	ErrBadArgument = errors.New("bad argument")
)

// CallError tells how a call ended without an answer.
type CallError struct {
	Call    string
	Outcome error // ErrRefused, ErrTimedOut, ErrUnknown, ErrPeerRestarted or ErrBadArgument
	Cause   error // nil where the outcome says all
}

func (e *CallError) Error() string {
	s := e.Call + ": " + e.Outcome.Error()
	if e.Cause != nil {
		s += ": " + e.Cause.Error()
	}
	return s
}

// Unwrap gives the outcome and the cause.
func (e *CallError) Unwrap() []error {
	if e.Cause == nil {
		return []error{e.Outcome}
	}
	return []error{e.Outcome, e.Cause}
}

// Pending is a call that was made and may not have ended.
type Pending[T any] struct {
	driver *caller
	call   *pending
	decode func([]byte) (T, drop)
}

// Done is closed when the call has ended.
func (p *Pending[T]) Done() <-chan struct{} { return p.call.done }

// Wait waits for the end of the call. When ctx is over first, the call is abandoned: it is refused where nothing was
// sent yet, and unknown otherwise.
func (p *Pending[T]) Wait(ctx context.Context) (T, error) {
	select {
	case <-p.call.done:
	default:
		select {
		case <-p.call.done:
		case <-ctx.Done():
			p.driver.abandon(p.call, ctx.Err())
		}
	}
	var none T
	if p.call.err != nil {
		return none, p.call.err
	}
	v, why := p.decode(p.call.answer)
	if why != kept { // the codec lets no such answer through
		return none, &CallError{p.call.fn.String(), ErrUnknown, errors.New(why.String())}
	}
	return v, nil
}

// await makes a call, unless ctx is over already, and waits for its end.
func await[T any](ctx context.Context, f function, call func() *Pending[T]) (T, error) {
	if err := ctx.Err(); err != nil {
		var none T
		return none, &CallError{f.String(), ErrRefused, err}
	}
	return call().Wait(ctx)
}

// pending is a call in the queue or in the lane; answer and err are set before done is closed.
type pending struct {
	fn     function
	args   []byte
	done   chan struct{}
	answer []byte
	err    error
}

func (p *pending) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

func (p *pending) end(answer []byte, outcome, cause error) {
	if p.ended() {
		return
	}
	p.answer = answer
	if outcome != nil {
		p.err = &CallError{p.fn.String(), outcome, cause}
	}
	close(p.done)
}

type callerMachine interface {
	machine
	call(f function, args []byte, now uint32) bool // false: another call is outstanding
}

// caller drives a machine that calls, as many at a time as it takes; others wait in their order.
type caller struct {
	endpoint
	machine callerMachine
	lanes   []*pending // those that are outstanding, in the order in which they were made
	queue   []*pending
	over    chan struct{} // closed when run has returned
}

// begin starts the machine and the goroutine that reads.
func (c *caller) begin(conn carrier, peer net.Addr, m callerMachine, longest int, o options) error {
	if peer == nil {
		return errors.New("no address of the peer")
	}
	c.machine = m
	c.over = make(chan struct{})
	c.after = c.pump
	if err := c.open(conn, peer, m, longest, o); err != nil {
		return err
	}
	go func() {
		defer close(c.over)
		_ = c.run()
		c.mu.Lock()
		defer c.mu.Unlock()
		for _, p := range c.lanes {
			p.end(nil, ErrUnknown, c.cause)
		}
		c.lanes = nil
		for _, p := range c.queue {
			p.end(nil, ErrRefused, c.cause)
		}
		c.queue = nil
	}()
	return nil
}

// enqueue puts a call into the queue; argument is what was wrong with its arguments.
func (c *caller) enqueue(f function, args []byte, argument error) *pending {
	if cap(args) == 0 {
		args = make([]byte, 0, 1) // memory of its own, by which the call is known
	}
	p := &pending{fn: f, args: args, done: make(chan struct{})}
	if argument != nil {
		p.end(nil, ErrBadArgument, argument)
		return p
	}
	if cause := c.event(func(uint32) { c.queue = append(c.queue, p) }); cause != nil && !c.knows(p) {
		p.end(nil, ErrRefused, cause)
	}
	return p
}

func (c *caller) knows(p *pending) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Contains(c.lanes, p) || p.ended() || slices.Contains(c.queue, p)
}

// pump takes the next calls from the queue when the machine takes them. It runs locked.
func (c *caller) pump() {
	for len(c.queue) > 0 && c.cause == nil {
		p := c.queue[0]
		c.lanes = append(c.lanes, p)
		if !c.machine.call(p.fn, p.args, c.clock.now()) {
			c.lanes = c.lanes[:len(c.lanes)-1]
			return
		}
		c.queue = c.queue[1:]
		if err := c.machine.halted(); err != nil {
			c.cause = err
		}
	}
}

// complete is told by the machine that the outstanding call has ended.
func (c *caller) complete(o outcome, f function, answer []byte) {
	if len(c.lanes) > 0 {
		c.end(c.lanes[0], o, f, answer)
	}
}

// end of a call that is outstanding; nil: of none.
func (c *caller) end(p *pending, o outcome, f function, answer []byte) {
	i := slices.Index(c.lanes, p)
	if i < 0 {
		return
	}
	c.lanes = slices.Delete(c.lanes, i, i+1)
	switch o {
	case outcomeAnswer:
		p.end(answer, nil, nil)
	case outcomeRefused:
		p.end(nil, ErrRefused, nil)
	case outcomeTimedOut:
		p.end(nil, ErrTimedOut, nil)
	case outcomePeerRestarted:
		p.end(nil, ErrPeerRestarted, nil)
	default:
		p.end(nil, ErrUnknown, nil)
	}
	c.log.Debug("call ended", "call", f, "error", p.err)
}

// abandon ends a call for who waits. Its lane stays busy until the machine's end, so that the next call cannot take
// the old answer.
func (c *caller) abandon(p *pending, cause error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.Index(c.queue, p); i >= 0 {
		c.queue = slices.Delete(c.queue, i, i+1)
		p.end(nil, ErrRefused, cause)
		return
	}
	p.end(nil, ErrUnknown, cause)
}

// shut stops the driver and waits for its goroutine.
func (c *caller) shut() {
	c.stop(ErrClosed)
	<-c.over
}
