package soil_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"emitted/faultlink"
	soil "emitted/proto"
)

// Everything here runs 10 times as fast as the program says.
const speed = 10

func TestMain(m *testing.M) {
	code := m.Run()
	for range 100 {
		if runtime.NumGoroutine() <= 1 {
			os.Exit(code)
		}
		time.Sleep(20 * time.Millisecond)
	}
	b := make([]byte, 1<<20)
	fmt.Printf("goroutines are left:\n%s\n", b[:runtime.Stack(b, true)])
	os.Exit(1)
}

// field is a probe's world: it counts what was done.
type field struct {
	mu      sync.Mutex
	samples int
	every   uint16
	watered map[string]int
	reading soil.Reading
	outcome soil.Outcome
	block   chan struct{} // water waits for it, where it is set
	entered chan struct{} // and tells here that it does
}

func newField() *field {
	return &field{watered: map[string]int{}, reading: soil.Reading{Moisture: 512, Battery: 99, Note: "wet"}, outcome: soil.OutcomeDry}
}

func (f *field) Sample(_ context.Context, plot uint8) soil.Reading {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.samples++
	r := f.reading
	r.Plot = plot
	return r
}

func (f *field) Schedule(_ context.Context, every uint16) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.every = every
}

func (f *field) Water(ctx context.Context, plot, litres uint8) soil.Outcome {
	f.mu.Lock()
	f.watered[fmt.Sprint(plot, "/", litres)]++
	block, entered := f.block, f.entered
	f.mu.Unlock()
	if block != nil {
		entered <- struct{}{}
		select {
		case <-block:
		case <-ctx.Done():
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.outcome
}

func (f *field) scheduled() uint16 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.every
}

func (f *field) ran(what string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.watered[what]
}

// hold makes water wait until the result is closed.
func (f *field) hold() chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.entered = make(chan struct{}, 1)
	f.block = make(chan struct{})
	return f.block
}

func (f *field) letGo() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.block = nil
}

func (f *field) counts() (samples, watered, most int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, n := range f.watered {
		watered += n
		most = max(most, n)
	}
	return f.samples, watered, most
}

func listen(t *testing.T) net.PacketConn {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// open opens a store. Who had the file before is over, as after a crash: it lets go.
func open(t *testing.T, path string) *soil.FileStore {
	t.Helper()
	if before := stores[path]; before != nil {
		before.Close()
	}
	s, err := soil.OpenFileStore(path)
	if err != nil {
		t.Fatal(err)
	}
	stores[path] = s
	t.Cleanup(func() { s.Close() })
	return s
}

var stores = map[string]*soil.FileStore{} // by their paths

// probe serves on a connection; stop ends it as a crash does.
type probe struct {
	*soil.Probe
	cancel context.CancelFunc
	done   chan error
}

func serve(t *testing.T, conn net.PacketConn, store soil.Store, h soil.ProbeHandler) *probe {
	t.Helper()
	p, err := soil.NewProbe(conn, store, h, soil.WithSpeed(speed))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &probe{p, cancel, make(chan error, 1)}
	go func() { s.done <- p.Serve(ctx) }()
	t.Cleanup(func() { cancel() })
	return s
}

func (p *probe) stop(t *testing.T) {
	t.Helper()
	p.cancel()
	if err := <-p.done; !errors.Is(err, context.Canceled) {
		t.Errorf("Serve ended with %v", err)
	}
}

func gateway(t *testing.T, conn net.PacketConn, peer net.Addr, store soil.Store) *soil.Gateway {
	t.Helper()
	g, err := soil.NewGateway(conn, peer, store, soil.WithSpeed(speed))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { g.Close() })
	return g
}

// pair connects both without faults.
func pair(t *testing.T) (*soil.Gateway, *probe, *field) {
	dir := t.TempDir()
	a, b, f := listen(t), listen(t), newField()
	p := serve(t, b, open(t, filepath.Join(dir, "probe")), f)
	return gateway(t, a, b.LocalAddr(), open(t, filepath.Join(dir, "gateway"))), p, f
}

func TestCalls(t *testing.T) {
	g, p, f := pair(t)
	ctx := context.Background()
	r, err := g.Sample(ctx, 7)
	if want := (soil.Reading{Plot: 7, Moisture: 512, Battery: 99, Note: "wet"}); err != nil || r != want {
		t.Fatalf("Sample: %v, %v", r, err)
	}
	if err := g.Schedule(ctx, 0xabcd); err != nil || f.scheduled() != 0xabcd {
		t.Fatalf("Schedule: %v, %x", err, f.scheduled())
	}
	o, err := g.Water(ctx, 3, 20)
	if err != nil || o != soil.OutcomeDry || f.ran("3/20") != 1 {
		t.Fatalf("Water: %v, %v", o, err)
	}
	var made, ended bool
	for _, n := range g.Journal() {
		made = made || n.What == "made" && n.Call == "water"
		ended = ended || n.What == "ended" && n.Ago < time.Minute
	}
	if !made || !ended {
		t.Errorf("the journal is %v", g.Journal())
	}
	if s := g.Stats(); s.Received < 3 || s.Sent < 3 || s.Checksum+s.Length+s.Kind+s.Value+s.Foreign != 0 {
		t.Errorf("gateway: %+v", s)
	}
	p.stop(t)
}

func TestAsyncCallsKeepTheirOrder(t *testing.T) {
	g, _, f := pair(t)
	var pending []*soil.Pending[soil.Outcome]
	for i := range 10 {
		pending = append(pending, g.WaterAsync(1, uint8(i)))
	}
	for i, p := range pending {
		if o, err := p.Wait(context.Background()); err != nil || o != soil.OutcomeDry {
			t.Fatalf("call %d: %v, %v", i, o, err)
		}
		if i > 0 {
			select {
			case <-pending[i-1].Done():
			default:
				t.Errorf("call %d ended before the one ahead of it", i)
			}
		}
	}
	if _, n, most := f.counts(); n != 10 || most != 1 {
		t.Errorf("ran %v", f.watered)
	}
}

func TestMemo(t *testing.T) {
	g, _, f := pair(t)
	ctx := context.Background()
	sample := func(plot uint8, want int) {
		t.Helper()
		if _, err := g.Sample(ctx, plot); err != nil {
			t.Fatal(err)
		}
		if n, _, _ := f.counts(); n != want {
			t.Fatalf("%d samples were taken, not %d", n, want)
		}
	}
	sample(1, 1)
	sample(1, 1)
	sample(2, 2)
	sample(1, 2)
	if err := g.Schedule(ctx, 1); err != nil { // a call that changes something empties the memo
		t.Fatal(err)
	}
	sample(1, 3)
	time.Sleep(31 * time.Second / speed) // an answer serves for 30 s
	sample(1, 4)
}

func TestFaultyLink(t *testing.T) {
	link, err := faultlink.Listen(faultlink.Config{Seed: 7, Speed: speed}.Both(faultlink.Faults{
		Lose: 0.2, Repeat: 0.3, Corrupt: 0.1, Overtake: 4, DelayMin: 10 * time.Millisecond, DelayMax: 400 * time.Millisecond}))
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	dir := t.TempDir()
	a, b, f := listen(t), listen(t), newField()
	// The probe is heard of first: the link sends to where the last datagram of a side came from.
	if _, err := b.WriteTo([]byte{0xff}, link.AddrB()); err != nil {
		t.Fatal(err)
	}
	p := serve(t, b, open(t, filepath.Join(dir, "probe")), f)
	g := gateway(t, a, link.AddrA(), open(t, filepath.Join(dir, "gateway")))
	answered, unknown := 0, 0
	for i := range 60 {
		o, err := g.Water(context.Background(), uint8(i), 1)
		switch {
		case err == nil && o == soil.OutcomeDry:
			answered++
		case errors.Is(err, soil.ErrUnknown):
			unknown++
		case errors.Is(err, soil.ErrTimedOut):
			f.mu.Lock()
			if f.watered[fmt.Sprint(i, "/", 1)] != 0 {
				t.Errorf("call %d timed out and had run", i)
			}
			f.mu.Unlock()
		default:
			t.Errorf("call %d: %v, %v", i, o, err)
		}
	}
	if _, n, most := f.counts(); most != 1 || n < answered {
		t.Errorf("%d answered, %d ran, one of them %d times", answered, n, most)
	}
	if answered < 50 {
		t.Errorf("only %d of 60 were answered, %d unknown", answered, unknown)
	}
	gs, ps := g.Stats(), p.Stats()
	if gs.Sent <= 60 || gs.Checksum+ps.Checksum+gs.Kind+ps.Kind == 0 {
		t.Errorf("the link did nothing: gateway %+v, probe %+v", gs, ps)
	}
}

// repeater is a connection that sends everything three times.
type repeater struct{ net.PacketConn }

func (r repeater) WriteTo(b []byte, to net.Addr) (int, error) {
	for range 2 {
		if _, err := r.PacketConn.WriteTo(b, to); err != nil {
			return 0, err
		}
	}
	return r.PacketConn.WriteTo(b, to)
}

func TestDuplicates(t *testing.T) {
	dir := t.TempDir()
	a, b, f := listen(t), listen(t), newField()
	p := serve(t, repeater{b}, open(t, filepath.Join(dir, "probe")), f)
	g := gateway(t, repeater{a}, b.LocalAddr(), open(t, filepath.Join(dir, "gateway")))
	for i := range 10 {
		if _, err := g.Water(context.Background(), 9, uint8(i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, n, most := f.counts(); n != 10 || most != 1 {
		t.Errorf("10 calls ran %d times, one of them %d times", n, most)
	}
	if s := p.Stats(); s.Received < 30 {
		t.Errorf("the probe received %d datagrams only", s.Received)
	}
}

func TestProbeRestarts(t *testing.T) {
	dir := t.TempDir()
	a, b, f := listen(t), listen(t), newField()
	f.hold()
	p := serve(t, b, open(t, filepath.Join(dir, "probe")), f)
	g := gateway(t, a, b.LocalAddr(), open(t, filepath.Join(dir, "gateway")))
	call := g.WaterAsync(1, 1)
	<-f.entered
	p.stop(t) // while the handler runs
	f.letGo()
	p = serve(t, b, open(t, filepath.Join(dir, "probe")), f)
	if _, err := call.Wait(context.Background()); !errors.Is(err, soil.ErrPeerRestarted) {
		t.Errorf("the call that the crash cut ended with %v", err)
	}
	if o, err := g.Water(context.Background(), 1, 2); err != nil || o != soil.OutcomeDry {
		t.Errorf("the next call: %v, %v", o, err)
	}
	if _, n, most := f.counts(); n != 2 || most != 1 {
		t.Errorf("ran %v", f.watered)
	}
	p.stop(t)
}

func TestGatewayRestarts(t *testing.T) {
	dir := t.TempDir()
	b, f := listen(t), newField()
	serve(t, b, open(t, filepath.Join(dir, "probe")), f)
	for i := range 5 { // each has only its store in common with the one before
		a := listen(t)
		g := gateway(t, a, b.LocalAddr(), open(t, filepath.Join(dir, "gateway")))
		for j := range 3 {
			if o, err := g.Water(context.Background(), uint8(i), uint8(j)); err != nil || o != soil.OutcomeDry {
				t.Fatalf("gateway %d, call %d: %v, %v", i, j, o, err)
			}
		}
		g.Close()
	}
	if _, n, most := f.counts(); n != 15 || most != 1 {
		t.Errorf("ran %v", f.watered)
	}
}

func TestBadDatagramsAreDropped(t *testing.T) {
	dir := t.TempDir()
	a, b, x, f := listen(t), listen(t), listen(t), newField()
	p := serve(t, b, open(t, filepath.Join(dir, "probe")), f)
	tap := &tap{PacketConn: a}
	g := gateway(t, tap, b.LocalAddr(), open(t, filepath.Join(dir, "gateway")))
	if _, err := g.Water(context.Background(), 1, 1); err != nil {
		t.Fatal(err)
	}
	good := tap.last()
	before := p.Stats()
	send := func(d []byte) {
		if _, err := x.WriteTo(d, b.LocalAddr()); err != nil {
			t.Fatal(err)
		}
	}
	send(nil)
	send(good[:len(good)-1])
	send(append(append([]byte{}, good...), 0))
	send(make([]byte, 1400))
	send([]byte{0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	for bit := 3; bit < 8*len(good); bit++ { // every altered bit but those of the kind
		d := append([]byte{}, good...)
		d[bit/8] ^= 0x80 >> (bit % 8)
		send(d)
	}
	want := before
	want.Length += 4
	want.Kind++
	want.Checksum += uint64(8*len(good) - 3)
	got := p.Stats()
	for range 200 {
		if got = p.Stats(); got == want {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if got != want {
		t.Errorf("the probe counts %+v, not %+v", got, want)
	}
	if _, n, _ := f.counts(); n != 1 {
		t.Errorf("a bad datagram was executed: %v", f.watered)
	}
	if _, err := x.WriteTo(good, a.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	for range 200 {
		if g.Stats().Foreign == 1 {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Errorf("a stranger's datagram is not counted: %+v", g.Stats())
}

// tap keeps the last datagram that was sent.
type tap struct {
	net.PacketConn
	mu   sync.Mutex
	sent []byte
}

func (c *tap) WriteTo(b []byte, to net.Addr) (int, error) {
	c.mu.Lock()
	c.sent = append([]byte{}, b...)
	c.mu.Unlock()
	return c.PacketConn.WriteTo(b, to)
}

func (c *tap) last() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.sent
}

func TestCancel(t *testing.T) {
	g, _, f := pair(t)
	block := f.hold()
	ctx, cancel := context.WithCancel(context.Background())
	running := make(chan error, 1)
	go func() { _, err := g.Water(ctx, 1, 1); running <- err }()
	<-f.entered
	ctx2, cancel2 := context.WithCancel(context.Background())
	queued := make(chan error, 1)
	waiting := g.WaterAsync(1, 2)
	go func() { _, err := waiting.Wait(ctx2); queued <- err }()
	cancel()
	if err := <-running; !errors.Is(err, soil.ErrUnknown) || !errors.Is(err, context.Canceled) {
		t.Errorf("the call that was cancelled ended with %v", err)
	}
	cancel2()
	if err := <-queued; !errors.Is(err, soil.ErrRefused) || !errors.Is(err, context.Canceled) {
		t.Errorf("the call that had not begun ended with %v", err)
	}
	f.letGo()
	close(block)
	if o, err := g.Water(context.Background(), 1, 3); err != nil || o != soil.OutcomeDry {
		t.Errorf("the next call: %v, %v", o, err)
	}
	if _, err := g.Water(ctx, 1, 4); !errors.Is(err, soil.ErrRefused) {
		t.Errorf("a call with a context that is over ended with %v", err)
	}
	if f.ran("1/1") != 1 || f.ran("1/2") != 0 || f.ran("1/3") != 1 || f.ran("1/4") != 0 {
		t.Errorf("ran %v", f.watered)
	}
}

func TestNobodyAnswers(t *testing.T) {
	a, b := listen(t), listen(t)
	g := gateway(t, a, b.LocalAddr(), open(t, filepath.Join(t.TempDir(), "gateway")))
	began := time.Now()
	_, err := g.Water(context.Background(), 1, 1)
	var call *soil.CallError
	if !errors.Is(err, soil.ErrTimedOut) || !errors.As(err, &call) || call.Call != "water" {
		t.Errorf("Water ended with %v", err)
	}
	if took := time.Since(began); took < 5*time.Second/speed || took > 20*time.Second/speed {
		t.Errorf("it took %v", took)
	}
	if s := g.Stats(); s.Sent < 5 {
		t.Errorf("it was sent %d times", s.Sent)
	}
}

func TestCloseEndsCalls(t *testing.T) {
	a, b := listen(t), listen(t)
	g := gateway(t, a, b.LocalAddr(), open(t, filepath.Join(t.TempDir(), "gateway")))
	first, second := g.WaterAsync(1, 1), g.WaterAsync(1, 2)
	g.Close()
	if _, err := first.Wait(context.Background()); !errors.Is(err, soil.ErrUnknown) || !errors.Is(err, soil.ErrClosed) {
		t.Errorf("the call that was outstanding ended with %v", err)
	}
	if _, err := second.Wait(context.Background()); !errors.Is(err, soil.ErrRefused) || !errors.Is(err, soil.ErrClosed) {
		t.Errorf("the call in the queue ended with %v", err)
	}
	a.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := g.Sample(context.Background(), 1); !errors.Is(err, soil.ErrRefused) {
		t.Errorf("a call after Close ended with %v", err)
	}
	// The connection is the program's, and still works.
	if _, err := b.WriteTo([]byte("x"), a.LocalAddr()); err != nil {
		t.Fatal(err)
	}
	if _, _, err := a.ReadFrom(make([]byte, 9)); err != nil {
		t.Errorf("the connection cannot be read after Close: %v", err)
	}
}

func TestClosedConnection(t *testing.T) {
	a, b := listen(t), listen(t)
	g := gateway(t, a, b.LocalAddr(), open(t, filepath.Join(t.TempDir(), "gateway")))
	call := g.WaterAsync(1, 1)
	a.Close()
	if _, err := call.Wait(context.Background()); !errors.Is(err, soil.ErrUnknown) || !errors.Is(err, net.ErrClosed) {
		t.Errorf("the call ended with %v", err)
	}
}

// broken is a store that fails.
type broken struct {
	soil.Store
	reads, writes int // that succeed
}

func (s *broken) ReadAt(offset int, p []byte) error {
	if s.reads--; s.reads < 0 {
		return os.ErrPermission
	}
	return s.Store.ReadAt(offset, p)
}

func (s *broken) WriteAt(offset int, p []byte) error {
	if s.writes--; s.writes < 0 {
		return os.ErrPermission
	}
	return s.Store.WriteAt(offset, p)
}

// An answer out of its range is a mistake of the handler's. It costs that call its answer, and no other.
func TestAnswerOutOfRange(t *testing.T) {
	dir := t.TempDir()
	a, b, f := listen(t), listen(t), newField()
	heard := &strings.Builder{}
	p, err := soil.NewProbe(b, open(t, filepath.Join(dir, "probe")), f, soil.WithSpeed(speed), soil.WithLogger(slog.New(slog.NewTextHandler(heard, nil))))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Serve(ctx) }()
	g := gateway(t, a, b.LocalAddr(), open(t, filepath.Join(dir, "gateway")))
	f.mu.Lock()
	f.reading.Moisture, f.outcome = 1001, soil.OutcomeStuck+1
	f.mu.Unlock()
	if r, err := g.Sample(ctx, 1); !errors.Is(err, soil.ErrTimedOut) {
		t.Errorf("a reading out of its range: %v, %v", r, err)
	}
	if o, err := g.Water(ctx, 1, 1); !errors.Is(err, soil.ErrUnknown) {
		t.Errorf("an outcome out of its range: %v, %v", o, err)
	}
	f.mu.Lock()
	f.reading.Moisture, f.outcome = 1000, soil.OutcomeStuck
	f.mu.Unlock()
	if r, err := g.Sample(ctx, 1); err != nil || r.Moisture != 1000 {
		t.Errorf("the next reading: %v, %v", r, err)
	}
	if o, err := g.Water(ctx, 1, 2); err != nil || o != soil.OutcomeStuck {
		t.Errorf("the next outcome: %v, %v", o, err)
	}
	if f.ran("1/1") != 1 || f.ran("1/2") != 1 {
		t.Errorf("ran %v", f.watered)
	}
	if s := p.Stats(); s.Unanswered != 2 {
		t.Errorf("%d answers were out of their range, not 2", s.Unanswered)
	}
	if s := g.Stats(); s.Length+s.Value != 0 {
		t.Errorf("the gateway got what is not sound: %+v", s)
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Serve ended with %v", err)
	}
	if !strings.Contains(heard.String(), "moisture: 1001 is not in 0..1000") {
		t.Errorf("the log says %s", heard)
	}
}

func TestOneStoreOnePeer(t *testing.T) {
	path := filepath.Join(t.TempDir(), "store")
	first, err := soil.OpenFileStore(path)
	if err != nil {
		t.Fatal(err)
	}
	if s, err := soil.OpenFileStore(path); err == nil || !strings.Contains(err.Error(), path+" is in use") {
		t.Errorf("a second opening gave %v, %v", s, err)
	}
	first.Close()
	again, err := soil.OpenFileStore(path)
	if err != nil {
		t.Fatalf("after it was closed: %v", err)
	}
	again.Close()
}

func TestBrokenStore(t *testing.T) {
	file := open(t, filepath.Join(t.TempDir(), "store"))
	conn := listen(t)
	if _, err := soil.NewProbe(conn, &broken{file, 0, 9}, newField()); !errors.Is(err, os.ErrPermission) {
		t.Errorf("a store that cannot be read: %v", err)
	}
	if _, err := soil.NewProbe(conn, &broken{file, 9, 1}, newField()); !errors.Is(err, soil.ErrHalted) || !errors.Is(err, os.ErrPermission) {
		t.Errorf("a store that cannot be written: %v", err)
	}
	if _, err := soil.NewProbe(conn, nil, newField()); err == nil {
		t.Error("a probe without a store")
	}
	if _, err := soil.NewGateway(conn, nil, file); err == nil {
		t.Error("a gateway without a peer")
	}
	if _, err := soil.NewGateway(conn, conn.LocalAddr(), file, soil.WithSpeed(-1)); err == nil {
		t.Error("a clock that runs backwards")
	}
}
