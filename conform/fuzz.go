package conform

import (
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"sprocketc/codegen"
	cgen "sprocketc/codegen/c"
)

// Bounds of the inputs that a fuzzer starts from.
const (
	seedSteps = 24  // events in an input
	seedsMost = 400 // inputs of each kind
)

// Seeds are inputs for the harness of cgen.EmitFuzz, made of the events of vectors: each different event after a start, and runs of
// events that stand beside each other. States are those that the peer comes to by them, not those of the vectors: an input is where a
// fuzzer begins, and no test. Payloads of calls and results are what is drawn for them, as bytes.
func Seeds(in codegen.Input, set *Set) ([][]byte, error) {
	names, err := cgen.FuzzSteps(in)
	if err != nil {
		return nil, err
	}
	number := func(name string) int { return slices.Index(names, name) }
	var out [][]byte
	input := func(steps ...[]byte) { out = append(out, append(cgen.FuzzNumber(0), slices.Concat(steps...)...)) }
	seen := map[string]bool{}
	var single [][]byte
	var all [][]byte
	now := uint64(0)
	for _, v := range set.Vectors {
		head, argument, _ := strings.Cut(v.In, ";")
		event, _, _ := strings.Cut(head, " ")
		words := strings.Fields(argument)
		now += 250
		at := cgen.FuzzNumber(now)
		var steps [][]byte
		switch {
		case event == "restart":
			steps = append(steps, cgen.FuzzStep(number("start"), at))
		case event == "datagram" && len(words) == 1:
			payload, err := hex.DecodeString(strings.TrimPrefix(words[0], "-"))
			if err != nil {
				return nil, err
			}
			steps = append(steps, cgen.FuzzStep(number("receive"), at, payload))
			if n := number("take"); n >= 0 {
				steps = append(steps, cgen.FuzzStep(n, at, codegen.Frame(payload)))
			}
		case event == "call" || event == "return":
			payload, err := hex.DecodeString(strings.TrimPrefix(words[len(words)-1], "-"))
			if err != nil {
				return nil, err
			}
			for i, name := range names {
				switch {
				case event == "call" && name == "call "+called(in, words[0]):
					steps = append(steps, cgen.FuzzStep(i, payload, at))
				case event == "return" && strings.HasPrefix(name, "return "):
					steps = append(steps, cgen.FuzzStep(i, cgen.FuzzNumber(1), payload))
				}
			}
		default: // a timer
			steps = append(steps, cgen.FuzzStep(number("poll"), at))
		}
		all = append(all, slices.Concat(steps...))
		if key := event + argument; !seen[key] {
			seen[key] = true
			single = append(single, slices.Concat(steps...))
		}
	}
	for i := range min(len(single), seedsMost) {
		input(single[i*len(single)/min(len(single), seedsMost)])
	}
	runs := min(len(all)/seedSteps, seedsMost)
	for i := range runs {
		at := i * (len(all) - seedSteps) / max(runs, 1)
		input(all[at : at+seedSteps]...)
	}
	return out, nil
}

// called is the function of a number.
func called(in codegen.Input, number string) string {
	i, err := strconv.Atoi(number)
	if fn := in.System.Enum("fn"); err == nil && fn != nil && i >= 0 && i < len(fn.Members) {
		return fn.Members[i]
	}
	return in.Plan.Interface.Calls[0].Name
}
