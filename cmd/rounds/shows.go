package main

import (
	"fmt"
	"strconv"
	"time"

	"sprocketc/faultlink"
)

// show is one of the demonstrations.
type show struct {
	name, title string
	program     string // of the corpus
	naive       string // the program of the corpus whose plan is what people write by hand
	property    string // that it breaks
	node        string // name of the peer that is emitted as C
	byHand      []hand
	effect      string // what an execution is, in the past
	serial      bool
	faults      faultlink.Faults // of the link; delays only, over a serial line
	speed       int              // how many times faster than real time runs
	life        lives
	pause       time.Duration // of the hand-written caller, before it repeats for the first time
	argument    func(round int) int
	answer      func(round int) string
	asks        bool // the gateway asks after each call what ran last
}

// lives are the most steps of one of the node's and one of the gateway's.
type lives struct{ node, gateway int }

// hand is one way to write it by hand.
type hand struct {
	name, what string
	drawn      bool // the first number is drawn at each start, and not 1
	window     int  // how far behind a number is refused as one from before
}

var (
	careful = hand{"by hand", "numbers that begin anywhere, a CRC-16, repetition with doubling pauses, the last answer kept in RAM for a request " +
		"that comes again, requests from before refused", true, 64}
	plain = hand{"plainer", "numbers that begin at 1, and nothing refused", false, 0}
)

// share of the frames that the serial line spoils: what the program declares.
const share = 0.10

var shows = []*show{
	{
		name: "burn", title: "a key is burnt into a fuse, over a serial line that spoils a tenth of the frames",
		program: "corpus/accepted/burn.sprocket", naive: "corpus/broken/burnt_twice.sprocket", property: "at_most_once", node: "burn_fuse",
		byHand: []hand{careful},
		effect: "burnt", serial: true, faults: faultlink.Faults{DelayMin: time.Millisecond, DelayMax: 20 * time.Millisecond},
		speed: 10, life: lives{50, 50}, pause: 40 * time.Millisecond,
		argument: func(i int) int { return i % 32 },
		answer:   func(i int) string { return strconv.FormatBool(i%32%3 == 0) },
	},
	{
		name: "reboot", title: "a node restarts when it is told to, so that no answer ever comes",
		program: "corpus/accepted/reboot.sprocket", naive: "corpus/broken/rebooted_twice.sprocket", property: "at_most_once", node: "reboot_node",
		byHand: []hand{careful},
		effect: "restarted",
		faults: faultlink.Faults{Lose: 0.10, Repeat: 0.10, DelayMin: 2 * time.Millisecond, DelayMax: 50 * time.Millisecond},
		speed:  30, life: lives{20, 20}, pause: 100 * time.Millisecond,
		argument: func(i int) int { return i + 1 },
		answer:   func(int) string { return "-" },
		asks:     true,
	},
	{
		name: "gateway", title: "a gateway restarts in mid-conversation with a node that sleeps most of the time",
		program: "corpus/accepted/sleepy.sprocket", naive: "corpus/broken/forgetful_gateway.sprocket", property: "own_answer", node: "sleepy_node",
		byHand: []hand{careful, plain},
		effect: "turned",
		faults: faultlink.Faults{Lose: 0.05, Repeat: 0.10, Overtake: 1, DelayMin: 10 * time.Millisecond, DelayMax: 80 * time.Millisecond},
		speed:  50, life: lives{40, 20}, pause: 160 * time.Millisecond,
		argument: func(i int) int { return i },
		answer:   func(i int) string { return fmt.Sprint(uint16(i*7 + i%16)) },
	},
}
