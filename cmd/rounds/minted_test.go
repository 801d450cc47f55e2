package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"sprocketc/compile"
	"sprocketc/faultlink"
)

// minting is the course of a desk and a press that die: what is struck is counted in the press's own ledger.
var minting = &show{
	name: "minted", program: "corpus/accepted/minted.sprocket", node: "minted_press",
	faults: faultlink.Faults{Lose: 0.10, Repeat: 0.10, Overtake: 2, DelayMin: time.Millisecond, DelayMax: 20 * time.Millisecond},
	speed:  20, life: lives{30, 30},
}

// A call that says exactly once is committed once, whoever dies and whenever: desk and press are killed at drawn steps and at drawn
// times, and afterwards the ledger has each coin once, in the order of its calls, with the number that its caller was told.
func TestMintedOnce(t *testing.T) {
	for _, way := range []struct {
		name, press string // the file of openStore; "": in C
		inC         bool   // the desk
	}{
		{"Go with a write-ahead file", "file.go", false},
		{"Go with bbolt", "bolt.go", false},
		{"C", "", true},
		{"Go with a write-ahead file, C desk", "file.go", true},
	} {
		t.Run(way.name, func(t *testing.T) {
			ctx, stop := context.WithTimeout(context.Background(), 3*time.Minute)
			defer stop()
			dir := t.TempDir()
			bin := mint(ctx, t, dir, way.press, way.inC)
			c := &course{show: minting, bin: bin, dir: filepath.Join(dir, "run"), seed: 5, rounds: 30, inC: way.inC, kills: 200 * time.Millisecond}
			events, err := c.run(ctx)
			if err != nil {
				t.Fatal(err)
			}
			store := filepath.Join(c.dir, "node.stable")
			ledger := dumped(ctx, t, bin.node, store)
			if way.press == "bolt.go" {
				if own := inDatabase(t, store); !slices.Equal(own, ledger) {
					t.Errorf("the database has %v, and the press says %v", own, ledger)
				}
			}
			if c.deaths["node"] < 2 || c.deaths["gateway"] < 2 {
				t.Errorf("deaths: %v", c.deaths)
			}
			told, lost, runs := minted(t, c.rounds, events, ledger)
			t.Logf("%d calls, %d coins, %d answers; %d answers died with the desk, %d runs; %v deaths", c.rounds, len(ledger), told, lost, runs, c.deaths)
			if told < c.rounds/4 || len(ledger) != told+lost {
				t.Errorf("%d coins, %d answers, %d answers that died with the desk", len(ledger), told, lost)
			}
		})
	}
}

// minted holds events against the ledger, the serials in their order: it gives calls that were answered, coins whose answer may have
// died with the desk, and executions, of which those that a death cut left nothing.
func minted(t *testing.T, rounds int, events []string, ledger []int) (told, lost, runs int) {
	t.Helper()
	number := map[int]int{} // of a coin, by serial
	for n, serial := range ledger {
		if number[serial] != 0 {
			t.Errorf("coin %d was struck twice", serial)
		}
		if n > 0 && serial < ledger[n-1] {
			t.Errorf("coin %d was struck after coin %d", serial, ledger[n-1])
		}
		number[serial] = n + 1
	}
	answered := make([]bool, rounds)
	died := make([]bool, rounds) // the desk did, or was done, after the call was made and before its answer was written down
	latest := -1
	for _, line := range events {
		var i, answer int
		var how, with string
		switch {
		case scan(line, "gateway start %d", &i):
			latest = i
		case line == "gateway boot":
			for i := 0; i <= latest; i++ {
				died[i] = died[i] || !answered[i]
			}
		case scan(line, "gateway end %d %s %s", &i, &how, &with):
			if how == "timed_out" && number[i] != 0 {
				t.Errorf("call %d timed out, and its coin is there", i)
			}
			if how != "answered" {
				died[i] = i == rounds-1 // it goes on, and nobody is there any more
				continue
			}
			if fmt.Sprint(number[i]) != with {
				t.Errorf("call %d was told that it is coin %s, and it is %d", i, with, number[i])
			}
			answered[i] = true
		case scan(line, "gateway late %d %d", &i, &answer):
			if number[i] != answer || answer == 0 {
				t.Errorf("call %d was told late that it is coin %d, and it is %d", i, answer, number[i])
			}
			answered[i] = true
		case scan(line, "node run %d", &i):
			runs++
		}
	}
	for i := range rounds {
		switch {
		case answered[i]:
			told++
		case number[i] != 0 && died[i]:
			lost++
		case number[i] != 0:
			t.Errorf("coin %d was struck, and the desk was never told", i)
		case !died[i]:
			t.Errorf("call %d has neither an answer nor a coin, and its desk did not die", i)
		}
	}
	return told, lost, runs
}

// mint builds a desk and a press.
func mint(ctx context.Context, t *testing.T, dir, press string, deskInC bool) pair {
	t.Helper()
	r, err := minting.read(ctx, options{root: "../.."}, minting.program, compile.Emit, compile.Options{Unproven: true})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := compile.Write(dir, []*compile.Result{r}, ""); err != nil {
		t.Fatal(err)
	}
	text := func(name string) string {
		b, err := os.ReadFile(filepath.FromSlash(name))
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	// What this module requires, at the versions that it has.
	files := map[string]string{"go.mod": strings.Replace(text("../../go.mod"), "module sprocketc", "module rounds", 1), "go.sum": text("../../go.sum")}
	for _, f := range []string{"main.go", "steps.go", "minted.go"} {
		files["desk/"+f] = text("programs/_gateway/" + f)
	}
	files["press/steps.go"] = text("programs/_gateway/steps.go")
	if press != "" {
		files["press/main.go"], files["press/"+press] = text("programs/_press/main.go"), text("programs/_press/"+press)
	}
	p := pair{filepath.Join(dir, "gateway-emitted"), filepath.Join(dir, "node-emitted")}
	c := compiler()
	commands := [][]string{
		{"go", "build", "-mod=mod", "-ldflags=-s -w", "-o", p.gateway, "./desk"},
		{"go", "build", "-mod=mod", "-ldflags=-s -w", "-o", p.node, "./press"},
	}
	if deskInC {
		commands[0] = append(append(c, `-DPEER="gateway"`, "-Inode", "-o", p.gateway, "gateway/minted.c", "gateway/gateway.c", "node/steps.c"), minting.sources("minted_desk")...)
	}
	if press == "" {
		commands[1] = append(append(c, "-o", p.node, "node/minted.c", "node/steps.c"), minting.sources("minted_press")...)
	}
	for _, failed := range []error{inC(files, "node"), inC(files, "gateway"), put(dir, files), do(ctx, dir, commands)} {
		if failed != nil {
			t.Fatal(failed)
		}
	}
	return p
}

// dumped is the ledger as the press reads it.
func dumped(ctx context.Context, t *testing.T, press, store string) (ledger []int) {
	t.Helper()
	out, err := exec.CommandContext(ctx, press, "dump", store).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Fields(string(out)) {
		var serial int
		if !scan(line, "%d", &serial) {
			t.Fatalf("the press says %q", line)
		}
		ledger = append(ledger, serial)
	}
	return ledger
}

// inDatabase is the ledger as bbolt has it.
func inDatabase(t *testing.T, store string) (ledger []int) {
	t.Helper()
	db, err := bolt.Open(store, 0o600, &bolt.Options{ReadOnly: true, Timeout: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	err = db.View(func(tx *bolt.Tx) error {
		return tx.Bucket([]byte("coins")).ForEach(func(_, serial []byte) error {
			ledger = append(ledger, int(binary.BigEndian.Uint32(serial)))
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return ledger
}
