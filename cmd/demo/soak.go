package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"sprocketc/faultlink"
)

// soak is one run of the two peers.
type soak struct {
	dir    string // for files
	bin    *binaries
	calls  []call
	kills  []kill
	speed  int
	seed   uint64
	faults faultlink.Faults
	show   func(done, kills int) // progress; nil for none
}

// record is all that was seen of a run, from outside.
type record struct {
	gateway, probe []string // lines of their files
	outages        []outage
	killedGateway  int
	killedProbe    int
	trace          []faultlink.Event
	toProbe        faultlink.Counters
	toGateway      faultlink.Counters
	took           time.Duration
}

// outage is from before a kill until after the restart, in lines of the gateway's file.
type outage struct {
	from, to       int
	began, over    time.Time // for drawing only
	gateway, probe bool
}

const (
	lookEvery = 2 * time.Millisecond
	startTime = 30 * time.Second // a loaded machine starts a process late
)

// running is the state of a soak.
type running struct {
	*soak
	record         *record
	link           *faultlink.Link
	gateway, probe *process
	gatewayLog     tail
	probeLog       tail
	port           string
}

// run lets the peers make the calls, and kills them as planned. The error is that it could not be done, or that a peer
// ended by itself or stood still.
func (s *soak) run(ctx context.Context) (*record, error) {
	r := &running{soak: s, record: &record{}, gatewayLog: tail{path: filepath.Join(s.dir, "gateway.log")}, probeLog: tail{path: filepath.Join(s.dir, "probe.log")}}
	if err := os.WriteFile(filepath.Join(s.dir, "calls"), []byte(list(s.calls)), 0o600); err != nil {
		return nil, err
	}
	port, err := faultlink.FreePort()
	if err != nil {
		return nil, err
	}
	r.port = port
	recorder := &recorder{}
	r.link, err = faultlink.Listen(faultlink.Config{
		Seed: s.seed, Speed: float64(s.speed), PeerB: "127.0.0.1:" + port, Trace: recorder.add,
	}.Both(s.faults))
	if err != nil {
		return nil, err
	}
	begun := time.Now()
	err = r.all(ctx)
	for _, p := range []*process{r.gateway, r.probe} {
		if p != nil {
			p.kill()
		}
	}
	r.record.toProbe, r.record.toGateway = r.link.Counters()
	err = errors.Join(err, r.link.Close(), r.gatewayLog.more(), r.probeLog.more())
	r.record.took = time.Since(begun)
	r.record.gateway, r.record.probe, r.record.trace = r.gatewayLog.lines, r.probeLog.lines, recorder.events
	return r.record, err
}

func (r *running) all(ctx context.Context) error {
	if err := r.startProbe(ctx); err != nil {
		return err
	}
	if err := r.startGateway(ctx); err != nil {
		return err
	}
	// A call ends within 30 s of the peers' time. What takes much longer stands still.
	patience := time.Minute + 60*time.Second/time.Duration(r.speed)
	moved, lines := time.Now(), 0
	for pending := r.kills; ; {
		if err := r.gatewayLog.more(); err != nil {
			return err
		}
		if n := len(r.gatewayLog.lines); n > lines {
			moved, lines = time.Now(), n
		} else if time.Since(moved) > patience {
			return fmt.Errorf("nothing moved for %v", patience)
		}
		if r.show != nil {
			r.show(r.begun(), r.record.killedGateway+r.record.killedProbe)
		}
		if over, err := r.probe.ended(); over {
			return fmt.Errorf("the probe ended by itself: %w", err)
		}
		if over, err := r.gateway.ended(); over {
			return err
		}
		if len(pending) > 0 && r.begun() > pending[0].call {
			if err := r.kill(ctx, pending[0]); err != nil {
				return err
			}
			pending, moved = pending[1:], time.Now()
		}
		if err := r.sleep(ctx, lookEvery); err != nil {
			return err
		}
	}
}

// begun is the number of calls that have started, as far as the file was read.
func (r *running) begun() int {
	for i := len(r.gatewayLog.lines) - 1; i >= 0; i-- {
		words := strings.Fields(r.gatewayLog.lines[i])
		if len(words) > 1 && words[0] == "start" {
			n, _ := strconv.Atoi(words[1])
			return n + 1
		}
	}
	return 0
}

func (r *running) kill(ctx context.Context, k kill) error {
	if err := r.sleep(ctx, k.after/time.Duration(r.speed)); err != nil {
		return err
	}
	if err := r.gatewayLog.more(); err != nil {
		return err
	}
	o := outage{from: len(r.gatewayLog.lines), began: time.Now()}
	if k.gateway && r.gateway.kill() {
		o.gateway = true
		r.record.killedGateway++
	}
	if k.probe && r.probe.kill() {
		o.probe = true
		r.record.killedProbe++
	}
	if err := r.sleep(ctx, k.down/time.Duration(r.speed)); err != nil {
		return err
	}
	if o.probe {
		if err := r.startProbe(ctx); err != nil {
			return err
		}
	}
	if o.gateway {
		if err := r.startGateway(ctx); err != nil {
			return err
		}
	}
	if err := r.gatewayLog.more(); err != nil {
		return err
	}
	o.to, o.over = len(r.gatewayLog.lines), time.Now()
	r.record.outages = append(r.record.outages, o)
	return nil
}

func (r *running) startProbe(ctx context.Context) (err error) {
	r.probe, err = r.start(ctx, &r.probeLog, "probe", r.bin.probe,
		r.port, filepath.Join(r.dir, "probe.stable"), r.probeLog.path, strconv.Itoa(r.speed))
	return err
}

// startGateway lets a gateway go on behind the last call that was started.
func (r *running) startGateway(ctx context.Context) (err error) {
	if err := r.gatewayLog.more(); err != nil {
		return err
	}
	r.gateway, err = r.start(ctx, &r.gatewayLog, "gateway", r.bin.gateway, "-peer", r.link.AddrA().String(),
		"-store", filepath.Join(r.dir, "gateway.stable"), "-calls", filepath.Join(r.dir, "calls"), "-log", r.gatewayLog.path,
		"-from", strconv.Itoa(r.begun()), "-speed", strconv.Itoa(r.speed))
	return err
}

// start starts a process and waits until its file says that it is up.
func (r *running) start(ctx context.Context, log *tail, name, binary string, args ...string) (*process, error) {
	if err := log.more(); err != nil {
		return nil, err
	}
	boots := log.count("boot")
	p, err := start(name, binary, args...)
	if err != nil {
		return nil, err
	}
	for begun := time.Now(); ; {
		if err := errors.Join(log.more(), r.sleep(ctx, lookEvery)); err != nil {
			return p, err
		}
		if log.count("boot") > boots {
			return p, nil
		}
		if over, err := p.ended(); over {
			return p, fmt.Errorf("the %s did not start: %w", name, err)
		}
		if time.Since(begun) > startTime {
			return p, fmt.Errorf("the %s did not start within %v", name, startTime)
		}
	}
}

func (r *running) sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
