package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"time"
)

// byHand is the caller as a careful engineer writes it: a number in each request, the first one at each start 1 or drawn at random,
// repeated with doubling pauses until the answer with that number comes. See hand.c for the frames.
type byHand struct {
	send    func(frame []byte)
	frames  chan []byte
	number  uint16
	first   time.Duration // pause; the longest is 16 of them
	program string
}

const (
	attempts   = 8
	effect     = 1
	question   = 2
	answerFlag = 0x80
)

func open(s settings) (peer, error) {
	h := &byHand{frames: make(chan []byte, 16), first: time.Duration(float64(pause) / s.speed), program: program}
	if s.drawn {
		h.number = uint16(rand.Uint32())
	}
	if !strings.HasPrefix(s.line, "/") {
		conn, to, err := bound(s.line)
		if err != nil {
			return nil, err
		}
		wrapped := socket{conn}
		h.send = func(f []byte) { _, _ = wrapped.WriteTo(f, to) }
		go h.readDatagrams(conn)
		return h, nil
	}
	line, err := terminal(s.line)
	if err != nil {
		return nil, err
	}
	wrapped := port{line}
	h.send = func(f []byte) { _, _ = wrapped.Write(stuffed(f)) }
	go h.readLine(line.(*os.File))
	return h, nil
}

func (h *byHand) readDatagrams(conn net.PacketConn) {
	for {
		b := make([]byte, 64)
		if n, _, err := conn.ReadFrom(b); err == nil {
			h.frames <- b[:n]
		}
	}
}

func (h *byHand) readLine(line *os.File) {
	b := make([]byte, 64)
	var rest []byte
	for {
		n, err := line.Read(b)
		if err != nil {
			return
		}
		parts := bytes.Split(append(rest, b[:n]...), []byte{0})
		for _, p := range parts[:len(parts)-1] {
			if f, ok := unstuffed(p); ok {
				h.frames <- f
			}
		}
		rest = bytes.Clone(parts[len(parts)-1])
	}
}

// call gives the result, or nil where no answer came.
func (h *byHand) call(method byte, arguments []byte) []byte {
	h.number++
	f := append(binary.LittleEndian.AppendUint16([]byte{method}, h.number), arguments...)
	f = binary.LittleEndian.AppendUint16(f, crc16(f))
	wait := h.first
	for range attempts {
		h.send(f)
		over := time.After(wait)
		for waiting := true; waiting; {
			select {
			case a := <-h.frames:
				if n := len(a) - 2; n >= 3 && crc16(a[:n]) == binary.LittleEndian.Uint16(a[n:]) && a[0] == method|answerFlag &&
					binary.LittleEndian.Uint16(a[1:]) == h.number {
					return a[3:n]
				}
			case <-over:
				waiting = false
			}
		}
		wait = min(2*wait, 16*h.first)
	}
	return nil
}

func (h *byHand) round(i int) (string, string, error) {
	var arguments []byte
	switch h.program {
	case "burn":
		arguments = []byte{byte(i % 32)}
	case "reboot":
		arguments = binary.LittleEndian.AppendUint16(nil, uint16(i+1))
	default:
		arguments = binary.LittleEndian.AppendUint16([]byte{byte(i % 16)}, uint16(i))
	}
	return h.word(h.call(effect, arguments))
}

func (h *byHand) ask() (string, string, bool, error) {
	if h.program != "reboot" {
		return "", "", false, nil
	}
	how, ticket, err := h.word(h.call(question, nil))
	return how, ticket, true, err
}

func (h *byHand) word(result []byte) (outcome, answer string, err error) {
	switch {
	case result == nil:
		return "failed", "-", nil
	case h.program == "burn" && len(result) == 1:
		return "answered", fmt.Sprint(result[0] != 0), nil
	case len(result) == 2:
		return "answered", fmt.Sprint(binary.LittleEndian.Uint16(result)), nil
	}
	return "failed", "-", nil
}

func crc16(b []byte) uint16 {
	c := uint16(0xffff)
	for _, x := range b {
		c ^= uint16(x) << 8
		for range 8 {
			if c&0x8000 != 0 {
				c = c<<1 ^ 0x1021
			} else {
				c <<= 1
			}
		}
	}
	return c
}

// stuffed is a short frame in consistent overhead byte stuffing, with the zero that ends it.
func stuffed(b []byte) []byte {
	var out []byte
	for _, run := range bytes.Split(b, []byte{0}) {
		out = append(append(out, byte(len(run)+1)), run...)
	}
	return append(out, 0)
}

func unstuffed(b []byte) (out []byte, ok bool) {
	for i := 0; i < len(b); {
		code := int(b[i])
		if i+code > len(b) {
			return nil, false
		}
		out = append(out, b[i+1:i+code]...)
		if i += code; i < len(b) {
			out = append(out, 0)
		}
	}
	return out, len(b) > 0
}
