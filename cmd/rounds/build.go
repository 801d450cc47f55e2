package main

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"sprocketc/compile"
)

//go:embed programs/node programs/gateway programs/_gateway/burn.go programs/_gateway/hand.go programs/_gateway/main.go
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
	if err := errors.Join(inC(files, "node"), put(dir, files)); err != nil {
		return emitted, byHand, err
	}
	emitted = pair{filepath.Join(dir, "gateway-emitted"), filepath.Join(dir, "node-emitted")}
	c := compiler()
	own := append([]string{"-o", emitted.node, "node/" + name + ".c", "node/steps.c"}, s.sources(s.node)...)
	gateway := filepath.Join(dir, "gateway-hand")
	commands := [][]string{
		{"go", "build", "-ldflags=-s -w", "-o", emitted.gateway, "./emitted"},
		{"go", "build", "-ldflags=-s -w", "-o", gateway, "./hand"},
		append(c, own...),
	}
	for i, h := range s.byHand {
		p := pair{gateway, filepath.Join(dir, fmt.Sprintf("node-hand-%d", i))}
		byHand = append(byHand, p)
		commands = append(commands, append(c, "-D"+strings.ToUpper(name), fmt.Sprintf("-DWINDOW=%d", h.window), "-o", p.node, "node/hand.c", "node/steps.c"))
	}
	return emitted, byHand, do(ctx, dir, commands)
}

// buildInC builds the emitted node, and in C too the emitted gateway, the peer of that name.
func (s *show) buildInC(ctx context.Context, dir string, r *compile.Result, gateway string) (pair, error) {
	p := pair{filepath.Join(dir, "gateway-emitted"), filepath.Join(dir, "node-emitted")}
	if _, err := compile.Write(dir, []*compile.Result{r}, ""); err != nil {
		return p, err
	}
	files := map[string]string{}
	if err := errors.Join(inC(files, "node"), inC(files, "gateway"), put(dir, files)); err != nil {
		return p, err
	}
	c := compiler()
	return p, do(ctx, dir, [][]string{
		append(append(c, "-o", p.node, "node/"+r.Name()+".c", "node/steps.c"), s.sources(s.node)...),
		append(append(c, `-DPEER="gateway"`, "-Inode", "-o", p.gateway, "gateway/"+r.Name()+".c", "gateway/gateway.c", "node/steps.c"), s.sources(gateway)...),
	})
}

// sources are the emitted files of a peer in C.
func (s *show) sources(peer string) []string {
	out := []string{"c/" + peer + ".c", "c/" + peer + "_posix.c"}
	if s.serial {
		out = append(out, "c/"+peer+"_serial.c")
	}
	return out
}

// inC adds the programs of a folder.
func inC(files map[string]string, folder string) error {
	list, err := programs.ReadDir("programs/" + folder)
	if err != nil {
		return err
	}
	for _, f := range list {
		text, err := programs.ReadFile("programs/" + folder + "/" + f.Name())
		if err != nil {
			return err
		}
		files[folder+"/"+f.Name()] = string(text)
	}
	return nil
}

func put(dir string, files map[string]string) error {
	for place, text := range files {
		place = filepath.Join(dir, filepath.FromSlash(place))
		if err := os.MkdirAll(filepath.Dir(place), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(place, []byte(text), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// compiler is the command that compiles C, with a capacity of its own length.
func compiler() []string {
	cc := os.Getenv("CC")
	if cc == "" {
		cc = "cc"
	}
	return slices.Clip([]string{cc, "-std=c99", "-O2", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-Ic", "-Wl,--wrap=write,--wrap=pwrite,--wrap=sendto"})
}

// do runs commands in a directory.
func do(ctx context.Context, dir string, commands [][]string) error {
	for _, command := range commands {
		do := exec.CommandContext(ctx, command[0], command[1:]...)
		do.Dir = dir
		// The emitted code is a module of its own, and links to no library of the system.
		do.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
		if out, err := do.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", command[0], err, out)
		}
	}
	return nil
}
