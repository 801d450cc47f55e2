package cgen

import "sprocketc/codegen"

// EmitBaremetal prints <protocol>_<peer>_baremetal.h and .c, which stand beside what Emit printed: a main loop for a firmware without
// an operating system, over a port of bytes. Where the channel is no serial line, the framing of one is printed too.
func EmitBaremetal(in codegen.Input) ([]codegen.File, error) {
	g, err := newGen(in)
	if err != nil {
		return nil, err
	}
	names := []string{"baremetal.h", "baremetal.c"}
	if !g.serial() {
		names = append(names, "serial.h", "serial.c")
	}
	var files []codegen.File
	for _, name := range names {
		files = append(files, g.driver(name))
	}
	return files, g.err()
}
