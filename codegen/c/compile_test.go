package cgen

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sprocketc/codegen"
	"sprocketc/schema"
)

// plans are the settings that between them print every line of the emitter.
func plans() map[string]setting {
	s := soil()
	return map[string]setting{
		"soil":      s,
		"intent":    s.without(schema.CalleeEpoch, schema.ChallengeEcho).with(schema.IntentRecord),
		"one slot":  s.without(schema.TwoSlots),
		"random":    s.drawn().without(schema.CallerChallenge),
		"modulo":    s.modulo(100).without(schema.CallerEpoch, schema.CallerChallenge),
		"unsealed":  s.sums(0),
		"crc8":      s.sums(1),
		"crc32":     s.sums(4),
		"plain":     s.without(schema.Memo, schema.Log, schema.Pacing),
		"bare":      {widths: s.widths, schedule: s.schedule},
		"no epochs": s.without(schema.CallerEpoch, schema.CalleeEpoch, schema.CallerChallenge, schema.ChallengeEcho, schema.TwoSlots, schema.OutcomeRestart),
	}
}

// warnings are the flags under which emitted C compiles without one.
var warnings = []string{"-std=c99", "-pedantic", "-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Wstrict-prototypes", "-Wmissing-prototypes", "-Wvla", "-Wimplicit-fallthrough", "-Werror"}

// need fails a test where a tool is not installed: the set-up installs it.
func need(t testing.TB, tool string) {
	t.Helper()
	if _, err := exec.LookPath(tool); err != nil {
		t.Fatalf("%s is not installed: make setup", tool)
	}
}

func run(t testing.TB, dir, stdin string, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader(stdin)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, stderr.Bytes())
	}
	return string(out)
}

// stubs are the hooks of a peer with empty bodies, taken from its header, and the main of a bare program.
func stubs(header string) string {
	var b strings.Builder
	for _, l := range strings.Split(strings.ReplaceAll(header, ",\n    ", ", "), "\n") {
		if !strings.HasSuffix(l, ");") || !(strings.Contains(l, "_port_") || strings.Contains(l, "_on_") || strings.Contains(l, "_done_")) || strings.HasPrefix(l, "//") {
			continue
		}
		sig := strings.TrimSuffix(l, ";")
		b.WriteString(sig + "\n{\n")
		for _, p := range strings.Split(sig[strings.Index(sig, "(")+1:len(sig)-1], ", ") {
			b.WriteString("    (void)" + p[strings.LastIndexAny(p, " *")+1:] + ";\n")
		}
		if strings.HasPrefix(sig, "bool") {
			b.WriteString("    return true;\n")
		}
		b.WriteString("}\n\n")
	}
	return b.String()
}

const bareMain = `
#include "PEER.h"

void *memcpy(void *to, const void *from, size_t n);
void *memset(void *at, int value, size_t n);
int memcmp(const void *a, const void *b, size_t n);

void *memcpy(void *to, const void *from, size_t n) { uint8_t *t = to; const uint8_t *f = from; while (n-- > 0u) { *t++ = *f++; } return to; }
void *memset(void *at, int value, size_t n) { uint8_t *t = at; while (n-- > 0u) { *t++ = (uint8_t)value; } return at; }
int memcmp(const void *a, const void *b, size_t n)
{
    const uint8_t *x = a;
    const uint8_t *y = b;
    for (; n > 0u; n--, x++, y++) { if (*x != *y) { return *x < *y ? -1 : 1; } }
    return 0;
}

static PEER peer;
extern volatile uint32_t ticks;
volatile uint32_t ticks;
void _start(void);
void _start(void)
{
    uint8_t bytes[PEER_MAX] = {0};
    PEER_start(&peer, ticks);
    for (;;) {
        PEER_receive(&peer, bytes, sizeof bytes, ticks);
        PEER_poll(&peer, ticks);
        ticks += PEER_next(&peer, ticks);
    }
}
`

func bare(name, header string) string {
	s := strings.ReplaceAll(bareMain, "PEER_MAX", strings.ToUpper(name)+"_DATAGRAM")
	return strings.ReplaceAll(s, "PEER", name) + stubs(header)
}

// Both peers of every plan compile without a warning by two compilers, and the core links into a bare program for a
// small target, with nothing from outside but the three memory functions and the compiler's own helpers (jump tables).
func TestEmittedCodeCompiles(t *testing.T) {
	for _, program := range []string{"soil", "kinds"} {
		src := kindsProgram(t)
		if program == "soil" {
			src = example(t, "soil.sprocket")
		}
		for name, s := range plans() {
			if testing.Short() && name != "soil" {
				continue
			}
			if program == "kinds" && name != "soil" && name != "intent" && name != "bare" {
				continue
			}
			t.Run(program+" "+name, func(t *testing.T) {
				p, sys := handPlan(t, src, s)
				a, b := inputs(p, sys, program+".sprocket")
				for _, in := range []codegen.Input{a, b} {
					compileAll(t, in)
				}
			})
		}
	}
}

func kindsProgram(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "kinds.sprocket"))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func compileAll(t *testing.T, in codegen.Input) {
	dir := t.TempDir()
	files := emit(t, in)
	write(t, dir, files...)
	replay, err := EmitReplay(in)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(replay[0].Data, files[0].Data) {
		t.Error("the replay's header is not the peer's")
	}
	sameCore(t, string(files[1].Data), string(replay[1].Data))
	port, err := EmitBaremetal(in)
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, append(replay, port...)...)
	name := strings.TrimSuffix(files[0].Name, ".h")
	sources := []string{name + ".c", name + "_posix.c", name + "_replay.c"}
	for cc, how := range map[string][]string{"gcc": {"-O1", "-c", "-o", "out.o"}, "clang": {"-fsyntax-only"}} {
		if _, err := exec.LookPath(cc); err != nil {
			t.Logf("%s is not installed", cc)
			continue
		}
		for _, src := range sources {
			run(t, dir, "", cc, append(append(append([]string{}, warnings...), how...), src)...)
		}
	}
	if name == "soil_probe" || name == "kinds_asker" { // the same for each plan but for names and sizes
		run(t, dir, "", "gcc", append(append([]string{}, warnings...), "-fsyntax-only", name+"_serial.c", name+"_baremetal.c")...)
	}
	if _, err := exec.LookPath("arm-none-eabi-gcc"); err != nil {
		t.Log("arm-none-eabi-gcc is not installed")
		return
	}
	write(t, dir, codegen.File{Name: "main.c", Data: []byte(bare(name, string(files[0].Data)))})
	run(t, dir, "", "arm-none-eabi-gcc", append(append([]string{}, warnings...), "-mcpu=cortex-m0plus", "-mthumb", "-Os", "-ffreestanding",
		"-fno-tree-loop-distribute-patterns", "-nostdlib", "-o", "out.elf", name+".c", "main.c", "-lgcc")...)
}

// sameCore holds the replay against the core: without its trace lines it contains the core, byte for byte.
func sameCore(t *testing.T, core, replay string) {
	t.Helper()
	_, core, _ = strings.Cut(core, "\n")
	var b strings.Builder
	for _, l := range strings.SplitAfter(replay, "\n") {
		if trimmed := strings.TrimSpace(l); strings.HasPrefix(trimmed, "replay_") && strings.HasSuffix(trimmed, ";") {
			continue
		}
		b.WriteString(l)
	}
	if !strings.Contains(b.String(), strings.TrimSpace(core)) {
		t.Error("the replay's core is not the peer's with trace lines added")
	}
}

// The C that is the same for every program compiles by itself, in the order in which it is copied.
func TestRuntimePiecesCompile(t *testing.T) {
	need(t, "gcc")
	dir := t.TempDir()
	all := "#include <stdbool.h>\n#include <stddef.h>\n#include <stdint.h>\n"
	for _, p := range rtPieces {
		b, err := rt.ReadFile("rt/" + p + ".c")
		if err != nil {
			t.Fatal(err)
		}
		all += string(b)
		write(t, dir, codegen.File{Name: "all.c", Data: []byte(all)})
		run(t, dir, "", "gcc", append(append([]string{}, warnings...), "-Wno-unused-function", "-c", "-o", "all.o", "all.c")...)
	}
}

func TestEmitIsDeterministic(t *testing.T) {
	var first []codegen.File
	for range 5 {
		p, sys := handPlan(t, kindsProgram(t), soil())
		a, _ := inputs(p, sys, "dir/kinds.sprocket")
		fs := emit(t, a)
		if first == nil {
			first = fs
		}
		for i := range fs {
			if !bytes.Equal(fs[i].Data, first[i].Data) {
				t.Fatalf("%s differs from run to run", fs[i].Name)
			}
			if !strings.HasPrefix(string(fs[i].Data), "// Code generated by sprocketc from kinds.sprocket. DO NOT EDIT.\n") {
				t.Errorf("%s does not begin with where it is from", fs[i].Name)
			}
		}
	}
}
