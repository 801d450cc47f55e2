package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"sprocketc/corpus/models"
)

// size of the selective repeat: window, capacity, epochs; the states that SPIN finds, and the slots of its table as a
// power of two.
type size struct{ w, c, e, states, slots int }

var sizes = []size{{2, 4, 2, 1_405_344, 21}, {3, 3, 2, 5_535_762, 23}, {3, 3, 3, 30_607_194, 25}}

// largest is explored by one engine alone, in 2 GiB.
var largest = size{3, 3, 4, 128_331_780, 0}

const largestMiB = 2048

func (s size) String() string { return fmt.Sprintf("%d %d %d", s.w, s.c, s.e) }

// sample is what one run took.
type sample struct {
	cpu, wall time.Duration
	mib       float64 // resident at most
	states    int
}

func main() {
	rounds := flag.Int("rounds", 3, "how often each is run")
	upTo := flag.Int("up-to", len(sizes), "how many of the sizes are compared")
	big := flag.Bool("largest", true, "explore 3 3 4 as well")
	programs := flag.Bool("programs", true, "verify every program of the corpus as well")
	demand := flag.Float64("demand", 6, "how many times as fast as SPIN one worker has to be")
	symbolic := flag.Float64("symbolic", 12, "how many times as fast as SPIN the symbolic engine has to be on the last size")
	flag.Parse()
	b, err := prepare()
	if err == nil {
		defer os.RemoveAll(b.dir)
		err = b.all(*rounds, *upTo, *big, *programs, *demand, *symbolic)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

type bench struct {
	root, dir, sprocketc string
	wrong                []string
}

func (b *bench) all(rounds, upTo int, big, programs bool, demand, symbolic float64) error {
	fmt.Println("| W C E, states | SPIN, s | explicit, s | | 2 workers, s (clock) | | symbolic, s | | B a state: SPIN | explicit | symbolic |")
	fmt.Println("|---|---|---|---|---|---|---|---|---|---|---|")
	for i, s := range sizes[:upTo] {
		if err := b.compare(s, rounds, demand, symbolic, i == len(sizes)-1); err != nil {
			return err
		}
	}
	if big {
		b.inside(largest)
	}
	if programs {
		if err := b.programs(); err != nil {
			return err
		}
	}
	if b.wrong != nil {
		return errors.New(strings.Join(b.wrong, "; "))
	}
	return nil
}

func (b *bench) missed(format string, args ...any) {
	b.wrong = append(b.wrong, fmt.Sprintf(format, args...))
}

// prepare builds the command in a temporary directory.
func prepare() (*bench, error) {
	for _, tool := range []string{"spin", "gcc"} {
		if _, err := exec.LookPath(tool); err != nil {
			return nil, fmt.Errorf("%s is missing: make setup installs it", tool)
		}
	}
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "sprocketc").Output()
	if err != nil {
		return nil, fmt.Errorf("run it in the module bench: %w", err)
	}
	b := &bench{root: strings.TrimSpace(string(out))}
	if b.dir, err = os.MkdirTemp("", "sprocketc-bench-"); err != nil {
		return nil, err
	}
	b.sprocketc = filepath.Join(b.dir, "sprocketc")
	build := exec.Command("go", "build", "-o", b.sprocketc, "./cmd/sprocketc")
	build.Dir, build.Stderr, build.Env = b.root, os.Stderr, append(os.Environ(), "CGO_ENABLED=0") // as make build has it
	return b, build.Run()
}

// timed runs a command, and gives its output. An exit status is no error.
func timed(c *exec.Cmd) (sample, []byte, error) {
	begun := time.Now()
	out, err := c.Output()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return sample{}, nil, err
	}
	s := sample{wall: time.Since(begun), cpu: c.ProcessState.UserTime() + c.ProcessState.SystemTime()}
	if r, ok := c.ProcessState.SysUsage().(*syscall.Rusage); ok {
		s.mib = float64(r.Maxrss) / 1024
	}
	return s, out, nil
}

// spin compiles the verifier of a size.
func (b *bench) spin(s size) (string, error) {
	dir := filepath.Join(b.dir, strings.ReplaceAll(s.String(), " ", "-"))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	text, err := os.ReadFile(filepath.Join(b.root, "bench", "verify", "selective_repeat.pml"))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "model.pml"), text, 0o644)
	}
	if err != nil {
		return "", err
	}
	for _, c := range [][]string{
		{"spin", fmt.Sprintf("-DW=%d", s.w), fmt.Sprintf("-DC=%d", s.c), fmt.Sprintf("-DE=%d", s.e), "-a", "model.pml"},
		{"gcc", "-O2", "-DNOREDUCE", "-DSAFETY", "-w", "-o", "pan", "pan.c"},
	} {
		x := exec.Command(c[0], c[1:]...)
		x.Dir = dir
		if out, err := x.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", c[0], err, out)
		}
	}
	return dir, nil
}

var stored = regexp.MustCompile(`(?m)^\s*(\d+) states, stored`)

func (b *bench) pan(dir string, s size) (sample, error) {
	c := exec.Command("./pan", "-m200000", fmt.Sprintf("-w%d", s.slots))
	c.Dir = dir
	r, out, err := timed(c)
	if m := stored.FindSubmatch(out); m != nil {
		r.states, _ = strconv.Atoi(string(m[1]))
	}
	return r, err
}

// explore verifies a size with our own command; ok is false where it has no such engine.
func (b *bench) explore(s size, flags ...string) (r sample, ok bool, err error) {
	file := filepath.Join(b.dir, strings.ReplaceAll(s.String(), " ", "-")+".fsm")
	if err := os.WriteFile(file, []byte(models.SelectiveRepeat(s.w, s.c, s.e)), 0o644); err != nil {
		return r, false, err
	}
	c := exec.Command(b.sprocketc, append([]string{"verify", "--format", "json", "--max-memory", "16GiB", file}, flags...)...)
	r, out, err := timed(c)
	if err != nil || c.ProcessState.ExitCode() == 2 {
		return r, false, err
	}
	var v struct {
		States  int
		Verdict string
	}
	if err := json.Unmarshal(out, &v); err != nil {
		return r, false, err
	}
	if v.Verdict != "holds" {
		b.missed("%s %v: %s", s, flags, v.Verdict)
	}
	r.states = v.States
	return r, true, nil
}

// contestants by their flags; SPIN is the first.
var contestants = [][]string{nil, {"--engine", "explicit", "--workers", "1"}, {"--engine", "explicit", "--workers", "2"}, {"--engine", "symbolic"}}

const (
	spin = iota
	one
	two
	diagram
)

// compare runs all on one size, one after the other, several times.
func (b *bench) compare(s size, rounds int, demand, symbolic float64, last bool) error {
	dir, err := b.spin(s)
	if err != nil {
		return err
	}
	got := make([][]sample, len(contestants))
	for range rounds {
		for i, flags := range contestants {
			r, ok := sample{}, true
			if i == spin {
				r, err = b.pan(dir, s)
			} else {
				r, ok, err = b.explore(s, flags...)
			}
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			if r.states != s.states {
				b.missed("%s %v: %d states, not %d", s, flags, r.states, s.states)
			}
			got[i] = append(got[i], r)
		}
	}
	m := make([]sample, len(got))
	for i := range got {
		m[i] = median(got[i])
	}
	against := func(i int) float64 { return m[spin].cpu.Seconds() / m[i].cpu.Seconds() }
	cell := func(i int) string {
		if len(got[i]) == 0 {
			return "- | "
		}
		return fmt.Sprintf("%.2f | %.1fx", m[i].cpu.Seconds(), against(i))
	}
	each := func(i int) string {
		if len(got[i]) == 0 {
			return "-"
		}
		return fmt.Sprintf("%.0f", m[i].mib*(1<<20)/float64(s.states))
	}
	faster := m[one].wall.Seconds() / m[two].wall.Seconds()
	fmt.Printf("| %s, %s | %.2f | %s | %.2f | %.2fx one | %s | %s | %s | %s |\n", s, count(s.states), m[spin].cpu.Seconds(), cell(one), m[two].wall.Seconds(), faster, cell(diagram), each(spin), each(one), each(diagram))
	if against(one) < demand {
		b.missed("%s: explicit is %.1f times as fast as SPIN, not %.1f", s, against(one), demand)
	}
	if last && faster < 1.6 {
		b.missed("%s: two workers are %.2f times as fast as one, not 1.6", s, faster)
	}
	if last && len(got[diagram]) > 0 && against(diagram) < symbolic {
		b.missed("%s: symbolic is %.1f times as fast as SPIN, not %.1f", s, against(diagram), symbolic)
	}
	return nil
}

// inside explores a size once with each engine that there is, and says what it took.
func (b *bench) inside(s size) {
	fmt.Println()
	for _, flags := range contestants[one:] {
		r, ok, err := b.explore(s, flags...)
		if err != nil || !ok {
			continue
		}
		fmt.Printf("%s, %s states, %s: %.1f s of the processor, %.1f s by the clock, %.0f MiB, %.1f bytes a state\n", s, count(r.states), strings.Join(flags, " "), r.cpu.Seconds(), r.wall.Seconds(), r.mib, r.mib*(1<<20)/float64(r.states))
		if r.states != s.states || r.mib > largestMiB {
			b.missed("%s %v: %d states in %.0f MiB, not %d in %d", s, flags, r.states, r.mib, s.states, largestMiB)
		}
	}
}

// median by processor time; of the clock and of memory each its own.
func median(s []sample) (m sample) {
	if len(s) == 0 {
		return
	}
	pick := func(less func(a, b sample) int) sample {
		k := slices.Clone(s)
		slices.SortFunc(k, less)
		return k[len(k)/2]
	}
	m.cpu = pick(func(a, b sample) int { return int(a.cpu - b.cpu) }).cpu
	m.wall = pick(func(a, b sample) int { return int(a.wall - b.wall) }).wall
	m.mib = pick(func(a, b sample) int { return int(a.mib - b.mib) }).mib
	return
}

func count(n int) string {
	t := strconv.Itoa(n)
	for i := len(t) - 3; i > 0; i -= 3 {
		t = t[:i] + "," + t[i:]
	}
	return t
}

// programs verifies the corpus.
func (b *bench) programs() error {
	fmt.Print("\n| program | verdict | states | seconds | peak MiB | engine |\n|---|---|---|---|---|---|\n")
	for _, pattern := range []string{"examples/*.sprocket", "accepted/*.sprocket", "broken/*.sprocket", "models/*.fsm"} {
		files, err := filepath.Glob(filepath.Join(b.root, "corpus", pattern))
		if err != nil {
			return err
		}
		for _, file := range files {
			s, out, err := timed(exec.Command(b.sprocketc, "verify", "--format", "json", "--timeout", "60s", file))
			if err != nil {
				return err
			}
			var v struct {
				Verdict, Engine string
				States          int
			}
			if err := json.Unmarshal(out, &v); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			if v.Verdict == "" {
				continue // this version has no plan for it
			}
			name, _ := filepath.Rel(filepath.Join(b.root, "corpus"), file)
			fmt.Printf("| %s | %s | %s | %.2f | %.0f | %s |\n", name, v.Verdict, count(v.States), s.cpu.Seconds(), s.mib, v.Engine)
		}
	}
	return nil
}
