package faultlink

import (
	"errors"
	"net"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m)
}

func listen(t *testing.T, c Config) *Link {
	t.Helper()
	l, err := Listen(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func dial(t *testing.T, to *net.UDPAddr) *net.UDPConn {
	t.Helper()
	conn, err := net.DialUDP("udp", nil, to)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func send(t *testing.T, conn *net.UDPConn, text string) {
	t.Helper()
	if _, err := conn.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
}

// receive returns the next datagram, or false after the wait.
func receive(t *testing.T, conn *net.UDPConn, wait time.Duration) (string, bool) {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(wait)); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, maxDatagram)
	n, err := conn.Read(buffer)
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return "", false
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(buffer[:n]), true
}

func expect(t *testing.T, conn *net.UDPConn, want string) {
	t.Helper()
	if got, ok := receive(t, conn, 10*time.Second); !ok || got != want {
		t.Fatalf("got %q (%t), want %q", got, ok, want)
	}
}

// await polls for a condition that other goroutines bring about.
func await(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not happen within 10s", what)
		}
	}
}

func TestPeersAreLearnedAndFoundAgain(t *testing.T) {
	l := listen(t, Config{})
	a, b := dial(t, l.AddrA()), dial(t, l.AddrB())

	send(t, a, "nobody there yet")
	await(t, "a drop for want of a peer", func() bool { aToB, _ := l.Counters(); return aToB.NoPeer == 1 })

	send(t, b, "hello")
	expect(t, a, "hello")
	send(t, a, "hello yourself")
	expect(t, b, "hello yourself")

	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	restarted := dial(t, l.AddrA())
	send(t, restarted, "back on another port")
	expect(t, b, "back on another port")
	send(t, b, "welcome")
	expect(t, restarted, "welcome")
}

func TestFixedPeer(t *testing.T) {
	server, err := net.ListenUDP("udp", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = server.Close() }()
	l := listen(t, Config{PeerB: server.LocalAddr().String()})
	client := dial(t, l.AddrA())

	send(t, client, "first")
	expect(t, server, "first")

	// A stranger is relayed, but a fixed address stays where it is.
	send(t, dial(t, l.AddrB()), "stranger")
	expect(t, client, "stranger")
	send(t, client, "second")
	expect(t, server, "second")

	if _, err := server.WriteTo([]byte("answer"), l.AddrB()); err != nil {
		t.Fatal(err)
	}
	expect(t, client, "answer")
}

func TestDelayOnTheWire(t *testing.T) {
	const delay = 30 * time.Millisecond
	l := listen(t, Config{BtoA: Faults{DelayMin: 2 * delay, DelayMax: 2 * delay}, Speed: 2})
	a, b := dial(t, l.AddrA()), dial(t, l.AddrB())
	send(t, a, "here I am")
	await(t, "the greeting", func() bool { aToB, _ := l.Counters(); return aToB.Sent == 1 })
	sent := time.Now()
	send(t, b, "late")
	expect(t, a, "late")
	if took := time.Since(sent); took < delay {
		t.Errorf("arrived after %v, earlier than %v", took, delay)
	}
}

func TestFaultsOnTheWire(t *testing.T) {
	const n = 250 // all of them fit into the kernel's buffer, should the reader be slow
	f := Faults{Lose: 0.2, Repeat: 0.3, Corrupt: 0.1, Overtake: 2, DelayMax: 5 * time.Millisecond}
	l := listen(t, Config{Seed: 11, BtoA: f})
	a, b := dial(t, l.AddrA()), dial(t, l.AddrB())
	send(t, a, "here I am")
	await(t, "the greeting", func() bool { aToB, _ := l.Counters(); return aToB.Sent == 1 })

	go func() {
		for i := range n {
			if _, err := b.Write(numbered(i)); err != nil {
				t.Error(err)
			}
			time.Sleep(100 * time.Microsecond)
		}
	}()
	var got []arrival
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); {
		datagram, ok := receive(t, a, time.Second)
		if _, c := l.Counters(); !ok && c.Sent == n {
			break // all is relayed, and nothing is delayed for that long
		}
		if !ok {
			continue
		}
		number, altered := read(t, []byte(datagram))
		got = append(got, arrival{number: number, altered: altered})
	}
	_, c := l.Counters()
	if c.Sent != n || uint64(len(got)) != c.Delivered || c.NoPeer != 0 {
		t.Errorf("received %d, counted %+v", len(got), c)
	}
	if c.Lost == 0 || c.Repeated == 0 || c.Overtaken == 0 || c.Corrupted == 0 {
		t.Errorf("some fault never happened: %+v", c)
	}
	for i, age := range ages(got) {
		if age > f.Overtake {
			t.Errorf("arrival %d is datagram %d after %d later ones", i, got[i].number, age)
		}
	}
}

func TestCloseWithDatagramsInFlight(t *testing.T) {
	l, err := Listen(Config{}.Both(Faults{DelayMin: time.Hour, DelayMax: time.Hour}))
	if err != nil {
		t.Fatal(err)
	}
	send(t, dial(t, l.AddrA()), "never arrives")
	await(t, "the sending", func() bool { aToB, _ := l.Counters(); return aToB.Sent == 1 })
	for range 2 {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
	if err := goleak.Find(); err != nil {
		t.Error(err)
	}
}

func TestListenErrors(t *testing.T) {
	taken := listen(t, Config{}).AddrA().String()
	for name, c := range map[string]Config{
		"side A is taken":   {ListenA: taken},
		"side B is taken":   {ListenB: taken},
		"peer A is no host": {PeerA: "no port"},
		"peer B is no host": {PeerB: "127.0.0.1:port"},
		"listen is no host": {ListenA: "127.0.0.1:99999"},
	} {
		if l, err := Listen(c); err == nil {
			t.Errorf("%s: a link opened", name)
			_ = l.Close()
		}
	}
}
