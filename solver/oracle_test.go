package solver

import (
	"fmt"
	"maps"
	"math"
	"math/rand"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"sprocketc/ir"
	"sprocketc/schema"
)

// bySearch finds the least cost of a program's plans without the schema's declarations and without the SAT library: the
// rules are written down once more, as a person would say them, and all that is left to choose is tried. ok: there is one.
func bySearch(t *testing.T, p *ir.Program) (least cost, ok bool) {
	waits := false
	for _, x := range everyPlan(t, p, p.Interfaces[0].Optimise) {
		quiet := x.plan.Has(schema.QuietStart)
		switch {
		case !ok, !quiet && waits: // a last resort
			least, ok, waits = x.cost, true, quiet
		case quiet == waits && x.cost.compare(least) < 0:
			least = x.cost
		}
	}
	return least, ok
}

// everyPlan tries all that is left to choose, with the variants that are open where these are optimised.
func everyPlan(t *testing.T, p *ir.Program, optimised []string) (out []candidate) {
	in := p.Interfaces[0]
	ch := in.Channel
	harmful, effect, late, whatever, idempotent := false, false, false, false, false
	for _, c := range in.Calls {
		harmless := c.Kind == ir.Pure || c.Kind == ir.Idempotent && c.Commutes != nil
		harmful = harmful || !harmless
		effect = effect || c.Kind == ir.Effect
		late = late || c.Kind == ir.Idempotent && !harmless
		idempotent = idempotent || c.Kind == ir.Idempotent
		whatever = whatever || harmless
	}
	if ch.OneWay {
		return nil
	}
	for _, c := range in.Calls {
		if ch.Delays != nil && timeOf(in, c) < 2*ch.Delays.Min {
			return nil
		}
	}
	none := ""
	for _, caller := range []string{none, "stable", "entropy"} {
		switch {
		case (caller != none) != (in.From.Crashes != nil):
			continue
		case caller == "stable" && in.From.Stable == nil, caller == "entropy" && !enough(in.From.Entropy):
			continue
		case caller == "entropy" && harmful && ch.Reorders != nil && ch.Reorders.Within != 0:
			continue
		}
		for _, callee := range []string{none, "stable", "entropy"} {
			for _, how := range []string{none, "intent", "asking", "both", "quiet"} {
				intent, asking, quiet := how == "intent" || how == "both", how == "asking" || how == "both", how == "quiet"
				for _, sum := range []int{0, 8, 16, 32} {
					switch {
					case callee == "stable" && in.To.Stable == nil, callee == "entropy" && !enough(in.To.Entropy), intent && in.To.Stable == nil:
						continue
					case in.To.Crashes == nil && (callee != none || how != none):
						continue
					case quiet && ch.Lives == nil:
						continue
					case asking && (ch.Reorders != nil && ch.Reorders.Within != 0 || chance(in)):
						continue
					case in.To.Crashes != nil && late && callee == none && !asking && !quiet, in.To.Crashes != nil && effect && callee == none && how == none:
						continue
					case !harmful && (callee != none || how != none), intent && !effect, intent && idempotent && ch.Reorders != nil && ch.Reorders.Within != 0:
						continue
					case (sum > 0) != (ch.Corrupts != nil), sum > 0 && math.Pow(2, -float64(sum)) > ch.Corrupts.Unseen:
						continue
					}
					c := choice{schema.CallNumber: {}, schema.AnswerMatching: {}, schema.Retransmission: {}}
					add := func(name string, yes bool, w schema.Way) {
						if yes {
							c[name] = w
						}
					}
					add(schema.DupSuppression, harmful, schema.Way{})
					add(schema.ReplyCache, harmful, schema.Way{})
					add(schema.CallerEpoch, caller != none, epochWay(caller, schema.CallerStable))
					add(schema.CallerChallenge, caller == "stable" && harmful, schema.Way{})
					add(schema.CalleeEpoch, callee != none, epochWay(callee, schema.CalleeStable))
					add(schema.ChallengeEcho, callee != none, schema.Way{})
					add(schema.IntentRecord, intent, schema.Way{})
					add(schema.AskingFirst, asking, schema.Way{})
					add(schema.QuietStart, quiet, schema.Way{})
					add(schema.TwoSlots, caller == "stable" || callee == "stable" || intent, schema.Way{})
					add(schema.OutcomeUnknown, effect, schema.Way{})
					add(schema.OutcomeRestart, callee != none && effect, schema.Way{})
					add(schema.Checksum, sum > 0, schema.Way{Width: sum})
					add(schema.Pacing, ch.Rate != nil, schema.Way{})
					for _, call := range in.Calls {
						add(schema.Memo, call.Cache != nil, schema.Way{})
						add(schema.Log, call.Log != nil, schema.Way{})
					}
					variants := variantsOf(c, in, optimised)
					for i := range variants { // a call that asks first is told while no handler runs
						if one := maps.Clone(variants[i]); whatever || !asking {
							variants[i][schema.Serial] = schema.Way{}
						} else {
							one[schema.Serial] = schema.Way{}
							variants = append(variants, one)
						}
					}
					for _, c := range variants {
						plan, bad, err := build(p, c, settings{})
						if err != nil {
							t.Fatal(err)
						}
						if bad != nil {
							continue
						}
						out = append(out, candidate{plan, costOf(plan, c)})
					}
				}
			}
		}
	}
	return out
}

// epochWay is an epoch from a source: one in stable memory is written at each start.
func epochWay(source string, memory schema.Resource) schema.Way {
	if source == "stable" {
		return schema.Way{Source: source, Needs: []schema.Resource{memory}, Starts: 1}
	}
	return schema.Way{Source: source}
}

// variantsOf are all ways of a choice that differ in numbers only and that what is optimised opens.
func variantsOf(c choice, in *ir.Interface, optimised []string) []choice {
	out := []choice{c}
	add := func(feature, variant string, objectives ...string) {
		if !slices.ContainsFunc(objectives, func(o string) bool { return slices.Contains(optimised, o) }) {
			return
		}
		for _, x := range out {
			x = maps.Clone(x)
			x[feature] = schema.Way{Variant: variant}
			out = append(out, x)
		}
	}
	add(schema.Retransmission, "steady", "ram", "flash")
	for _, x := range out[:len(out):len(out)] { // either, or neither
		if x[schema.Retransmission].Variant == "" && slices.Contains(optimised, "latency") {
			x = maps.Clone(x)
			x[schema.Retransmission] = schema.Way{Variant: "eager"}
			out = append(out, x)
		}
	}
	if in.From.Stable != nil {
		add(schema.CallNumber, "wide", "wear")
	}
	return out
}

// chance reports whether a call asks for a probability.
func chance(in *ir.Interface) bool {
	for _, c := range in.Calls {
		if c.Within != nil && c.Within.P > 0 {
			return true
		}
	}
	return false
}

func TestCheapestAgreesWithBruteForce(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	planned, refused, intents, quiets, other := 0, 0, 0, 0, 0
	for range 800 {
		text := optimising(r, randomProgram(r))
		p, found := lower("random.sprocket", text)
		if p == nil {
			t.Fatal(render(found))
		}
		if len(p.Interfaces[0].Force) > 0 {
			continue
		}
		want, ok := bySearch(t, p)
		q := newProblem(p, settings{}, time.Time{})
		all := q.everything()
		possible := true
		for _, theory := range []bool{true, false} {
			some, err := q.possible(all, theory)
			if err != nil {
				t.Fatal(err)
			}
			possible = possible && some
		}
		if possible != ok {
			t.Fatalf("possible: %v, by search %v\n%s", possible, ok, text)
		}
		if !ok {
			refused++
			continue
		}
		planned++
		plan, err := newProblem(p, settings{}, time.Time{}).cheapest()
		p.Interfaces[0].Optimise = nil
		usual, _ := newProblem(p, settings{}, time.Time{}).cheapest()
		if fmt.Sprint(choiceOf(plan)) != fmt.Sprint(choiceOf(usual)) {
			other++
		}
		p.Interfaces[0].Optimise = want.first
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		got := costOf(plan, choiceOf(plan))
		if got.compare(want) != 0 || !plan.Optimal {
			t.Errorf("%+v (proven: %v), by search %+v\n%s", got, plan.Optimal, want, text)
		}
		if plan.Has(schema.IntentRecord) {
			intents++
		}
		if plan.Has(schema.QuietStart) {
			quiets++
		}
	}
	t.Logf("%d with a plan, %d with an intent record, %d with a quiet start, %d another than by bytes, %d without", planned, intents, quiets, other, refused)
	if planned < 60 || refused < 60 || intents == 0 || quiets == 0 || other < 20 {
		t.Error("too few of a kind")
	}
}

// choiceOf reads a plan's choice back.
func choiceOf(p *ir.Plan) choice {
	c := choice{}
	for _, f := range p.Features {
		w := schema.Way{Source: f.Parameters["source"], Variant: f.Parameters["variant"]}
		if f.Name == schema.Checksum {
			w.Width, _ = strconv.Atoi(f.Parameters["width"])
		}
		c[f.Name] = w
	}
	return c
}

// optimising adds objectives and a battery to most random programs.
func optimising(r *rand.Rand, text string) string {
	names := slices.Clone(ir.Objectives)
	r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	if n := r.Intn(4); n > 0 {
		const head = "interface I from a to b on c {\n"
		text = strings.Replace(text, head, head+"optimise "+strings.Join(names[:n], ", ")+"\n", 1)
	}
	if r.Intn(2) == 0 {
		name := []string{"a", "b"}[r.Intn(2)]
		text = strings.Replace(text, "peer "+name+" {\n", "peer "+name+" {\nbattery\n", 1)
	}
	return text
}
