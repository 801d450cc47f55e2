// Gateway of the demonstration: it makes the calls that a list names, one after the other, and writes down when each
// starts and how it ends. A line is in its file before anything that follows from it can happen, so what was in flight
// when this process was killed is known from the file alone.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"os"
	"time"

	"demo/go/soil"
)

func main() {
	peer := flag.String("peer", "", "address of the probe")
	store := flag.String("store", "", "file of the stable memory")
	calls := flag.String("calls", "", "file with a call a line: its name and its arguments")
	from := flag.Int("from", 0, "number of the first call to make, from 0")
	log := flag.String("log", "", "file to append to")
	speed := flag.Float64("speed", 1, "how many times faster than real the time runs")
	flag.Parse()
	if err := run(*peer, *store, *calls, *from, *log, *speed); err != nil {
		fmt.Fprintln(os.Stderr, "gateway:", err)
		os.Exit(1)
	}
}

func run(peer, store, calls string, from int, log string, speed float64) error {
	out, err := os.OpenFile(log, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	defer out.Close()
	list, err := os.Open(calls)
	if err != nil {
		return err
	}
	defer list.Close()
	to, err := net.ResolveUDPAddr("udp", peer)
	if err != nil {
		return err
	}
	conn, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		return err
	}
	defer conn.Close()
	memory, err := soil.OpenFileStore(store)
	if err != nil {
		return err
	}
	defer memory.Close()
	gateway, err := soil.NewGateway(conn, to, memory, soil.WithSpeed(speed))
	if err != nil {
		return err
	}
	defer gateway.Close()
	if _, err := fmt.Fprintln(out, "boot"); err != nil {
		return err
	}
	lines := bufio.NewScanner(list)
	for i := 0; lines.Scan(); i++ {
		if i < from {
			continue
		}
		if _, err := fmt.Fprintf(out, "start %d %d\n", i, time.Now().UnixNano()); err != nil {
			return err
		}
		result, outcome, err := call(gateway, lines.Text())
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "end %d %d %s %s\n", i, time.Now().UnixNano(), outcome, result); err != nil {
			return err
		}
	}
	return lines.Err()
}

// call makes a call and gives what it answered, one word, and how it ended. The error is of the list, or of a peer
// that takes no calls any more.
func call(g *soil.Gateway, line string) (result, outcome string, err error) {
	ctx := context.Background()
	var name string
	var a, b int
	if n, _ := fmt.Sscan(line, &name, &a, &b); n < 2 {
		return "", "", fmt.Errorf("no call: %q", line)
	}
	switch name {
	case "sample":
		var r soil.Reading
		r, err = g.Sample(ctx, uint8(a))
		result = fmt.Sprintf("%d/%d/%d/%s", r.Plot, r.Moisture, r.Battery, r.Note)
	case "schedule":
		err = g.Schedule(ctx, uint16(a))
		result = "-"
	case "water":
		var o soil.Outcome
		o, err = g.Water(ctx, uint8(a), uint8(b))
		result = o.String()
	default:
		return "", "", fmt.Errorf("no call: %q", line)
	}
	for _, known := range []struct {
		err  error
		name string
	}{{soil.ErrTimedOut, "timed_out"}, {soil.ErrUnknown, "unknown"}, {soil.ErrPeerRestarted, "restarted"}, {soil.ErrRefused, "refused"}} {
		if errors.Is(err, known.err) {
			return "-", known.name, nil
		}
	}
	return result, "answered", err
}
