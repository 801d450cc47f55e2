package corpus

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"sprocketc/compile"
	"sprocketc/diag"
	"sprocketc/faultlink"
)

// Peers of which two calls are outstanding work over a bad link, in Go and in C, each with each, and are killed at drawn times: what
// runs is in the order of the calls and never twice, and every outcome is true.
func TestLanesAtWork(t *testing.T) {
	root := t.TempDir()
	text := read(t, filepath.Join("accepted", "moves.sprocket"))
	r, err := compile.Run(context.Background(), &diag.File{Name: "moves.sprocket", Text: []byte(text)}, compile.Emit, compile.Options{Unproven: true})
	if err != nil {
		t.Fatal(err)
	}
	put(t, root, r.Files)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(filepath.Join(root, "go", "go.mod"), []byte("module lanes\n\ngo 1.25\n"), 0o644))
	for _, name := range []string{"panel", "table"} {
		main := filepath.Join(root, "go", name, "main.go")
		must(os.MkdirAll(filepath.Dir(main), 0o755))
		must(os.WriteFile(main, []byte(read(t, filepath.Join("testdata", "lanes", name+".go.txt"))), 0o644))
		must(os.WriteFile(filepath.Join(root, "c", name+".c"), []byte(read(t, filepath.Join("testdata", "lanes", name+".c"))), 0o644))
		cc(t, filepath.Join(root, "c"), []string{"-std=c99", "-O1", "-Wall", "-Wextra", "-Werror", "-o", name, name + ".c", "moves_" + name + ".c", "moves_" + name + "_posix.c"})
	}
	bin := map[string]string{"go": filepath.Join(root, "go", "bin"), "c": filepath.Join(root, "c")}
	build := exec.Command("go", "build", "-o", bin["go"]+string(filepath.Separator), "./panel", "./table")
	build.Dir, build.Env = filepath.Join(root, "go"), append(os.Environ(), "GOWORK=off", "GOPROXY=off", "GOFLAGS=")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for i, pair := range [][2]string{{"go", "go"}, {"go", "c"}, {"c", "go"}, {"c", "c"}} {
		t.Run(pair[0]+" calls "+pair[1], func(t *testing.T) {
			t.Parallel()
			w := &lanesAtWork{dir: t.TempDir(), panel: filepath.Join(bin[pair[0]], "panel"), table: filepath.Join(bin[pair[1]], "table"),
				moves: 60, rand: rand.New(rand.NewPCG(uint64(i), 7))}
			w.work(t)
		})
	}
}

type lanesAtWork struct {
	dir, panel, table string
	moves             int
	rand              *rand.Rand

	mu    sync.Mutex
	made  int // the last move
	runs  []int
	ended map[int]string
}

// heard takes what a program says.
func (w *lanesAtWork) heard(out io.Reader) {
	for lines := bufio.NewScanner(out); lines.Scan(); {
		w.mu.Lock()
		word, rest, _ := strings.Cut(lines.Text(), " ")
		n, how := 0, ""
		_, _ = fmt.Sscan(rest, &n)
		_, how, _ = strings.Cut(rest, " ")
		switch word {
		case "made":
			w.made = n
		case "runs":
			w.runs = append(w.runs, n)
		case "ended":
			if w.ended[n] != "" {
				how = "twice: " + how
			}
			w.ended[n] = how
		}
		w.mu.Unlock()
	}
}

// lanesPeer is a process, what it says being heard to its end.
type lanesPeer struct {
	cmd  *exec.Cmd
	over chan error
}

func (w *lanesAtWork) start(t *testing.T, args ...string) *lanesPeer {
	t.Helper()
	p := &lanesPeer{exec.Command(args[0], args[1:]...), make(chan error, 1)}
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	p.cmd.Stderr = os.Stderr
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		w.heard(out)
		p.over <- p.cmd.Wait()
	}()
	return p
}

// kill a peer; what it has said is heard then.
func (p *lanesPeer) kill() {
	_ = p.cmd.Process.Kill()
	<-p.over
}

func (w *lanesAtWork) work(t *testing.T) {
	w.ended = map[int]string{}
	port, err := faultlink.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	link, err := faultlink.Listen(faultlink.Config{Seed: 5, PeerB: "127.0.0.1:" + port}.Both(faultlink.Faults{Lose: 0.1, Repeat: 0.2, Overtake: 4,
		DelayMin: time.Millisecond, DelayMax: 10 * time.Millisecond}))
	if err != nil {
		t.Fatal(err)
	}
	defer link.Close()
	table := func() *lanesPeer { return w.start(t, w.table, port, filepath.Join(w.dir, "table.store")) }
	panel := func() *lanesPeer {
		w.mu.Lock()
		defer w.mu.Unlock()
		return w.start(t, w.panel, fmt.Sprint(link.AddrA().Port), filepath.Join(w.dir, "panel.store"), fmt.Sprint(w.made+1), fmt.Sprint(w.moves))
	}
	a, b := panel(), table()
	defer func() { b.kill() }()
	end := time.After(time.Minute)
	kills := [2]int{}
	for working := true; working; {
		kill := (<-chan time.Time)(nil)
		if kills[0]+kills[1] < 10 {
			kill = time.After(time.Duration(50+w.rand.IntN(250)) * time.Millisecond)
		}
		select {
		case err := <-a.over:
			if err != nil {
				t.Fatal(err)
			}
			working = false
		case err := <-b.over:
			t.Fatal(errors.Join(errors.New("the table stops"), err))
		case <-kill:
			if kills[0] > kills[1] {
				kills[1]++
				b.kill()
				b = table()
			} else {
				kills[0]++
				a.kill()
				a = panel()
			}
		case <-end:
			t.Fatal("it takes longer than a minute")
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	ran := map[int]bool{}
	for i, n := range w.runs {
		if i > 0 && n <= w.runs[i-1] {
			t.Errorf("move %d runs after move %d", n, w.runs[i-1])
		}
		ran[n] = true
	}
	count := map[string]int{}
	for n, how := range w.ended {
		outcome := strings.TrimRight(how, "0123456789 ")
		count[outcome]++
		switch {
		case outcome == "answer" && (how != fmt.Sprint("answer ", 3*n) || !ran[n]):
			t.Errorf("move %d ends with %s, and it ran: %v", n, how, ran[n])
		case (outcome == "refused" || outcome == "timed out") && ran[n]:
			t.Errorf("move %d is %s, and it ran", n, outcome)
		case strings.HasPrefix(outcome, "twice"):
			t.Errorf("move %d ends twice", n)
		}
	}
	t.Logf("%d moves: %v, %d ran; the panel was killed %d times, the table %d", w.moves, count, len(w.runs), kills[0], kills[1])
	if count["answer"] < w.moves/3 || kills[0] == 0 || kills[1] == 0 {
		t.Errorf("only %d of %d moves are answered, or nobody was killed: %v", count["answer"], w.moves, kills)
	}
}
