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
	"sprocketc/diag"
)

//go:embed fw
var firmware embed.FS

// A stack is a way to write both sides: the files of a firmware beside its main, and of these the ones to compile.
type stack struct {
	name  string
	sides [2]side // caller, callee
}

type side struct {
	main func(n int) string
	with []string
}

const tools = "arm-none-eabi-"

var sideNames = [2]string{"caller", "callee"}

var stacks = []stack{
	{"sprocketc", [2]side{{emittedHub, []string{"sized_hub.c", "sized_hub_serial.c"}}, {emittedNode, []string{"sized_node.c", "sized_node_serial.c"}}}},
	{"by hand", [2]side{{packedHub, []string{"hand_rpc.c"}}, {packedNode, []string{"hand_rpc.c"}}}},
	{"by hand, nanopb", [2]side{{nanopbHub, nanopbFiles}, {nanopbNode, nanopbFiles}}},
}

var nanopbFiles = []string{"hand_rpc.c", "sized.pb.c", "pb_common.c", "pb_encode.c", "pb_decode.c"}

var cores = []struct{ name, flag string }{{"Cortex-M0+", "-mcpu=cortex-m0plus"}, {"Cortex-M4", "-mcpu=cortex-m4"}}

// flags are those of a small build. The switches of nanopb are those that leave out of it what is not needed here.
var flags = []string{"-std=c99", "-Os", "-mthumb", "-ffreestanding", "-fbuiltin", "-ffunction-sections", "-fdata-sections", "-fno-tree-loop-distribute-patterns",
	"-fcallgraph-info=su", "-DPB_BUFFER_ONLY", "-DPB_NO_ERRMSG", "-DPB_WITHOUT_64BIT", "-I."}

// measure builds both sides of a stack for both cores.
func measure(s stack, n int, nanopb string) ([]row, error) {
	dir, err := os.MkdirTemp("", "size")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := sources(dir, s, n, nanopb); err != nil {
		return nil, err
	}
	var rows []row
	for _, core := range cores {
		nothing, err := build(dir, core.flag, "empty.c")
		if err != nil {
			return nil, err
		}
		for i, side := range s.sides {
			r, err := build(dir, core.flag, append([]string{sideNames[i] + ".c"}, side.with...)...)
			if err != nil {
				return nil, err
			}
			r.functions, r.side, r.what, r.core = n, sideNames[i], s.name, core.name
			r.text, r.data, r.bss = r.text-nothing.text, r.data-nothing.data, r.bss-nothing.bss
			rows = append(rows, r)
		}
	}
	return rows, nil
}

// sources puts all files of both firmwares into a folder.
func sources(dir string, s stack, n int, nanopb string) error {
	list, err := firmware.ReadDir("fw")
	if err != nil {
		return err
	}
	files := map[string]string{sideNames[0] + ".c": s.sides[0].main(n), sideNames[1] + ".c": s.sides[1].main(n)}
	for _, f := range list {
		data, err := firmware.ReadFile("fw/" + f.Name())
		if err != nil {
			return err
		}
		files[f.Name()] = string(data)
	}
	switch s.name {
	case "sprocketc":
		r, err := compile.Run(context.Background(), &diag.File{Name: "sized.sprocket", Text: []byte(program(n))}, compile.Emit, compile.Options{Unproven: true})
		if err != nil {
			return err
		}
		for _, f := range r.Files {
			files[filepath.Base(f.Name)] = string(f.Data)
		}
	case "by hand, nanopb":
		files["sized.proto"], files["sized.options"] = protoText(n), protoOptions(n)
		for _, name := range []string{"pb.h", "pb_common.h", "pb_encode.h", "pb_decode.h", "pb_common.c", "pb_encode.c", "pb_decode.c"} {
			data, err := os.ReadFile(filepath.Join(nanopb, name))
			if err != nil {
				return err
			}
			files[name] = string(data)
		}
	}
	if err := write(dir, files); err != nil {
		return err
	}
	if s.name == "by hand, nanopb" {
		_, err = in(dir, "nanopb_generator.py", "-q", "sized.proto")
	}
	return err
}

// build links a firmware; its sizes are with what every firmware has.
func build(dir, core string, files ...string) (row, error) {
	g := graph{frame: map[string]int{}, calls: map[string][]string{}, fixed: map[string]bool{}}
	args := append([]string{core, "-nostdlib", "-Wl,--gc-sections", "-Tlink.ld", "-o", "out.elf"}, flags...)
	for _, f := range append([]string{"common.c"}, files...) {
		object := strings.TrimSuffix(f, ".c") + ".o"
		if _, err := in(dir, tools+"gcc", append([]string{core, "-c", "-o", object, f}, flags...)...); err != nil {
			return row{}, err
		}
		if err := g.read(filepath.Join(dir, strings.TrimSuffix(f, ".c")+".ci")); err != nil {
			return row{}, err
		}
		args = append(args, object)
	}
	if _, err := in(dir, tools+"gcc", append(args, "-lgcc")...); err != nil {
		return row{}, err
	}
	said, err := in(dir, tools+"size", "out.elf")
	if err != nil {
		return row{}, err
	}
	var r row
	if _, err := fmt.Sscan(strings.SplitN(said, "\n", 2)[1], &r.text, &r.data, &r.bss); err != nil {
		return row{}, fmt.Errorf("size: %w\n%s", err, said)
	}
	var known bool
	if r.stack, known = g.deepest("main"); !known {
		r.stack = -1
	}
	return r, nil
}

func in(dir, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s: %w\n%s", name, err, said.String())
	}
	return string(out), nil
}
