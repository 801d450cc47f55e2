package main

import (
	"net"
	"sync"
	"time"
)

// uart is the firmware's end of a line, which another emulator takes after each death.
type uart struct {
	take func([]byte) // what the firmware sent, in order
	cut  func()       // the firmware has died; nil: nothing is to be done

	mu    sync.Mutex // guards what follows
	conn  net.Conn   // nil: the firmware is dead
	ready bool       // it has sent its first byte, and listens
}

// attach takes the connection of a new life.
func (u *uart) attach(conn net.Conn) {
	u.mu.Lock()
	u.conn, u.ready = conn, false
	u.mu.Unlock()
	go func() {
		defer u.detach(conn)
		b := make([]byte, 256)
		for {
			n, err := conn.Read(b)
			if err != nil {
				return
			}
			u.mu.Lock()
			u.ready = u.ready || u.conn == conn
			u.mu.Unlock()
			u.take(b[:n])
		}
	}()
}

func (u *uart) detach(conn net.Conn) {
	_ = conn.Close()
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.conn == conn {
		u.conn, u.ready = nil, false
		if u.cut != nil {
			u.cut()
		}
	}
}

// write gives the firmware bytes, or loses them: where it is dead, does not listen yet, or has stopped listening.
func (u *uart) write(b []byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.conn == nil || !u.ready || len(b) == 0 {
		return
	}
	_ = u.conn.SetWriteDeadline(time.Now().Add(time.Second))
	_, _ = u.conn.Write(b)
}

// listening reports whether a life has begun to listen.
func (u *uart) listening() bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.ready
}
