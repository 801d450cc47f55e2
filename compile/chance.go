package compile

import (
	"fmt"
	"math"
	"strings"

	"sprocketc/fsm"
	"sprocketc/verify"
)

// ChainAnswer is what a text of machines asks of its chain.
type ChainAnswer struct {
	States      int           `json:"states"`
	Transitions int           `json:"transitions"`
	Given       []string      `json:"given"`
	Refused     string        `json:"refused,omitempty"` // why there are no figures
	Figures     []ChainFigure `json:"figures"`
}

// ChainFigure lies between two numbers; Exact is its fraction where that is known.
type ChainFigure struct {
	Name  string   `json:"name"`
	Kind  string   `json:"kind"` // "probability" or "expected"
	Lo    *float64 `json:"lo"`   // null: infinite
	Hi    *float64 `json:"hi"`
	Exact string   `json:"exact,omitempty"` // "1/125000"
}

var queryKinds = map[fsm.QueryKind]string{fsm.Reaches: "probability", fsm.Counts: "expected"}

func chainJSON(c *verify.Chain) *ChainAnswer {
	if c == nil {
		return nil
	}
	out := &ChainAnswer{States: c.States, Transitions: c.Transitions, Given: c.Given, Refused: c.Refused, Figures: []ChainFigure{}}
	for _, f := range c.Figures {
		x := ChainFigure{Name: f.Name, Kind: queryKinds[f.Kind], Lo: finite(f.Value.Lo), Hi: finite(f.Value.Hi)}
		if f.Value.Exact != nil {
			x.Exact = f.Value.Exact.RatString()
		}
		out.Figures = append(out.Figures, x)
	}
	return out
}

// finite is a number for JSON, which has none for infinity.
func finite(x float64) *float64 {
	if math.IsInf(x, 0) {
		return nil
	}
	return &x
}

func printChain(b *strings.Builder, c *verify.Chain) {
	if c == nil {
		return
	}
	if c.Refused != "" {
		field(b, nil, "no chain", c.Refused)
		return
	}
	for _, kind := range []fsm.QueryKind{fsm.Reaches, fsm.Counts} {
		var lines []string
		for _, f := range c.Figures {
			if f.Kind == kind {
				lines = append(lines, f.Name+"  "+figure(f))
			}
		}
		list(b, queryKinds[kind], lines)
	}
	list(b, "chain", append([]string{fmt.Sprintf("%s, %s", Plural(c.States, "state"), Plural(c.Transitions, "transition"))}, c.Given...))
}

// figure tells an answer: exactly where its fraction is short, else to as many digits as are sure.
func figure(f verify.Figure) string {
	v := f.Value
	switch {
	case math.IsInf(v.Lo, 1):
		return "infinite"
	case v.Exact != nil:
		if t := v.Exact.RatString(); len(t) <= 24 {
			if strings.Contains(t, "/") {
				return t + " = " + sixteen(v.Lo)
			}
			return t
		}
		return sixteen(v.Lo) + ", from an exact fraction"
	case v.Lo == v.Hi:
		return sixteen(v.Lo)
	}
	return sixteen(v.Lo) + " to " + sixteen(v.Hi)
}

func sixteen(x float64) string { return fmt.Sprintf("%.16g", x) }
