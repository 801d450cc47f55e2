package faultlink

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

const (
	maxDatagram  = 64 << 10
	socketBuffer = 4 << 20 // the kernel's own drops would be losses that nobody declared
	retryRead    = time.Millisecond
)

// Link relays datagrams between two peers over UDP, with the faults of its Config.
// Its methods may be called concurrently.
type Link struct {
	a, b       *side
	aToB, bToA *direction
	done       chan struct{}
	closing    sync.Once
	running    sync.WaitGroup
}

// side is a socket that one peer sends to and receives from.
type side struct {
	conn  *net.UDPConn
	fixed bool
	peer  atomic.Pointer[netip.AddrPort] // nil before the peer is known
}

// direction moves datagrams from one side to the other through a lane.
type direction struct {
	from, to *side
	wake     chan struct{} // holds a token after the lane got a datagram

	mu     sync.Mutex // guards what follows
	lane   *Lane
	noPeer uint64
}

// Listen opens both sides and starts to relay. The error says what is wrong with c, or which address cannot be used.
func Listen(c Config) (*Link, error) {
	laneAB, laneBA, err := c.Lanes()
	if err != nil {
		return nil, err
	}
	a, err := openSide(c.ListenA, c.PeerA)
	if err != nil {
		return nil, fmt.Errorf("side A: %w", err)
	}
	b, err := openSide(c.ListenB, c.PeerB)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("side B: %w", err), a.conn.Close())
	}
	l := &Link{
		a: a, b: b,
		aToB: &direction{from: a, to: b, lane: laneAB, wake: make(chan struct{}, 1)},
		bToA: &direction{from: b, to: a, lane: laneBA, wake: make(chan struct{}, 1)},
		done: make(chan struct{}),
	}
	for _, d := range []*direction{l.aToB, l.bToA} {
		l.running.Go(func() { d.receive(l.done) })
		l.running.Go(func() { d.forward(l.done) })
	}
	return l, nil
}

func openSide(listen, peer string) (*side, error) {
	if listen == "" {
		listen = "127.0.0.1:0"
	}
	s := &side{fixed: peer != ""}
	if s.fixed {
		addr, err := net.ResolveUDPAddr("udp", peer)
		if err != nil {
			return nil, err
		}
		to := unmapped(addr.AddrPort())
		s.peer.Store(&to)
	}
	local, err := net.ResolveUDPAddr("udp", listen)
	if err != nil {
		return nil, err
	}
	if s.conn, err = net.ListenUDP("udp", local); err != nil {
		return nil, err
	}
	// Best effort: the kernel may grant less.
	_ = s.conn.SetReadBuffer(socketBuffer)
	_ = s.conn.SetWriteBuffer(socketBuffer)
	return s, nil
}

func unmapped(a netip.AddrPort) netip.AddrPort {
	return netip.AddrPortFrom(a.Addr().Unmap(), a.Port())
}

// AddrA is where the peer of side A sends to.
func (l *Link) AddrA() *net.UDPAddr { return l.a.conn.LocalAddr().(*net.UDPAddr) }

// AddrB is where the peer of side B sends to.
func (l *Link) AddrB() *net.UDPAddr { return l.b.conn.LocalAddr().(*net.UDPAddr) }

// Counters returns what either direction did so far.
func (l *Link) Counters() (aToB, bToA Counters) {
	return l.aToB.counters(), l.bToA.counters()
}

// Close drops what is in flight, closes the sockets and returns when every goroutine has ended. Only the first call
// can fail.
func (l *Link) Close() error {
	var err error
	l.closing.Do(func() {
		close(l.done)
		err = errors.Join(l.a.conn.Close(), l.b.conn.Close())
	})
	l.running.Wait()
	return err
}

// receive hands what the peer sends to the lane until the socket is closed.
func (d *direction) receive(done <-chan struct{}) {
	buffer := make([]byte, maxDatagram)
	for {
		n, from, err := d.from.conn.ReadFromUDPAddrPort(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// A report about an earlier datagram of ours, such as an unreachable port: the peer is down, and may return.
			select {
			case <-done:
				return
			case <-time.After(retryRead):
			}
			continue
		}
		d.from.heard(unmapped(from))
		d.mu.Lock()
		d.lane.Send(time.Now(), buffer[:n])
		d.mu.Unlock()
		select {
		case d.wake <- struct{}{}:
		default:
		}
	}
}

// heard remembers where the peer is now: one that was killed comes back on another port.
func (s *side) heard(from netip.AddrPort) {
	if s.fixed {
		return
	}
	if known := s.peer.Load(); known == nil || *known != from {
		s.peer.Store(&from)
	}
}

// forward sends what is due, then sleeps until the next arrival or the next datagram.
// Nothing else writes in this direction, so the lane's order is the order on the wire.
func (d *direction) forward(done <-chan struct{}) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		d.mu.Lock()
		due := d.lane.Due(time.Now())
		next, more := d.lane.Next()
		d.mu.Unlock()
		for _, datagram := range due {
			d.deliver(datagram)
		}
		var arrival <-chan time.Time
		if more {
			timer.Reset(time.Until(next))
			arrival = timer.C
		}
		select {
		case <-done:
			return
		case <-d.wake:
		case <-arrival:
		}
	}
}

func (d *direction) deliver(datagram []byte) {
	if to := d.to.peer.Load(); to != nil {
		if _, err := d.to.conn.WriteToUDPAddrPort(datagram, *to); err == nil {
			return
		}
	}
	d.mu.Lock()
	d.noPeer++
	d.mu.Unlock()
}

func (d *direction) counters() Counters {
	d.mu.Lock()
	defer d.mu.Unlock()
	c := d.lane.Counters()
	c.NoPeer = d.noPeer
	return c
}
