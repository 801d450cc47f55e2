package ir

import "time"

// Plan is what was chosen for an interface: features with their parameters and reasons, the layout of the wire to
// the bit, memory, and what a call costs.
type Plan struct {
	Program   *Program
	Interface *Interface
	Features  []Choice // in the schema's order
	NotNeeded []string // features of the schema that the plan leaves out
	Forced    []Force

	Widths    map[string]int       // bits on the wire of each sort of numbers: "num", "cepoch", "kepoch"
	Schedules map[string]*Schedule // by call name
	Wraps     int                  // modulus of call numbers that are reused (forced); 0: never reused
	Spacing   time.Duration        // least time between two datagrams of one sender; 0: none
	Quiet     time.Duration        // how long the callee is quiet after a start, on its clock; 0: it is not
	Pace      time.Duration        // the same on the senders' clocks, which may run fast: whole milliseconds

	Wire  []WireMessage      // in order of their kinds
	Peers map[string]*Memory // by peer name

	Costs   Costs
	Optimal bool // proven cheapest under the objective
	Tried   int  // candidates that were built and compared to find it
}

// Choice is a feature in the plan.
type Choice struct {
	Name       string
	Chosen     string            // "7 sends, every 200 ms"
	Parameters map[string]string // name to value, for JSON
	Because    []Clause          // the program's clauses that asked for it
	Cost       string            // "3 B a datagram"
	Sentence   string            // what it does, from the schema
}

// Has reports whether the plan has a feature.
func (p *Plan) Has(feature string) bool {
	for _, c := range p.Features {
		if c.Name == feature {
			return true
		}
	}
	return false
}

// Schedule is when a call is sent again and when it is given up.
type Schedule struct {
	First, Cap time.Duration // interval after the first send, doubled after each up to Cap
	Time       time.Duration // the call's time
	Expires    time.Duration // the same on the caller's clock, which may run slow: whole milliseconds
	Sends      int           // that fit into Time
	Chance     float64       // probability of an answer within Time, no crash, epoch known
}

// WireMessage is one kind of datagram: header bits most significant first, padded to a byte; the payload; the
// checksum in the last bytes, most significant first.
type WireMessage struct {
	Message string // of the machines: "REQ"
	Fn      string // the call, where the message has one
	Kind    int    // value of the first field
	Fields  []WireField
	Header  int     // bytes
	Payload []Field // refined values packed, see PayloadBounds
	Min     int     // bytes of the whole datagram
	Max     int
	Sum     int    // bytes of the checksum: 0, 1, 2 or 4
	Seed    uint32 // the checksum's start value: a hash of the protocol's name and of this layout
}

// WireField is a header field. The first is always "kind".
type WireField struct {
	Name string
	Bits int
	Max  int // of a value in a record: its most bytes, which stand behind their number; 0 else
}

// Memory is what a peer needs.
type Memory struct {
	RAM     int            // bytes of the core's state and buffers
	Flash   int            // bytes of its code in C for a Cortex-M0+ with -Os, estimated from measurements of other programs
	FlashOn map[string]int // likewise, by target
	Records []RecordLayout
	Stable  int // bytes, all records
}

// RecordLayout is a record in stable memory: Slots slots of {sequence 1 byte, fields packed most significant bit first
// and padded to a byte, CRC-16 most significant byte first}. The newer of two sound slots counts.
type RecordLayout struct {
	Name     string
	Offset   int // of the first slot in the peer's stable memory
	Slots    int
	SlotSize int // bytes
	Fields   []WireField
	Seed     uint32 // the checksum's start value; blank memory (all ones, all zeros) fails the check
}

// Costs of a call, under the declared loss.
type Costs struct {
	BytesPerCall     map[string]float64 // by call, both directions, unit headers excluded
	DatagramsPerCall map[string]float64
	Latency          map[string]time.Duration // expected, by call
	EnergyPerCall    map[string]float64       // by call: bytes that the peers with a battery send and get, or both peers
	WritesPerCall    map[string]float64       // by call: expected writes to stable memory
	WritesPerStart   map[string]int           // by peer
}

// CRC16 is CRC-16/CCITT (polynomial 0x1021, most significant bit first, no final exclusive or) from a start value.
func CRC16(seed uint16, b []byte) uint16 {
	c := uint32(seed)
	for _, x := range b {
		c ^= uint32(x) << 8
		for range 8 {
			c <<= 1
			if c&0x10000 != 0 {
				c ^= 0x11021
			}
		}
	}
	return uint16(c)
}
