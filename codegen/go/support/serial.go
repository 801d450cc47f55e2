package support

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

var errBusy = errors.New("the line is busy")

// serialLine carries datagrams over a port, one in a frame. Nothing here waits for the port but two goroutines, which the first
// read starts and closing the port ends.
type serialLine struct {
	port    io.ReadWriteCloser
	longest int
	in      chan []byte
	out     chan []byte
	closed  chan struct{}
	cut     chan struct{} // closed when the port has failed
	why     error         // of that, set before
	start   sync.Once
	working sync.WaitGroup
	broken  atomic.Uint64 // frames that were none
	unsent  atomic.Uint64 // frames that the port did not take

	mu       sync.Mutex
	deadline time.Time
	moved    chan struct{} // the deadline is another one
}

// newSerialLine expects datagrams of at most so many bytes.
func newSerialLine(port io.ReadWriteCloser, longest int) *serialLine {
	return &serialLine{port: port, longest: longest, in: make(chan []byte), out: make(chan []byte, 16),
		closed: make(chan struct{}), cut: make(chan struct{}), moved: make(chan struct{}, 1)}
}

// serialEnd is the address of who is at the other end.
type serialEnd struct{}

func (serialEnd) Network() string { return "serial" }
func (serialEnd) String() string  { return "the other end" }

// portError is why nothing comes any more. To the driver the connection is closed.
type portError struct{ error }

func (e portError) Unwrap() error        { return e.error }
func (e portError) Is(target error) bool { return target == net.ErrClosed }

// ReadFrom waits for a datagram until the deadline.
func (l *serialLine) ReadFrom(b []byte) (int, net.Addr, error) {
	l.start.Do(func() {
		l.working.Go(l.read)
		l.working.Go(l.write)
	})
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		l.mu.Lock()
		at := l.deadline
		l.mu.Unlock()
		if !at.IsZero() {
			wait := time.Until(at)
			if wait <= 0 {
				return 0, nil, os.ErrDeadlineExceeded
			}
			timer.Reset(wait)
		}
		select {
		case datagram := <-l.in:
			return copy(b, datagram), serialEnd{}, nil
		case <-l.cut:
			return 0, nil, l.why
		case <-timer.C:
		case <-l.moved:
		}
	}
}

// WriteTo hands a datagram over to the writing goroutine. A line that is too slow, or blocked, loses it.
func (l *serialLine) WriteTo(b []byte, _ net.Addr) (int, error) {
	select {
	case l.out <- frame(b):
		return len(b), nil
	default:
		return 0, errBusy
	}
}

// SetReadDeadline moves the deadline, under a reader too.
func (l *serialLine) SetReadDeadline(t time.Time) error {
	l.mu.Lock()
	l.deadline = t
	l.mu.Unlock()
	select {
	case l.moved <- struct{}{}:
	default:
	}
	return nil
}

func (l *serialLine) read() {
	d := newDeframer(l.longest)
	b := make([]byte, 256)
	for {
		n, err := l.port.Read(b)
		for _, x := range b[:n] {
			switch d.take(x) {
			case foundDatagram:
				select {
				case l.in <- append([]byte(nil), d.datagram...):
				case <-l.closed:
				}
			case foundBroken:
				l.broken.Add(1)
			}
		}
		if err != nil {
			l.why = portError{err}
			close(l.cut)
			return
		}
	}
}

// write begins with a zero: it ends what a crash or a noise has left of a frame, which would take the first one with it.
func (l *serialLine) write() {
	_, _ = l.port.Write([]byte{0})
	for {
		select {
		case f := <-l.out:
			if _, err := l.port.Write(f); err != nil {
				l.unsent.Add(1)
			}
		case <-l.closed:
			return
		}
	}
}

// close closes the port, and waits until nothing uses it any more.
func (l *serialLine) close() error {
	close(l.closed)
	err := l.port.Close()
	l.working.Wait()
	return err
}

// count adds what the line knows to what the driver does.
func (l *serialLine) count(s Stats) Stats {
	unsent := l.unsent.Load()
	s.Sent, s.SendFailed, s.Framing = s.Sent-unsent, s.SendFailed+unsent, l.broken.Load()
	return s
}
