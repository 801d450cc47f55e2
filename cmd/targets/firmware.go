package main

import (
	"fmt"
	"regexp"
	"strings"

	"sprocketc/codegen"
	"sprocketc/ir"
)

// firmware is the main of a callee: its port on the board, and handlers that write down what they run. What they answer follows from their
// arguments, as it does in the caller's own text (answer in _caller/main.go).
func (p *program) firmware() string {
	n := p.callee
	var b strings.Builder
	put := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	put("#include \"board.h\"\n#include \"%s_baremetal.h\"\n", n)
	put("static %s_serial peer;", n)
	put("\nuint32_t %s_port_now(const %[1]s *c) { (void)c; return board_now(); }", n)
	put("int %s_port_get(%[1]s *c) { (void)c; return board_get(); }", n)
	put("void %s_port_wait(%[1]s *c, uint32_t ms) { (void)c; board_wait(ms); }", n)
	put(`
void %s_port_put(%[1]s *c, const uint8_t *bytes, size_t n)
{
    (void)c;
    board_step();
    for (size_t i = 0; i < n; i++) {
        board_put(bytes[i]);
    }
}`, n)
	if p.has("port_read") {
		put("\nbool %s_port_read(%[1]s *c, uint32_t offset, uint8_t *bytes, size_t n) { (void)c; return flash_read(offset, bytes, n); }", n)
		put(`
bool %s_port_write(%[1]s *c, uint32_t offset, const uint8_t *bytes, size_t n)
{
    (void)c;
#ifdef FORGETFUL // for the runner's trial of itself
    return offset + n > 0u && bytes != NULL;
#else
    return flash_write(offset, bytes, n);
#endif
}`, n)
	}
	if p.has("port_entropy") {
		put("\nvoid %s_port_entropy(%[1]s *c, uint8_t *bytes, size_t n) { (void)c; board_entropy(bytes, n); }", n)
	}
	if p.once() {
		put("\nstatic uint32_t striking; // what the handler that has returned is to do")
		put("bool %s_port_commit(%[1]s *c, uint32_t offset, const uint8_t *bytes, size_t n) { (void)c; return ledger_add(striking, offset, bytes, n); }", n)
	}
	for _, m := range regexp.MustCompile(`void (`+n+`_on_breach_\w+)\(`).FindAllStringSubmatch(p.text("c/"+n+".h"), -1) {
		put("\nvoid %s(%s *c) { (void)c; board_fail(\"breach\"); }", m[1], n)
	}
	for i, c := range p.in.Calls {
		put("\n%s", p.handler(i, c))
	}
	put("\nint main(void)\n{")
	if p.once() {
		put(`    ledger_start();
    if (orders.dump != 0u) {
        for (uint32_t i = 0; i < ledger_count(); i++) {
            const uint32_t entry[1] = {ledger_serial(i)};
            note("kept", entry, 1);
        }
        board_off();
    }`)
	}
	put("    note(\"boot\", NULL, 0);\n    board_start();\n    %s_baremetal_run(&peer);\n    board_end(0);\n    return 0;\n}", n)
	return b.String()
}

// handler prints one: a step, the line that it ran, and a step, as everything that is seen from outside.
func (p *program) handler(k int, c *ir.Call) string {
	n := p.callee
	params := n + " *c"
	arguments := fmt.Sprintf("%du", k)
	sum := fmt.Sprintf("%du", 7+131*k)
	for i, f := range c.Params {
		params += fmt.Sprintf(", %s a%d", p.cType(f.Type), i)
		arguments += fmt.Sprintf(", (uint32_t)a%d", i)
		sum += fmt.Sprintf(" + (uint32_t)a%d * %du", i, 17+2*i)
	}
	result, before := "", ""
	switch {
	case c.Result == nil:
	case number(c.Result):
		result = ", " + p.cNumber(c.Result, sum)
	default:
		before = fmt.Sprintf("    %s value;\n    const uint32_t v = %s;\n%s", p.cType(c.Result), sum, p.cStruct(c.Result, "value", "v"))
		result = ", &value"
	}
	if c.Kind == ir.ExactlyOnce {
		before, result = "    striking = a0;\n", fmt.Sprintf(", (%s)(ledger_count() + 1u)", p.cType(c.Result))
	}
	return fmt.Sprintf(`void %s(%s)
{
    const uint32_t run[] = {%s};
%s    board_step();
    note("run", run, sizeof run / sizeof run[0]);
    board_step();
    (void)%s(c%s, board_now());
}`, codegen.CName(n, "on", c.Name), params, arguments, before, codegen.CName(n, "return", c.Name), result)
}
