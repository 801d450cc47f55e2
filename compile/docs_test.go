package compile

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"sprocketc/diag"
	"sprocketc/lang"
)

// listings are the fenced texts of a page in a language, "" for none.
func listings(t *testing.T, page, language string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", filepath.FromSlash(page)))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(string(text), -1) {
		if m[1] == language {
			out = append(out, m[2])
		}
	}
	return out
}

// readmeProgram is the first program that the README shows.
func readmeProgram(t *testing.T) *diag.File {
	t.Helper()
	for _, l := range listings(t, "README.md", "") {
		if strings.HasPrefix(l, "protocol burn") {
			return &diag.File{Name: "burn.sprocket", Text: []byte(l)}
		}
	}
	t.Fatal("the README has no protocol burn")
	return nil
}

func TestReadmeProgramIsLaidOut(t *testing.T) {
	f := readmeProgram(t)
	if got, wrong := lang.Format(f.Text); len(wrong) > 0 || string(got) != string(f.Text) {
		t.Errorf("the README's program is laid out otherwise by fmt: %v\n%s", wrong, got)
	}
}

// The listings of docs/c-side.md compile as they stand, under the flags that the page names.
func TestListingsOfCCompile(t *testing.T) {
	dir := t.TempDir()
	put := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	headers := func(program *diag.File) {
		t.Helper()
		for _, f := range built(t, program, Options{Unproven: true, Port: "baremetal"}).Files {
			if strings.HasSuffix(f.Name, ".h") {
				put(filepath.Base(f.Name), string(f.Data))
			}
		}
	}
	program := readmeProgram(t)
	serial := strings.Replace(strings.Replace(string(program.Text), "over    udp", "over    serial", 1), "    repeats ", "    // ", 1)
	put("board.h", `
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
void radio_send(const uint8_t *bytes, size_t n);
size_t radio_receive(uint8_t *bytes, size_t n);
bool eeprom_read(uint32_t offset, uint8_t *bytes, size_t n);
bool eeprom_write(uint32_t offset, const uint8_t *bytes, size_t n);
bool otp_burn(uint8_t key);
uint32_t device_serial(void);
uint32_t millis(void);
void sleep_at_most(uint32_t ms);
void alarm_and_reset(void);
void uart_write(const uint8_t *bytes, size_t n);
int ring_take(void);
void sleep_unless_ring_has_bytes(uint32_t ms);
`)
	found := listings(t, "docs/c-side.md", "c")
	if len(found) != 4 {
		t.Fatalf("%d listings, not 4", len(found))
	}
	for i, l := range found {
		args := []string{"-std=c99", "-Wall", "-Wextra", "-Wconversion", "-Werror", "-include", "board.h", "-I.", "-fsyntax-only", "main.c"}
		if strings.Contains(l, "burn_fuse_serial ") { // the same program, over a serial line
			headers(&diag.File{Name: program.Name, Text: []byte(serial)})
			args = append([]string{"-include", "burn_fuse_serial.h"}, args...)
		} else {
			headers(program)
		}
		put("main.c", l)
		for _, cc := range []string{"gcc", "clang"} {
			cmd := exec.Command(cc, args...)
			cmd.Dir = dir
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("listing %d, %s: %v\n%s", i+1, cc, err, out)
			}
		}
	}
}
