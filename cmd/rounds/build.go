package main

import (
	"context"
	"embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"sprocketc/compile"
)

//go:embed programs/node programs/_gateway/burn.go programs/_gateway/hand.go programs/_gateway/main.go
//go:embed programs/_gateway/reboot.go programs/_gateway/sleepy.go programs/_gateway/steps.go
var programs embed.FS

// pair is the two programs of one way to do it.
type pair struct{ gateway, node string }

// build writes what the compiler emitted into a directory, with the programs of the node and of the gateway, and builds
// both of them: emitted, and each way to write them by hand.
func (s *show) build(ctx context.Context, dir string, r *compile.Result) (emitted pair, byHand []pair, err error) {
	if _, err := compile.Write(dir, []*compile.Result{r}, ""); err != nil {
		return emitted, byHand, err
	}
	name := r.Name()
	files := map[string]string{
		"go.mod":      "module rounds\n\ngo 1.26\n",
		"hand/own.go": fmt.Sprintf("package main\n\nconst (\n\tprogram = %q\n\tpause = %d // ns\n)\n", name, s.pause.Nanoseconds()),
	}
	for _, way := range []string{"emitted", "hand"} {
		for _, f := range []string{"main.go", "steps.go", map[string]string{"emitted": name + ".go", "hand": "hand.go"}[way]} {
			text, err := programs.ReadFile("programs/_gateway/" + f)
			if err != nil {
				return emitted, byHand, err
			}
			files[way+"/"+f] = string(text)
		}
	}
	nodes, err := programs.ReadDir("programs/node")
	if err != nil {
		return emitted, byHand, err
	}
	for _, f := range nodes {
		text, err := programs.ReadFile("programs/node/" + f.Name())
		if err != nil {
			return emitted, byHand, err
		}
		files["node/"+f.Name()] = string(text)
	}
	for place, text := range files {
		place = filepath.Join(dir, filepath.FromSlash(place))
		if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
			return emitted, byHand, err
		}
		if err := os.WriteFile(place, []byte(text), 0o600); err != nil {
			return emitted, byHand, err
		}
	}
	emitted = pair{filepath.Join(dir, "gateway-emitted"), filepath.Join(dir, "node-emitted")}
	cc := os.Getenv("CC")
	if cc == "" {
		cc = "cc"
	}
	c := []string{cc, "-std=c99", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-Ic", "-Wl,--wrap=write,--wrap=pwrite,--wrap=sendto"}
	own := []string{"-o", emitted.node, "node/" + name + ".c", "node/steps.c", "c/" + s.node + ".c", "c/" + s.node + "_posix.c"}
	if s.serial {
		own = append(own, "c/"+s.node+"_serial.c")
	}
	gateway := filepath.Join(dir, "gateway-hand")
	commands := [][]string{
		{"go", "build", "-ldflags=-s -w", "-o", emitted.gateway, "./emitted"},
		{"go", "build", "-ldflags=-s -w", "-o", gateway, "./hand"},
		append(c[:len(c):len(c)], own...),
	}
	for i, h := range s.byHand {
		p := pair{gateway, filepath.Join(dir, fmt.Sprintf("node-hand-%d", i))}
		byHand = append(byHand, p)
		commands = append(commands, append(c[:len(c):len(c)], "-D"+strings.ToUpper(name), fmt.Sprintf("-DWINDOW=%d", h.window), "-o", p.node, "node/hand.c", "node/steps.c"))
	}
	for _, command := range commands {
		do := exec.CommandContext(ctx, command[0], command[1:]...)
		do.Dir = dir
		// The emitted code is a module of its own, and links to no library of the system.
		do.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
		if out, err := do.CombinedOutput(); err != nil {
			return emitted, byHand, fmt.Errorf("%s: %w\n%s", command[0], err, out)
		}
	}
	return emitted, byHand, nil
}
