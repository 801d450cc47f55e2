package main

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"strings"
	"sync"
	"time"

	"sprocketc/codegen"
	"sprocketc/compile"
	"sprocketc/compile/simulate"
	"sprocketc/faultlink"
)

// line joins the caller with the firmware's UART.
type line struct {
	caller string // what the caller opens: a socket's file, or an address
	uart   uart
	harm   func() harm
	close  func()
}

// harm is what befell what was sent, in both directions: bytes of a serial line, or datagrams.
type harm struct {
	bytes, bytesLost, bytesAltered, bytesAdded      uint64
	datagrams, lost, repeated, overtaken, corrupted uint64
}

func (h harm) plus(x harm) harm {
	return harm{h.bytes + x.bytes, h.bytesLost + x.bytesLost, h.bytesAltered + x.bytesAltered, h.bytesAdded + x.bytesAdded,
		h.datagrams + x.datagrams, h.lost + x.lost, h.repeated + x.repeated, h.overtaken + x.overtaken, h.corrupted + x.corrupted}
}

func (h harm) String() string {
	n := func(x uint64) string { return compile.Count(int(x)) }
	var parts []string
	if h.bytes > 0 {
		parts = append(parts, fmt.Sprintf("of %s bytes on serial lines %s were lost, %s altered, %s added", n(h.bytes), n(h.bytesLost), n(h.bytesAltered), n(h.bytesAdded)))
	}
	if h.datagrams > 0 {
		parts = append(parts, fmt.Sprintf("of %s datagrams %s were lost, %s repeated, %s overtaken, %s altered", n(h.datagrams), n(h.lost), n(h.repeated), n(h.overtaken), n(h.corrupted)))
	}
	return strings.Join(parts, "; ")
}

// newLine opens a line that is as bad as the program says.
func (p *program) newLine(dir string, seed uint64, speed int) (*line, error) {
	if p.serial() {
		return p.wire(dir+"/line", seed, speed)
	}
	return p.radio(seed, speed)
}

// frameBytes is how long the frames on a serial line of the corpus are, about: what turns a share of frames into one of bytes.
const frameBytes = 11

// wire is a serial line: two lanes of bytes, and the delays of the program.
func (p *program) wire(socket string, seed uint64, speed int) (*line, error) {
	faults := simulate.Defaults(p.r.Plan).Faults
	each := (1 - math.Pow(1-faults.Lose, 1.0/frameBytes)) / 3
	var lanes [2]*faultlink.ByteLane // to the firmware and from it
	var delays [2]*rand.Rand
	for i := range lanes {
		var err error
		if lanes[i], err = faultlink.NewByteLane(faultlink.ByteFaults{Lose: each, Add: each, Alter: each}, 2*seed+uint64(i)); err != nil {
			return nil, err
		}
		delays[i] = rand.New(rand.NewPCG(seed, uint64(i)))
	}
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	var mu sync.Mutex // guards the lanes and the caller's connection
	var caller net.Conn
	pass := func(i int, b []byte) []byte {
		mu.Lock()
		arrives := lanes[i].Pass(b)
		mu.Unlock()
		time.Sleep((faults.DelayMin + time.Duration(delays[i].Int64N(int64(faults.DelayMax-faults.DelayMin)+1))) / time.Duration(speed))
		return arrives
	}
	l := &line{caller: socket}
	l.uart.take = func(b []byte) {
		arrives := pass(1, b)
		mu.Lock()
		conn := caller
		mu.Unlock()
		if conn != nil {
			_, _ = conn.Write(arrives)
		}
	}
	var carrier sync.WaitGroup
	carrier.Go(func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		mu.Lock()
		caller = conn
		mu.Unlock()
		b := make([]byte, 256)
		for {
			n, err := conn.Read(b)
			if err != nil {
				return
			}
			l.uart.write(pass(0, b[:n]))
		}
	})
	l.close = func() {
		_ = listener.Close()
		mu.Lock()
		if caller != nil {
			_ = caller.Close()
		}
		mu.Unlock()
		carrier.Wait()
	}
	l.harm = func() harm {
		mu.Lock()
		defer mu.Unlock()
		a, b := lanes[0].Counters(), lanes[1].Counters()
		return harm{bytes: a.Sent + b.Sent, bytesLost: a.Lost + b.Lost, bytesAltered: a.Altered + b.Altered, bytesAdded: a.Added + b.Added}
	}
	return l, nil
}

// radio is a faulty link over UDP, and a modem at its other end, which puts each datagram that comes into a frame, and takes each out of
// its frame that the firmware sends. The modem and the UART lose nothing, but for frames that a death cuts.
func (p *program) radio(seed uint64, speed int) (*line, error) {
	faults := simulate.Defaults(p.r.Plan).Faults
	if p.in.Channel.Lives != nil {
		faults.Overtake = 0 // a repeat that waits to be overtaken could grow older than a datagram lives
	}
	modem, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return nil, err
	}
	link, err := faultlink.Listen(faultlink.Config{Seed: seed, Speed: float64(speed), PeerB: modem.LocalAddr().String()}.Both(faults))
	if err != nil {
		return nil, errors.Join(err, modem.Close())
	}
	l := &line{caller: link.AddrA().String()}
	var d deframer
	l.uart.take = func(b []byte) {
		for _, byte := range b {
			if datagram, whole := d.take(byte); whole {
				_, _ = modem.WriteToUDP(datagram, link.AddrB())
			}
		}
	}
	l.uart.cut = func() { d = deframer{} }
	var carrier sync.WaitGroup
	carrier.Go(func() {
		b := make([]byte, 64<<10)
		for {
			n, _, err := modem.ReadFromUDP(b)
			if errors.Is(err, net.ErrClosed) {
				return
			}
			if err == nil {
				l.uart.write(codegen.Frame(b[:n]))
			}
		}
	})
	l.close = func() {
		_, _ = link.Close(), modem.Close()
		carrier.Wait()
	}
	l.harm = func() harm {
		a, b := link.Counters()
		return harm{datagrams: a.Sent + b.Sent, lost: a.Lost + b.Lost, repeated: a.Repeated + b.Repeated, overtaken: a.Overtaken + b.Overtaken,
			corrupted: a.Corrupted + b.Corrupted}
	}
	return l, nil
}
