package solver

import (
	"math"

	"sprocketc/ir"
)

// The answer of `solve` as JSON. Fields may be added, none is renamed. Sizes are bytes and bits, times milliseconds.
type (
	// Answer is the whole object.
	Answer struct {
		Version    int         `json:"version"`
		Protocol   string      `json:"protocol"`
		Interfaces []Interface `json:"interfaces"`
		Costs      Costs       `json:"costs"`
		Objective  string      `json:"objective"`
		Optimal    bool        `json:"optimal"`
		Candidates int         `json:"candidates"` // that were compared

		Alternatives []NextBest  `json:"alternatives,omitempty"` // where they are asked for
		Prices       []PriceLine `json:"prices,omitempty"`       // the same
	}
	// Interface is what was chosen for an interface.
	Interface struct {
		Name      string                `json:"name"`
		Caller    string                `json:"caller"`
		Callee    string                `json:"callee"`
		Channel   string                `json:"channel"`
		Features  []Chosen              `json:"features"`
		NotNeeded []string              `json:"not_needed"`
		Forced    []Override            `json:"forced"`
		Wire      []Message             `json:"wire"`
		Records   map[string][]Record   `json:"records"` // by peer
		Schedules map[string]Retransmit `json:"schedules"`
		Pace      float64               `json:"pace_ms"`
		Modulus   int                   `json:"modulus"` // of call numbers that are reused; 0: never
		Framing   *Framing              `json:"framing,omitempty"`
	}
	// Framing is how datagrams stand on a serial line: their codes and the end are at most so many bytes more, and the
	// largest frame has so many. Bytes of messages are without it, those of calls with it.
	Framing struct {
		Codes   string `json:"codes"` // "cobs"
		More    int    `json:"more_bytes"`
		Largest int    `json:"largest_bytes"`
	}
	// Chosen is a feature.
	Chosen struct {
		Name       string            `json:"name"`
		Chosen     string            `json:"chosen"`
		Parameters map[string]string `json:"parameters"`
		Because    []Because         `json:"because"`
		Cost       string            `json:"cost"`
		Sentence   string            `json:"sentence"`
	}
	// Because is a clause of the program.
	Because struct {
		Line int    `json:"line"`
		Text string `json:"text"`
	}
	// Override is a clause of a force block.
	Override struct {
		Feature string `json:"feature"`
		Value   string `json:"value"`
		Line    int    `json:"line"`
	}
	// Message is a kind of datagram; Bytes is its largest size.
	Message struct {
		Message  string  `json:"message"`
		Call     string  `json:"call,omitempty"`
		Kind     int     `json:"kind"`
		Fields   []Field `json:"fields"`
		Bits     int     `json:"header_bits"` // of all fields, before padding
		Header   int     `json:"header_bytes"`
		Checksum int     `json:"checksum_bytes"`
		Seed     uint32  `json:"checksum_start"`
		Min      int     `json:"min_bytes"`
		Bytes    int     `json:"bytes"`
	}
	// Field of a header or a record.
	Field struct {
		Name string `json:"name"`
		Bits int    `json:"bits"`
	}
	// Record in stable memory.
	Record struct {
		Name   string  `json:"name"`
		Offset int     `json:"offset"`
		Slots  int     `json:"slots"`
		Slot   int     `json:"slot_bytes"`
		Fields []Field `json:"fields"`
	}
	// Retransmit is a schedule.
	Retransmit struct {
		First  float64 `json:"first_ms"`
		Cap    float64 `json:"cap_ms"`
		Time   float64 `json:"time_ms"`
		Sends  int     `json:"sends"`
		Chance float64 `json:"chance"`
	}
	// Costs of a call by name, and of a peer by name. Flash is an estimate, of peers that are emitted as C.
	Costs struct {
		BytesPerCall     map[string]float64        `json:"bytes_per_call"`
		DatagramsPerCall map[string]float64        `json:"datagrams_per_call"`
		RAM              map[string]int            `json:"ram"`
		Stable           map[string]int            `json:"stable"`
		Flash            map[string]int            `json:"flash"`           // on a Cortex-M0+
		FlashOn          map[string]map[string]int `json:"flash_by_target"` // by peer and target
		Latency          map[string]float64        `json:"latency"`
		EnergyPerCall    map[string]float64        `json:"energy_bytes_per_call"` // of the peers with a battery, or of both
		WritesPerCall    map[string]float64        `json:"stable_writes_per_call"`
		WritesPerStart   map[string]int            `json:"stable_writes_per_start"` // by peer
	}
)

// JSON is a plan as the value that `solve --format json` prints. Every list and map is there, though it may be empty.
func JSON(p *ir.Plan) Answer {
	in := p.Interface
	x := Interface{Name: in.Name, Caller: in.From.Name, Callee: in.To.Name, Channel: in.Channel.Name,
		Features: []Chosen{}, NotNeeded: append([]string{}, p.NotNeeded...), Forced: []Override{}, Wire: []Message{},
		Records: map[string][]Record{}, Schedules: map[string]Retransmit{}, Pace: milliseconds(p.Pace), Modulus: p.Wraps}
	for _, f := range p.Features {
		c := Chosen{Name: f.Name, Chosen: f.Chosen, Parameters: f.Parameters, Because: []Because{}, Cost: f.Cost, Sentence: f.Sentence}
		for _, b := range f.Because {
			c.Because = append(c.Because, Because{b.Line, b.Text})
		}
		x.Features = append(x.Features, c)
	}
	for _, f := range p.Forced {
		x.Forced = append(x.Forced, Override{f.Feature, f.Value, f.Clause.Line})
	}
	for _, w := range p.Wire {
		x.Wire = append(x.Wire, Message{w.Message, w.Fn, w.Kind, fields(w.Fields), bitsOf(w.Fields), w.Header, w.Sum, w.Seed, w.Min, w.Max})
	}
	if more, largest := frames(p); largest > 0 {
		x.Framing = &Framing{"cobs", more, largest}
	}
	costs := costsOf(p)
	for _, peer := range []*ir.Peer{in.From, in.To} {
		m := p.Peers[peer.Name]
		x.Records[peer.Name] = []Record{}
		for _, r := range m.Records {
			x.Records[peer.Name] = append(x.Records[peer.Name], Record{r.Name, r.Offset, r.Slots, r.SlotSize, fields(r.Fields)})
		}
	}
	for _, c := range in.Calls {
		s := p.Schedules[c.Name]
		x.Schedules[c.Name] = Retransmit{milliseconds(s.First), milliseconds(s.Cap), milliseconds(s.Time), s.Sends, floor(s.Chance, 9)}
	}
	return Answer{Version: 1, Protocol: p.Program.Name, Interfaces: []Interface{x}, Costs: costs, Objective: objective(in), Optimal: p.Optimal, Candidates: p.Tried}
}

// costsOf is what a plan costs, as JSON.
func costsOf(p *ir.Plan) Costs {
	in := p.Interface
	c := Costs{map[string]float64{}, map[string]float64{}, map[string]int{}, map[string]int{}, map[string]int{}, map[string]map[string]int{}, map[string]float64{}, map[string]float64{}, map[string]float64{}, map[string]int{}}
	for _, peer := range []*ir.Peer{in.From, in.To} {
		m := p.Peers[peer.Name]
		c.RAM[peer.Name], c.Stable[peer.Name] = m.RAM, m.Stable
		if inC(peer) {
			c.Flash[peer.Name], c.FlashOn[peer.Name] = m.Flash, m.FlashOn
		}
		c.WritesPerStart[peer.Name] = p.Costs.WritesPerStart[peer.Name]
	}
	for _, call := range in.Calls {
		c.BytesPerCall[call.Name] = floor(p.Costs.BytesPerCall[call.Name], 3)
		c.DatagramsPerCall[call.Name] = floor(p.Costs.DatagramsPerCall[call.Name], 3)
		c.Latency[call.Name] = milliseconds(p.Costs.Latency[call.Name])
		c.EnergyPerCall[call.Name] = floor(p.Costs.EnergyPerCall[call.Name], 3)
		c.WritesPerCall[call.Name] = p.Costs.WritesPerCall[call.Name]
	}
	return c
}

func bitsOf(fs []ir.WireField) int {
	n := 0
	for _, f := range fs {
		n += f.Bits
	}
	return n
}

func fields(fs []ir.WireField) []Field {
	out := []Field{}
	for _, f := range fs {
		out = append(out, Field{f.Name, f.Bits})
	}
	return out
}

// floor cuts a number after so many decimals: a probability is never told too high.
func floor(x float64, decimals int) float64 {
	scale := math.Pow10(decimals)
	return math.Floor(x*scale) / scale
}
