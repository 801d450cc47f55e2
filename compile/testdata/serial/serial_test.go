package burn_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"emitted/burn"
)

const (
	speed = 20
	calls = 150
	share = 0.01 // of bytes that are lost, added or altered: a tenth of the frames
)

// noisy is a port that damages bytes both ways, at seeded places.
type noisy struct {
	io.ReadWriteCloser
	mu             sync.Mutex
	rng            *rand.Rand
	lost, put, bad int
}

func (n *noisy) damage(b []byte) []byte {
	n.mu.Lock()
	defer n.mu.Unlock()
	var out []byte
	for _, x := range b {
		if n.rng.Float64() < share {
			switch n.rng.IntN(3) {
			case 0:
				n.lost++
				continue
			case 1:
				n.put++
				out = append(out, byte(n.rng.IntN(256)))
			default:
				n.bad++
				x ^= byte(1 + n.rng.IntN(255))
			}
		}
		out = append(out, x)
	}
	return out
}

func (n *noisy) Write(b []byte) (int, error) {
	_, err := n.ReadWriteCloser.Write(n.damage(b))
	return len(b), err
}

func (n *noisy) Read(b []byte) (int, error) {
	got, err := n.ReadWriteCloser.Read(b[:len(b)/4]) // at most as many are added as there were
	return copy(b, n.damage(b[:got])), err
}

// fuse notes what was burnt, in order.
type fuse struct {
	mu    sync.Mutex
	burnt []string
}

func (f *fuse) Burn(_ context.Context, key uint8) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.burnt = append(f.burnt, fmt.Sprint(key))
	return key%2 == 0
}

func (f *fuse) Serial(context.Context) uint32 { return 42 }

func store(t *testing.T, name string) *burn.FileStore {
	t.Helper()
	s, err := burn.OpenFileStore(filepath.Join(t.TempDir(), name))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// work makes the calls over a port that is damaged and gives what must have been burnt: every key that was answered once,
// and "?" for one that may have been.
func work(t *testing.T, port io.ReadWriteCloser) (want []string) {
	t.Helper()
	n := &noisy{ReadWriteCloser: port, rng: rand.New(rand.NewPCG(1, 2))}
	host, err := burn.NewHost(n, store(t, "host"), burn.WithSpeed(speed))
	if err != nil {
		t.Fatal(err)
	}
	for i := range calls {
		key := uint8(i % 32)
		switch done, err := host.Burn(t.Context(), key); {
		case errors.Is(err, burn.ErrUnknown):
			want = append(want, "?")
		case errors.Is(err, burn.ErrTimedOut):
		case err != nil:
			t.Fatal(err)
		case done != (key%2 == 0):
			t.Fatalf("a wrong answer for %d", key)
		default:
			want = append(want, fmt.Sprint(key))
		}
	}
	if v, err := host.Serial(t.Context()); err != nil || v != 42 {
		t.Errorf("%d, %v", v, err)
	}
	s := host.Stats()
	t.Logf("%+v; %d bytes lost, %d added, %d altered", s, n.lost, n.put, n.bad)
	if n.lost == 0 || n.put == 0 || n.bad == 0 || s.Framing+s.Length+s.Kind+s.Checksum+s.Value == 0 || s.Sent <= calls {
		t.Error("a line without faults")
	}
	if err := host.Close(); err != nil {
		t.Error(err)
	}
	if _, err := host.Burn(t.Context(), 1); !errors.Is(err, burn.ErrRefused) {
		t.Errorf("after Close: %v", err)
	}
	return want
}

// same reports what was burnt otherwise than it had to be.
func same(t *testing.T, want, got []string) {
	t.Helper()
	answered := 0
	for _, w := range want {
		switch {
		case w != "?" && (len(got) == 0 || got[0] != w):
			t.Fatalf("burnt %v where %s had to be", got, w)
		case w != "?":
			answered++
			got = got[1:]
		}
	}
	if len(got) > 0 || answered < calls*9/10 {
		t.Errorf("%d calls answered, and %v burnt beside", answered, got)
	}
}

func TestGoAndGo(t *testing.T) {
	before := runtime.NumGoroutine()
	a, b := net.Pipe()
	f := &fuse{}
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan error, 1)
	go func() { over <- burn.ServeFuse(ctx, b, store(t, "fuse"), f, burn.WithSpeed(speed)) }()
	want := work(t, a)
	stop()
	// The host has closed its end already: the fuse ends for that, or for its context.
	if err := <-over; !errors.Is(err, context.Canceled) && !errors.Is(err, io.EOF) {
		t.Errorf("Serve: %v", err)
	}
	same(t, want, f.burnt)
	for range 100 {
		if runtime.NumGoroutine() <= before {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("%d goroutines, %d before", runtime.NumGoroutine(), before)
}

// A port that takes nothing and gives nothing holds up neither a call's end nor Close; one that fails ends the peer.
func TestPortsThatFail(t *testing.T) {
	a, b := net.Pipe()
	defer b.Close()
	host, err := burn.NewHost(a, store(t, "host"), burn.WithSpeed(1000))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := host.Burn(t.Context(), 1); !errors.Is(err, burn.ErrTimedOut) {
		t.Errorf("nobody listens: %v", err)
	}
	if err := host.Close(); err != nil {
		t.Error(err)
	}
	a, b = net.Pipe()
	host, err = burn.NewHost(a, store(t, "other"))
	if err != nil {
		t.Fatal(err)
	}
	_ = b.Close()
	if _, err := host.Burn(t.Context(), 1); !errors.Is(err, io.EOF) {
		t.Errorf("the other end is closed: %v", err)
	}
	if err := host.Close(); err != nil {
		t.Error(err)
	}
	if _, err := burn.NewHost(nil, store(t, "third")); err == nil {
		t.Error("no port is one")
	}
}

// terminal opens a pseudo terminal: the end of this program, and the device of the other one's.
func terminal(t *testing.T) (*os.File, string) {
	t.Helper()
	f, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	var n, zero int32
	raw, err := f.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Control(func(fd uintptr) {
		for request, p := range map[uintptr]*int32{syscall.TIOCGPTN: &n, syscall.TIOCSPTLCK: &zero} {
			if _, _, e := syscall.Syscall(syscall.SYS_IOCTL, fd, request, uintptr(unsafe.Pointer(p))); e != 0 {
				t.Error(e)
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	return f, fmt.Sprint("/dev/pts/", n)
}

func TestGoAndC(t *testing.T) {
	port, device := terminal(t)
	cmd := exec.Command("../c/fuse", device, filepath.Join(t.TempDir(), "c.store"), fmt.Sprint(speed))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	if !lines.Scan() || lines.Text() != "boot" {
		t.Fatalf("the fuse says %q", lines.Text())
	}
	burnt := make(chan []string)
	go func() {
		var all []string
		for lines.Scan() {
			all = append(all, strings.TrimSpace(lines.Text()))
		}
		burnt <- all
	}()
	want := work(t, port) // which closes the terminal at last, so that the fuse ends
	got := <-burnt
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
	same(t, want, got[:len(got)-1])
	if !strings.HasPrefix(got[len(got)-1], "Input/output error") {
		t.Errorf("the fuse ends with %q", got[len(got)-1])
	}
}
