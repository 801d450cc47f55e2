// Caller of the firmware: an emitted peer, which makes one call after the other and writes down when each begins and how it ends. A line
// is in the file before anything that follows from it can happen.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"sync/atomic"
)

type settings struct {
	line, store string
	speed       float64
}

// port is a serial line.
func (s settings) port() (io.ReadWriteCloser, error) { return net.Dial("unix", s.line) }

// bound is a socket, and the address of the other peer.
func (s settings) bound() (net.PacketConn, net.Addr, error) {
	to, err := net.ResolveUDPAddr("udp", s.line)
	if err != nil {
		return nil, nil, err
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	return conn, to, err
}

// peer makes calls.
type peer struct {
	lanes int                      // calls that are under way at once
	call  func(i int) (end func()) // begins the i-th call; end waits for what becomes of it
	close func() error             // nil: nothing is to be closed
}

var events *os.File

func note(format string, args ...any) {
	if _, err := fmt.Fprintf(events, "caller "+format+"\n", args...); err != nil {
		fmt.Fprintln(os.Stderr, "caller:", err)
		os.Exit(2)
	}
}

// answer is what the firmware's handler of a call answers, from 0.
func answer(call uint32, args ...uint32) uint32 {
	v := 7 + 131*call
	for i, a := range args {
		v += a * uint32(17+2*i)
	}
	return v
}

// ended writes down how a call ended.
func ended(i int, got, want string, err error, outcomes map[string]error) {
	if err == nil {
		word := func(value string) string { return strings.ReplaceAll(value, " ", "_") } // of a struct
		note("end %d answered %s %s", i, word(got), word(want))
		return
	}
	for name, known := range outcomes {
		if errors.Is(err, known) {
			note("end %d %s - -", i, name)
			return
		}
	}
	fmt.Fprintln(os.Stderr, "caller:", err)
	os.Exit(2)
}

func main() {
	var s settings
	name := flag.String("program", "", "which peer")
	flag.StringVar(&s.line, "line", "", "socket of the line, or address of the other peer")
	flag.StringVar(&s.store, "store", "", "file of the stable memory")
	flag.Float64Var(&s.speed, "speed", 1, "how many times faster than real the time runs")
	file := flag.String("events", "", "file to append to")
	calls := flag.Int("calls", 0, "calls at least; they go on until standard input ends")
	most := flag.Int("most", 0, "calls at most")
	flag.Parse()
	var err error
	if events, err = os.OpenFile(*file, os.O_WRONLY|os.O_APPEND, 0); err == nil {
		err = run(*name, s, *calls, *most)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "caller:", err)
		os.Exit(2)
	}
}

func run(name string, s settings, calls, most int) error {
	var enough atomic.Bool
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		enough.Store(true)
	}()
	p, err := peers[name](s)
	if err != nil {
		return err
	}
	var ends []func()
	for i := 0; i < most && (i < calls || !enough.Load()); i++ {
		ends = append(ends, p.call(i))
		if len(ends) == p.lanes {
			ends[0]()
			ends = ends[1:]
		}
	}
	for _, end := range ends {
		end()
	}
	if p.close != nil {
		return p.close()
	}
	return nil
}
