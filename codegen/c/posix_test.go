package cgen

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sprocketc/codegen"
	"sprocketc/faultlink"
)

const probeMain = `
#include "soil_probe_posix.h"

#include <stdio.h>
#include <stdlib.h>

static soil_probe_posix driver;

void soil_probe_on_sample(soil_probe *c, uint8_t plot)
{
    soil_reading r = {plot, 512, 99, {2, {'o', 'k'}}};
    soil_probe_return_sample(c, &r, soil_probe_posix_now(&driver));
}

void soil_probe_on_schedule(soil_probe *c, uint16_t every)
{
    printf("schedule %u\n", (unsigned)every);
    soil_probe_return_schedule(c, soil_probe_posix_now(&driver));
}

void soil_probe_on_water(soil_probe *c, uint8_t plot, uint8_t litres)
{
    printf("water %u %u\n", (unsigned)plot, (unsigned)litres);
    fflush(stdout);
    soil_probe_return_water(c, SOIL_OUTCOME_DRY, soil_probe_posix_now(&driver));
}

int main(int argc, char **argv)
{
    if (argc != 3 || soil_probe_posix_open(&driver, "127.0.0.1", argv[1], NULL, NULL, argv[2], 20) != 0) {
        perror("open");
        return 1;
    }
    printf("boot %u\n", (unsigned)driver.core.boot);
    fflush(stdout);
    while (soil_probe_posix_step(&driver, -1) == 0) {
    }
    perror("step");
    return 1;
}
`

const gatewayMain = `
#include "soil_gateway_posix.h"

#include <stdio.h>
#include <stdlib.h>

static soil_gateway_posix driver;
static bool over;

void soil_gateway_done_sample(soil_gateway *c, soil_gateway_outcome outcome, const soil_reading *result)
{
    (void)c;
    over = true;
    printf("sample %u %u\n", (unsigned)outcome, result != NULL ? (unsigned)(result->plot + result->moisture) : 0u);
}

void soil_gateway_done_schedule(soil_gateway *c, soil_gateway_outcome outcome)
{
    (void)c;
    over = true;
    printf("schedule %u\n", (unsigned)outcome);
}

void soil_gateway_done_water(soil_gateway *c, soil_gateway_outcome outcome, const soil_outcome *result)
{
    (void)c;
    over = true;
    printf("water %u %u\n", (unsigned)outcome, result != NULL ? (unsigned)*result : 9u);
}

static void wait_for_it(soil_gateway_status status)
{
    if (status != SOIL_GATEWAY_OK) {
        printf("status %u\n", (unsigned)status);
        return;
    }
    while (!over && soil_gateway_posix_step(&driver, 1000) == 0) {
    }
    over = false;
}

int main(int argc, char **argv)
{
    if (argc != 3 || soil_gateway_posix_open(&driver, NULL, "0", "127.0.0.1", argv[1], argv[2], 20) != 0) {
        perror("open");
        return 1;
    }
    wait_for_it(soil_gateway_call_sample(&driver.core, 7, soil_gateway_posix_now(&driver)));
    wait_for_it(soil_gateway_call_schedule(&driver.core, 600, soil_gateway_posix_now(&driver)));
    wait_for_it(soil_gateway_call_water(&driver.core, 3, 40, soil_gateway_posix_now(&driver)));
    printf("foreign %u\n", (unsigned)driver.foreign);
    soil_gateway_posix_close(&driver);
    return 0;
}
`

// The POSIX drivers talk over the loopback, keep their boots in files, and find each other again after a kill.
func TestPosixDriversRun(t *testing.T) {
	need(t, "gcc")
	p, sys := handPlan(t, example(t, "soil.sprocket"), soil())
	a, b := inputs(p, sys, "soil.sprocket")
	dir := t.TempDir()
	write(t, dir, emit(t, a)...)
	write(t, dir, emit(t, b)...)
	write(t, dir, codegen.File{Name: "probe.c", Data: []byte(probeMain)}, codegen.File{Name: "gateway.c", Data: []byte(gatewayMain)})
	for _, peer := range []string{"probe", "gateway"} {
		run(t, dir, "", "gcc", append(append([]string{}, warnings...), "-O1", "-g", "-fsanitize=address,undefined", "-o", peer,
			peer+".c", "soil_"+peer+".c", "soil_"+peer+"_posix.c")...)
	}
	port := freePort(t)
	for round := 1; round <= 2; round++ {
		probe := exec.Command(filepath.Join(dir, "probe"), port, filepath.Join(dir, "probe.store"))
		var out strings.Builder
		pipe, err := probe.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		probe.Stderr = os.Stderr
		if err := probe.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewReader(pipe)
		line, err := lines.ReadString('\n') // it hears from here on; a call ends within 100 ms
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString(line)
		got := within(t, 20*time.Second, exec.Command(filepath.Join(dir, "gateway"), port, filepath.Join(dir, "gateway.store")))
		if err := probe.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		if _, err := lines.WriteTo(&out); err != nil {
			t.Fatal(err)
		}
		_ = probe.Wait()
		if want := "sample 0 519\nschedule 0\nwater 0 1\nforeign 0\n"; got != want {
			t.Errorf("round %d: the gateway says\n%swant\n%s", round, got, want)
		}
		if want := fmt.Sprintf("boot %d\n", round); !strings.HasPrefix(out.String(), want) || strings.Count(out.String(), "water 3 40\n") != 1 {
			t.Errorf("round %d: the probe says\n%s", round, out.String())
		}
	}
}

// The driver says at once where a peer cannot have its store, or cannot go on.
func TestPosixDriverRefuses(t *testing.T) {
	need(t, "gcc")
	p, sys := handPlan(t, example(t, "soil.sprocket"), soil())
	_, b := inputs(p, sys, "soil.sprocket")
	dir := t.TempDir()
	write(t, dir, emit(t, b)...)
	write(t, dir, codegen.File{Name: "probe.c", Data: []byte(probeMain)}, codegen.File{Name: "halt.c", Data: []byte(haltMain)})
	for _, main := range []string{"probe", "halt"} {
		run(t, dir, "", "gcc", append(append([]string{}, warnings...), "-o", main, main+".c", "soil_probe.c", "soil_probe_posix.c")...)
	}
	store := filepath.Join(dir, "probe.store")
	first := exec.Command(filepath.Join(dir, "probe"), freePort(t), store)
	out, err := first.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = first.Process.Kill(); _ = first.Wait() }()
	if _, err := out.Read(make([]byte, 64)); err != nil { // it has started
		t.Fatal(err)
	}
	for _, c := range []struct{ store, want string }{
		{store, "open: Device or resource busy\n"},
		{"/dev/full", "open: No space left on device\n"},
	} {
		said := new(strings.Builder)
		cmd := exec.Command(filepath.Join(dir, "probe"), freePort(t), c.store)
		cmd.Stderr = said
		timer := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		err := cmd.Run()
		timer.Stop()
		if err == nil || said.String() != c.want {
			t.Errorf("with the store %s: %v, %q", c.store, err, said)
		}
	}
	if got, want := within(t, 10*time.Second, command(dir, "halt", freePort(t))), "step -1 State not recoverable\n"; got != want {
		t.Errorf("a peer that halts later: %q, want %q", got, want)
	}
}

const haltMain = `
#include "soil_probe_posix.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static soil_probe_posix driver;

void soil_probe_on_sample(soil_probe *c, uint8_t plot) { (void)c; (void)plot; }
void soil_probe_on_schedule(soil_probe *c, uint16_t every) { (void)c; (void)every; }
void soil_probe_on_water(soil_probe *c, uint8_t plot, uint8_t litres) { (void)c; (void)plot; (void)litres; }

int main(int argc, char **argv)
{
    if (argc != 2 || soil_probe_posix_open(&driver, "127.0.0.1", argv[1], NULL, NULL, "halt.store", 1) != 0) {
        return 1;
    }
    driver.core.state = 4; // as where numbers run out
    if (!soil_probe_halted(&driver.core)) {
        return 1;
    }
    int result = soil_probe_posix_step(&driver, -1);
    printf("step %d %s\n", result, strerror(errno));
    return 0;
}
`

// command runs a program in its directory.
func command(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(dir, name), args...)
	cmd.Dir = dir
	return cmd
}

func freePort(t testing.TB) string {
	t.Helper()
	port, err := faultlink.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func within(t testing.TB, d time.Duration, cmd *exec.Cmd) string {
	t.Helper()
	timer := time.AfterFunc(d, func() { _ = cmd.Process.Kill() })
	defer timer.Stop()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd.Path, err, out)
	}
	return string(out)
}
