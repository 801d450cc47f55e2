package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// sizes of a firmware, in bytes.
type sizes struct{ text, data, bss int }

// flags are those of a small firmware; ownStart those of one that has no library.
var flags = []string{"-std=gnu99", "-Os", "-g", "-ffunction-sections", "-fdata-sections", "-Wall", "-Wextra", "-Werror", "-Wl,--gc-sections", "-Iboard", "-Ic"}
var ownStart = []string{"-Wconversion", "-ffreestanding", "-fno-tree-loop-distribute-patterns", "-nostdlib", "-nostartfiles", "-Wl,--no-warn-rwx-segments", "-Tboard/link.ld"}

// avrRunner is the emulator of the AVR in the directory of the firmware.
const avrRunner = "simavr-runner"

// buildRunner builds it.
func buildRunner(ctx context.Context, dir string) error {
	_, err := do(ctx, dir, "gcc", "-std=gnu99", "-O2", "-Wall", "-Wextra", "-Werror", "-o", avrRunner, "board/simavr.c", "-lsimavr", "-lelf")
	return err
}

// unpack writes the board files, the caller's text, and what was emitted for all programs.
func unpack(dir string, all []*program) error {
	peers, err := callers(all)
	if err != nil {
		return err
	}
	files := map[string]string{"go.mod": "module targets\n\ngo 1.26\n", "caller/peers.go": peers}
	err = fs.WalkDir(texts, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := texts.ReadFile(path)
		files[strings.TrimPrefix(path, "_")] = string(text)
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range all {
		for _, f := range p.r.Files {
			files[f.Name] = string(f.Data)
		}
		files["main/"+p.name+".c"] = p.firmware()
	}
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

// buildCaller builds the program of all callers.
func buildCaller(ctx context.Context, dir string) (string, error) {
	out := filepath.Join(dir, "caller-of-all")
	_, err := do(ctx, dir, "go", "build", "-ldflags=-s -w", "-o", out, "./caller")
	return out, err
}

// build builds a program's firmware for a board.
func (b *board) build(ctx context.Context, dir string, p *program, speed int, define ...string) (elf string, s sizes, err error) {
	elf = fmt.Sprintf("%s/%s-%s%s.elf", dir, p.name, b.name, strings.Join(define, ""))
	files := []string{"main/" + p.name + ".c", "c/" + p.callee + ".c", "c/" + p.callee + "_serial.c", "c/" + p.callee + "_baremetal.c", "board/notes.c"}
	if b.keeps != inEEPROM {
		files = append(files, "board/host.c", "board/flash.c")
	}
	s, err = b.link(ctx, dir, elf, slices.Concat([]string{fmt.Sprintf("-DSPEED=%du", speed)}, b.define(), define), files...)
	return elf, s, err
}

// link compiles files and the board's own into a firmware.
func (b *board) link(ctx context.Context, dir, elf string, extra []string, files ...string) (s sizes, err error) {
	args := slices.Concat(flags, b.flags, extra, files, []string{"board/" + b.source, "-o", elf})
	if b.keeps != inEEPROM {
		args = append(append(args, ownStart...), "board/memory.c", "-lgcc")
		for name, r := range map[string]region{"flash": b.flash, "ram": b.ram} {
			args = append(args, fmt.Sprintf("-Wl,--defsym=%s_at=%#x,--defsym=%[1]s_size=%#[3]x", name, r.at, r.size))
		}
	}
	if _, err := do(ctx, dir, b.tools+"gcc", args...); err != nil {
		return s, err
	}
	said, err := do(ctx, dir, b.tools+"size", elf)
	if err != nil {
		return s, err
	}
	if _, err := fmt.Sscan(said[strings.IndexByte(said, '\n')+1:], &s.text, &s.data, &s.bss); err != nil {
		return s, fmt.Errorf("size: %w\n%s", err, said)
	}
	return s, nil
}

// do runs a command in a directory and gives what it prints.
func do(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	// The emitted code is a module of its own, and links to no library of the system.
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=", "CGO_ENABLED=0")
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", name, err, errs.String())
	}
	return string(out), nil
}
