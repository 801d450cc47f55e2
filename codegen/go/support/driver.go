package support

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"os"
	"sync"
	"time"
)

// ErrClosed: the peer was closed.
var ErrClosed = errors.New("peer closed")

// Option changes how a peer is driven.
type Option func(*options)

type options struct {
	speed float64
	log   *slog.Logger
	alarm *slog.Logger // of what must not go unheard: a mistake of the program's own
}

// WithSpeed lets the peer's clock run faster than the world's by a factor, so that every timer is shorter.
// It is for demonstrations and tests.
func WithSpeed(factor float64) Option { return func(o *options) { o.speed = factor } }

// WithLogger logs what the peer does, datagrams and timers at the debug level. Without it nothing is logged but mistakes
// of the program's own, by slog.Default.
func WithLogger(log *slog.Logger) Option { return func(o *options) { o.log = log } }

func settings(opts []Option) (options, error) {
	o := options{speed: 1}
	for _, opt := range opts {
		opt(&o)
	}
	o.alarm = o.log
	if o.alarm == nil {
		o.alarm = slog.Default()
	}
	if !(o.speed > 0) || math.IsInf(o.speed, 0) {
		return o, fmt.Errorf("speed %v is not a positive number", o.speed)
	}
	if o.log == nil {
		o.log = slog.New(slog.DiscardHandler)
	}
	return o, nil
}

// Stats counts datagrams since the start.
type Stats struct {
	Sent       uint64
	SendFailed uint64 // the system took none
	Received   uint64 // and handed to the machine
	ReadFailed uint64
	// Dropped, with nothing done:
	Foreign  uint64 // not from the peer's address
	Length   uint64 // shorter or longer than its kind can be
	Kind     uint64 // no kind that this peer receives
	Checksum uint64 // altered on the way
	Value    uint64 // a value out of its range, or padding that is not zero
	Framing  uint64 // serial: what stood between two zeros and is no frame, or is longer than any
	// Handlers whose answer was out of its range: it is not sent, and its caller's time runs out.
	Unanswered uint64
	// Breaches of assertions of the machine's own.
	Breaches uint64
}

// machine is what the drivers need of a core.
type machine interface {
	start(now uint32) error
	receive(datagram []byte, now uint32) drop
	poll(now uint32)
	next() (due uint32, any bool)
	halted() error // nil: it has not
}

// clock counts milliseconds of the peer, which wrap.
type clock struct {
	origin time.Time
	speed  float64
}

func (c clock) now() uint32 {
	return uint32(uint64(float64(time.Since(c.origin)) / float64(time.Millisecond) * c.speed))
}

// until gives the world's time when the peer's clock shows due.
func (c clock) until(due uint32) time.Time {
	wait := max(0, int32(due-c.now()))
	return time.Now().Add(time.Duration(float64(wait) * float64(time.Millisecond) / c.speed))
}

// carrier is what of a net.PacketConn is used.
type carrier interface {
	ReadFrom(b []byte) (n int, from net.Addr, err error)
	WriteTo(b []byte, to net.Addr) (n int, err error)
	SetReadDeadline(t time.Time) error
}

// endpoint runs a machine on a connection. One goroutine reads; the read deadline is the machine's next timer, so a
// change of the timers by another goroutine moves the deadline under the reader.
type endpoint struct {
	mu    sync.Mutex // guards everything below, and the machine
	conn  carrier
	peer  net.Addr // nil: datagrams come from anywhere
	asker net.Addr // with no peer: who sent the request that runs or ran last
	to    net.Addr // where datagrams go
	core  machine
	clock clock
	log   *slog.Logger
	alarm *slog.Logger
	stats Stats
	after func() // follows each event, locked
	cause error  // why it stops; nil: it runs
	freed bool   // it has stopped, and the connection is the program's again

	close   func() error // serial: the port
	longest int          // datagram that the machine receives, bytes
}

func (e *endpoint) open(conn carrier, peer net.Addr, core machine, longest int, o options) error {
	e.conn, e.peer, e.to, e.core, e.longest, e.log, e.alarm = conn, peer, peer, core, longest, o.log, o.alarm
	e.clock = clock{time.Now(), o.speed}
	if err := core.start(e.clock.now()); err != nil {
		return err
	}
	return core.halted()
}

// run reads until the endpoint stops and says why.
func (e *endpoint) run() error {
	defer e.close() // serial: it is this peer's own
	defer e.release()
	e.event(func(uint32) {})
	b := make([]byte, e.longest+1) // one more, so that a longer datagram is seen to be too long
	for {
		n, from, err := e.conn.ReadFrom(b)
		stop := e.event(func(now uint32) {
			switch {
			case err == nil:
				e.receive(b[:n], from, now)
			case errors.Is(err, os.ErrDeadlineExceeded):
			case errors.Is(err, net.ErrClosed):
				e.cause = err
			default:
				e.stats.ReadFailed++
				e.log.Warn("read failed", "error", err)
			}
		})
		if stop != nil {
			return stop
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			time.Sleep(10 * time.Millisecond) // a failure that lasts must not spin
		}
	}
}

// release leaves the connection as it was found.
func (e *endpoint) release() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.freed = true
	_ = e.conn.SetReadDeadline(time.Time{})
}

// event gives the machine an event and the timers that are due, and sets the next deadline. It reports why the
// endpoint stops, if it does.
func (e *endpoint) event(do func(now uint32)) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cause == nil {
		now := e.clock.now()
		do(now)
		e.core.poll(now)
		if err := e.core.halted(); err != nil && e.cause == nil {
			e.cause = err
		}
		if e.after != nil {
			e.after()
		}
	}
	e.arm()
	return e.cause
}

// arm sets the read deadline: the next timer, an hour at most, and the past when the endpoint stops.
func (e *endpoint) arm() {
	if e.freed {
		return
	}
	deadline := time.Now().Add(time.Hour)
	if due, any := e.core.next(); any {
		if at := e.clock.until(due); at.Before(deadline) {
			deadline = at
		}
	}
	if e.cause != nil {
		deadline = time.Unix(1, 0)
	}
	_ = e.conn.SetReadDeadline(deadline) // it fails only on a closed connection, which the reader sees
}

// stop makes run return.
func (e *endpoint) stop(cause error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.cause == nil {
		e.cause = cause
	}
	e.arm()
}

func (e *endpoint) receive(datagram []byte, from net.Addr, now uint32) {
	if e.peer != nil && !sameAddr(from, e.peer) {
		e.stats.Foreign++
		return
	}
	if e.peer == nil { // what is sent at once goes back; what is sent later, to who is served
		e.to = from
		defer func() { e.to = e.asker }()
	}
	why := e.core.receive(datagram, now)
	switch why {
	case kept:
		e.stats.Received++
		return
	case dropLength:
		e.stats.Length++
	case dropKind:
		e.stats.Kind++
	case dropChecksum:
		e.stats.Checksum++
	case dropValue:
		e.stats.Value++
	}
	e.log.Debug("datagram dropped", "reason", why, "bytes", len(datagram))
}

func (e *endpoint) transmit(datagram []byte) {
	if len(datagram) == 0 { // an answer that cannot be sent
		return
	}
	if e.to == nil {
		e.stats.SendFailed++
		return
	}
	if _, err := e.conn.WriteTo(datagram, e.to); err != nil {
		e.stats.SendFailed++ // the network lost it
		e.log.Debug("datagram not sent", "error", err)
		return
	}
	e.stats.Sent++
	e.log.Debug("datagram sent", "bytes", len(datagram))
}

// What the machine tells, for the log.

func (e *endpoint) started(timer string, after uint32) {
	e.log.Debug("timer started", "timer", timer, "ms", after)
}

func (e *endpoint) cancelled(timer string) { e.log.Debug("timer cancelled", "timer", timer) }

func (e *endpoint) noted(what string, f function) { e.log.Info(what, "call", f) }

func (e *endpoint) breached(assertion string) {
	e.stats.Breaches++
	e.log.Error("assertion breached", "assertion", assertion)
}

func (e *endpoint) readStats() Stats {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.stats
}

func sameAddr(a, b net.Addr) bool {
	if a == nil || b == nil {
		return false
	}
	x, ok := a.(*net.UDPAddr)
	y, ok2 := b.(*net.UDPAddr)
	if !ok || !ok2 {
		return a.Network() == b.Network() && a.String() == b.String()
	}
	p, q := x.AddrPort(), y.AddrPort()
	return p.Port() == q.Port() && p.Addr().Unmap() == q.Addr().Unmap()
}
