package solver

import (
	"fmt"
	"slices"
	"strings"

	"sprocketc/ir"
	"sprocketc/schema"
)

// budgetTables says for each budget of memory in a contradiction what the peer takes without it, part by part: in the
// cheapest plan of as much of the program as there is one for, which is what the repair proposes. Each is told once.
func (q *problem) budgetTables(members []clause) []string {
	var out []string
	for _, c := range members {
		if c.kind != ram && c.kind != flash || slices.Contains(q.tabled, c.selector) {
			continue
		}
		q.tabled = append(q.tabled, c.selector)
		for s := whole; s < scopes; s++ {
			m := &mender{q, members, s}
			plan := m.afford(func(in *ir.Interface) {
				peer := in.From
				if c.peer == q.in.To {
					peer = in.To
				}
				if c.kind == ram {
					peer.RAM = nil
				} else {
					peer.Flash = nil
				}
			})
			if plan == nil {
				continue
			}
			if text := budgetTable(plan, c); text != "" {
				out = append(out, text)
			}
			break
		}
	}
	return out
}

// budgetTable says what a peer takes in a plan, "" where its machines cannot be composed.
func budgetTable(plan *ir.Plan, c clause) string {
	sys, err := schema.System(plan)
	if err != nil {
		return ""
	}
	role := "caller"
	if c.peer.Name == plan.Interface.To.Name {
		role = "callee"
	}
	machine := sys.Machine(role)
	if machine == nil {
		return ""
	}
	if c.kind == flash {
		return fmt.Sprintf("without that budget the code of %s takes about %d bytes:\n", c.peer.Name, plan.Peers[c.peer.Name].Flash) +
			ShareTable(schema.FlashShares(plan, sys, machine))
	}
	return fmt.Sprintf("without that budget state and buffers of %s take %d bytes:\n", c.peer.Name, plan.Peers[c.peer.Name].RAM) +
		ShareTable(schema.RAMShares(plan, sys, machine))
}

// ShareTable prints shares as lines of a diagnostic's note.
func ShareTable(shares []schema.Share) string {
	var b strings.Builder
	for _, s := range shares {
		fmt.Fprintf(&b, "%6d  %s\n", s.Bytes, s.What)
	}
	return strings.TrimSuffix(b.String(), "\n")
}
