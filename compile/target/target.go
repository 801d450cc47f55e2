package target

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A Target is a chip and its compiler.
type Target struct {
	Name  string   // as in schema/flash.csv
	Tools string   // prefix of gcc, size and nm
	Flags []string // that choose the chip
}

// All are the targets that sizes are known of.
var All = []Target{
	{"cortex-m0plus", "arm-none-eabi-", []string{"-mcpu=cortex-m0plus", "-mthumb"}},
	{"cortex-m4", "arm-none-eabi-", []string{"-mcpu=cortex-m4", "-mthumb"}},
	{"rv32", "riscv64-unknown-elf-", []string{"-march=rv32imc", "-mabi=ilp32"}},
	{"avr", "avr-", []string{"-mmcu=atmega328p"}},
}

// Of is the target of a name; false where there is none.
func Of(name string) (Target, bool) {
	i := slices.IndexFunc(All, func(t Target) bool { return t.Name == name })
	if i < 0 {
		return Target{}, false
	}
	return All[i], true
}

// Compiler is the name of the target's C compiler.
func (t Target) Compiler() string { return t.Tools + "gcc" }

// Installed reports whether the target's compiler is there.
func (t Target) Installed() bool {
	_, err := exec.LookPath(t.Compiler())
	return err == nil
}

// Version is the compiler's name with its version: "arm-none-eabi-gcc 12.2.1".
func (t Target) Version(ctx context.Context) (string, error) {
	said, err := run(ctx, "", t.Compiler(), "-dumpfullversion", "-dumpversion")
	return t.Compiler() + " " + strings.TrimSpace(said), err
}

// Size is what an object takes, in bytes: code with constants, variables with a value, variables of zeros.
type Size struct{ Text, Data, BSS int }

// Compile compiles a file of a folder as freestanding C99 with -Os, and gives the name of the object beside it.
func (t Target) Compile(ctx context.Context, dir, file string) (object string, err error) {
	object = file + "." + t.Name + ".o"
	args := append([]string{"-std=c99", "-Os", "-ffreestanding", "-fno-common", "-c", "-o", object, file}, t.Flags...)
	_, err = run(ctx, dir, t.Compiler(), args...)
	return object, err
}

// Size is what a file takes that is compiled so.
func (t Target) Size(ctx context.Context, dir, file string) (Size, error) {
	object, err := t.Compile(ctx, dir, file)
	if err != nil {
		return Size{}, err
	}
	text, err := run(ctx, dir, t.Tools+"size", object)
	if err != nil {
		return Size{}, err
	}
	var s Size
	_, row, _ := strings.Cut(text, "\n")
	if _, err := fmt.Sscan(row, &s.Text, &s.Data, &s.BSS); err != nil {
		return Size{}, fmt.Errorf("%ssize: %w in %q", t.Tools, err, text)
	}
	return s, nil
}

// Context is the size of a type in a header: that of a variable in a file of its own, which is written into the folder.
func (t Target) Context(ctx context.Context, dir, header, ctype string) (int, error) {
	const name = "sizeof_context.c"
	if err := os.WriteFile(filepath.Join(dir, name), fmt.Appendf(nil, "#include \"%s\"\n%s context;\n", header, ctype), 0o644); err != nil {
		return 0, err
	}
	s, err := t.Size(ctx, dir, name)
	return s.Data + s.BSS, err
}

// A Symbol is a function, table or variable of an object.
type Symbol struct {
	Name  string
	Bytes int
}

// Symbols lists what is in an object that has been compiled, the largest first.
func (t Target) Symbols(ctx context.Context, dir, object string) ([]Symbol, error) {
	text, err := run(ctx, dir, t.Tools+"nm", "--print-size", "--defined-only", object)
	if err != nil {
		return nil, err
	}
	var out []Symbol
	for _, line := range strings.Split(text, "\n") {
		f := strings.Fields(line)
		if len(f) != 4 { // a symbol without a size
			continue
		}
		s := Symbol{Name: f[3]}
		if _, err := fmt.Sscanf(f[1], "%x", &s.Bytes); err != nil {
			return nil, fmt.Errorf("%snm: %w in %q", t.Tools, err, line)
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Symbol) int { return cmp.Or(b.Bytes-a.Bytes, strings.Compare(a.Name, b.Name)) })
	return out, nil
}

func run(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", name, err, said.String())
	}
	return string(out), nil
}
