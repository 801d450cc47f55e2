package cgen

import (
	"fmt"
	"strings"
	"testing"
)

// The soil probe fits the flash that its program allows, on the smallest target that is measured; its RAM is checked by
// the compiler in every build.
func TestSoilProbeFitsItsFlash(t *testing.T) {
	need(t, "arm-none-eabi-gcc")
	need(t, "arm-none-eabi-size")
	p, sys := handPlan(t, example(t, "soil.sprocket"), soil())
	_, probe := inputs(p, sys, "soil.sprocket")
	dir := t.TempDir()
	write(t, dir, emit(t, probe)...)
	run(t, dir, "", "arm-none-eabi-gcc", "-std=c99", "-mcpu=cortex-m0plus", "-mthumb", "-Os", "-ffreestanding", "-c", "-o", "probe.o", "soil_probe.c")
	out := run(t, dir, "", "arm-none-eabi-size", "probe.o")
	var text, data, bss int
	if _, err := fmt.Sscan(strings.Split(out, "\n")[1], &text, &data, &bss); err != nil {
		t.Fatal(out, err)
	}
	t.Logf("text %d bytes of %d", text, probe.Peer.Flash.N)
	if text == 0 || int64(text) > probe.Peer.Flash.N || data+bss != 0 {
		t.Errorf("text %d, data %d, bss %d; the program allows %d bytes of flash, and the context is the program's", text, data, bss, probe.Peer.Flash.N)
	}
}
