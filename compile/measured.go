package compile

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"sprocketc/codegen"
	"sprocketc/compile/target"
	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/schema"
	"sprocketc/solver"
)

// Measured is what a peer that has a budget of memory takes in C, as the compiler of the target gives it. Bytes are 0 where the
// compiler is not installed; then the plan's own figures, which are held against the budgets too, are all there is.
type Measured struct {
	Peer     string `json:"peer"`
	Target   string `json:"target"`
	Compiler string `json:"compiler"` // with its version; without one where it is not installed
	Flash    int    `json:"flash"`
	FlashMax *int64 `json:"flash_max,omitempty"`
	RAM      int    `json:"ram"`
	RAMMax   *int64 `json:"ram_max,omitempty"`
}

// Text is what was measured, for people: "flash 2384 of 6144 B, ram 176 of 1024 B".
func (m *Measured) Text() string {
	var parts []string
	for _, x := range []struct {
		what  string
		bytes int
		most  *int64
	}{{"flash", m.Flash, m.FlashMax}, {"ram", m.RAM, m.RAMMax}} {
		switch {
		case x.most == nil:
		case m.Flash == 0:
			parts = append(parts, fmt.Sprintf("%s max %d B", x.what, *x.most))
		default:
			parts = append(parts, fmt.Sprintf("%s %d of %d B", x.what, x.bytes, *x.most))
		}
	}
	return strings.Join(parts, ", ")
}

// cCore is the base name of a peer's files in C.
func cCore(r *Result, peer string) string { return codegen.CName(r.Program.Name, peer) }

// MeasureFlash is what a peer takes on a target, whose emitted files are in a folder: its core, and what finds its datagrams in
// the bytes of a line.
func MeasureFlash(ctx context.Context, t target.Target, r *Result, dir, peer string) (int, error) {
	sum := 0
	for _, file := range cFiles(r, peer) {
		s, err := t.Size(ctx, dir, file)
		if err != nil {
			return 0, err
		}
		sum += s.Text + s.Data
	}
	return sum, nil
}

// MeasureRAM is the size of a peer's context on a target.
func MeasureRAM(ctx context.Context, t target.Target, r *Result, dir, peer string) (int, error) {
	core := cCore(r, peer)
	if r.Plan.Interface.Channel.Over == "serial" {
		core += "_serial"
	}
	return t.Context(ctx, dir, core+".h", core)
}

func cFiles(r *Result, peer string) []string {
	core := cCore(r, peer)
	if r.Plan.Interface.Channel.Over == "serial" {
		return []string{core + ".c", core + "_serial.c"}
	}
	return []string{core + ".c"}
}

// measure holds the budgets of the peers that were emitted in C against what the compiler of schema.FlashTarget gives, where it is
// installed. The error is ErrRejected where one is exceeded, and a Usage where the compiler fails.
func (r *Result) measure(ctx context.Context, o Options) error {
	t, ok := target.Of(schema.FlashTarget)
	if !ok {
		return fmt.Errorf("no compiler is known for %s", schema.FlashTarget)
	}
	for _, peer := range []*ir.Peer{r.Plan.Interface.From, r.Plan.Interface.To} {
		if peer.RAM == nil && peer.Flash == nil || o.Peer != "" && o.Peer != peer.Name || !slices.Contains(languages(peer, o), "c") {
			continue
		}
		m := &Measured{Peer: peer.Name, Target: t.Name, Compiler: t.Compiler()}
		if peer.Flash != nil {
			m.FlashMax = &peer.Flash.N
		}
		if peer.RAM != nil {
			m.RAMMax = &peer.RAM.N
		}
		r.Measured = append(r.Measured, m)
		if !t.Installed() {
			continue
		}
		if err := r.measurePeer(ctx, t, peer, m); err != nil {
			return usagef("%s: the code of %s cannot be measured: %v", r.File.Name, peer.Name, err)
		}
	}
	diag.Sort(r.Diagnostics)
	return rejected(r)
}

// measurePeer compiles a peer in a folder of its own. Its context goes first: the code does not compile where that is too large.
func (r *Result) measurePeer(ctx context.Context, t target.Target, peer *ir.Peer, m *Measured) (err error) {
	dir, err := os.MkdirTemp("", "sprocketc-measure-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, f := range r.Files {
		if rest, ok := strings.CutPrefix(f.Name, "c/"); ok {
			if err := os.WriteFile(filepath.Join(dir, rest), f.Data, 0o644); err != nil {
				return err
			}
		}
	}
	if m.Compiler, err = t.Version(ctx); err != nil {
		return err
	}
	if m.RAM, err = MeasureRAM(ctx, t, r, dir, peer.Name); err != nil {
		return err
	}
	machine := r.System.Machine(map[bool]string{true: "caller", false: "callee"}[peer == r.Plan.Interface.From])
	if peer.RAM != nil && int64(m.RAM) > peer.RAM.N {
		r.overBudget(peer, m, "ram", "state and buffers", m.RAM, peer.RAM, solver.ShareTable(schema.RAMShares(r.Plan, r.System, machine)))
		return nil
	}
	if m.Flash, err = MeasureFlash(ctx, t, r, dir, peer.Name); err != nil {
		return err
	}
	if peer.Flash == nil || int64(m.Flash) <= peer.Flash.N {
		return nil
	}
	var table []schema.Share
	rest := m.Flash
	for _, file := range cFiles(r, peer.Name) {
		object, err := t.Compile(ctx, dir, file)
		if err != nil {
			return err
		}
		symbols, err := t.Symbols(ctx, dir, object)
		if err != nil {
			return err
		}
		for _, s := range symbols {
			table, rest = append(table, schema.Share{What: s.Name, Bytes: s.Bytes}), rest-s.Bytes
		}
	}
	if rest > 0 {
		table = append(table, schema.Share{What: "constants of functions, alignment", Bytes: rest})
	}
	r.overBudget(peer, m, "flash", "code", m.Flash, peer.Flash, solver.ShareTable(table))
	r.Diagnostics[len(r.Diagnostics)-1].Notes = append(r.Diagnostics[len(r.Diagnostics)-1].Notes,
		fmt.Sprintf("the plan's estimate was %d bytes:\n%s", r.Plan.Peers[peer.Name].Flash, solver.ShareTable(schema.FlashShares(r.Plan, r.System, machine))))
	return nil
}

// overBudget reports what takes more than a clause of the program allows.
func (r *Result) overBudget(peer *ir.Peer, m *Measured, budget, what string, bytes int, most *ir.Amount, table string) {
	r.Diagnostics = append(r.Diagnostics, diag.Diagnostic{Code: "over-budget",
		Message: fmt.Sprintf("`%s` takes %d bytes more %s than it may", peer.Name, int64(bytes)-most.N, budget),
		Labels:  []diag.Label{{Span: most.Clause.Span, Text: fmt.Sprintf("its %s take %d bytes", what, bytes)}},
		Notes:   []string{fmt.Sprintf("measured for a %s with -Os by %s:\n%s", schema.Target(m.Target), m.Compiler, table)},
		Repairs: []diag.Repair{{Message: "what was measured", Edits: []diag.Edit{{Span: most.Clause.Span, Text: fmt.Sprintf("%s max %dB", budget, bytes)}}}}})
}
