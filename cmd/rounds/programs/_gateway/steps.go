package main

import (
	"io"
	"net"
	"os"
	"sync/atomic"
	"syscall"
)

// A step is a visible action of this process: bytes to the line or the network, a write to stable memory, the end of a call.
var (
	last  int // the step at which the process dies; 0: never
	half  bool
	steps atomic.Int64
	note  func(format string, args ...any) // writes down an event
)

// step counts a step that is no write.
func step() { _ = do("", nil, func([]byte) error { return nil }) }

// do takes a step that writes bytes, of which half may be all that is written: an event of that name.
func do(event string, b []byte, write func([]byte) error) error {
	if steps.Add(1) != int64(last) {
		return write(b)
	}
	if half && len(b) > 1 {
		_ = write(b[:len(b)/2])
		note(event)
	}
	_ = syscall.Kill(syscall.Getpid(), syscall.SIGKILL)
	select {}
}

// port is a line whose writes are steps.
type port struct{ io.ReadWriteCloser }

func (p port) Write(b []byte) (n int, err error) {
	err = do("cut", b, func(b []byte) error {
		n, err = p.ReadWriteCloser.Write(b)
		return err
	})
	return n, err
}

// socket is a socket whose datagrams are steps; each goes out whole or not at all.
type socket struct{ net.PacketConn }

func (s socket) WriteTo(b []byte, to net.Addr) (int, error) {
	step()
	return s.PacketConn.WriteTo(b, to)
}

// memory is a store whose writes are steps.
type memory struct {
	store interface {
		ReadAt(offset int, p []byte) error
		WriteAt(offset int, p []byte) error
	}
}

func (m memory) ReadAt(offset int, p []byte) error { return m.store.ReadAt(offset, p) }

func (m memory) WriteAt(offset int, p []byte) error {
	return do("torn", p, func(p []byte) error { return m.store.WriteAt(offset, p) })
}

// terminal opens a line that is raw already.
func terminal(name string) (io.ReadWriteCloser, error) {
	return os.OpenFile(name, os.O_RDWR|syscall.O_NOCTTY, 0)
}

// bound opens a socket, and finds the address of the node.
func bound(node string) (net.PacketConn, net.Addr, error) {
	to, err := net.ResolveUDPAddr("udp", node)
	if err != nil {
		return nil, nil, err
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	return conn, to, err
}
