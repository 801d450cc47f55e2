package lang

// context is where a clause stands.
type context int

const (
	inFile context = iota
	inStruct
	inEnum
	inPeer
	inChannel
	inInterface
	inCall
	inForce
)

func (c context) String() string {
	return [...]string{"at the top of a program", "in a struct", "in an enum", "in a peer", "in a channel",
		"in an interface", "in a call", "in `force`"}[c]
}

// word is a word that begins a clause.
type word struct {
	in     context
	name   string
	form   string   // how the clause reads, shown with syntax errors
	inner  []string // words that may follow within the clause, for hints
	block  context  // of its block; 0 where it takes none
	needed bool     // the block may not be missing
}

// words is the vocabulary of clauses. spec/language.md documents each; a test compares the two.
var words = []word{
	{in: inFile, name: "protocol", form: "protocol NAME"},
	{in: inFile, name: "struct", form: "struct NAME { NAME TYPE; … }", block: inStruct, needed: true},
	{in: inFile, name: "enum", form: "enum NAME { NAME, … }", block: inEnum, needed: true},
	{in: inFile, name: "peer", form: "peer NAME { … }", block: inPeer, needed: true},
	{in: inFile, name: "channel", form: "channel NAME { … }", block: inChannel, needed: true},
	{in: inFile, name: "interface", form: "interface NAME from PEER to PEER on CHANNEL { … }", inner: []string{"from", "to", "on"}, block: inInterface, needed: true},
	{in: inFile, name: "assert", form: "assert [after(…)] never(CALL runs)", inner: []string{"after", "always", "never", "eventually"}},

	{in: inPeer, name: "emit", form: "emit go, c"},
	{in: inPeer, name: "crashes", form: "crashes"},
	{in: inPeer, name: "commits", form: "commits separately", inner: []string{"separately"}},
	{in: inPeer, name: "stable", form: "stable 32B"},
	{in: inPeer, name: "entropy", form: "entropy 32 bits", inner: []string{"bits"}},
	{in: inPeer, name: "ram", form: "ram max 1KiB", inner: []string{"max"}},
	{in: inPeer, name: "flash", form: "flash max 6KiB", inner: []string{"max"}},
	{in: inPeer, name: "drift", form: "drift 2%"},
	{in: inPeer, name: "battery", form: "battery"},

	{in: inChannel, name: "between", form: "between PEER and PEER", inner: []string{"and"}},
	{in: inChannel, name: "from", form: "from PEER to PEER", inner: []string{"to"}},
	{in: inChannel, name: "over", form: "over udp"},
	{in: inChannel, name: "unit", form: "unit max 64B", inner: []string{"max"}},
	{in: inChannel, name: "loses", form: "loses 20%"},
	{in: inChannel, name: "repeats", form: "repeats"},
	{in: inChannel, name: "reorders", form: "reorders [within 4]", inner: []string{"within"}},
	{in: inChannel, name: "corrupts", form: "corrupts [unseen 0.01%]", inner: []string{"unseen"}},
	{in: inChannel, name: "delays", form: "delays 10ms..400ms"},
	{in: inChannel, name: "lives", form: "lives 5s"},
	{in: inChannel, name: "rate", form: "rate max 20/s", inner: []string{"max"}},

	{in: inInterface, name: "call", form: "call NAME(NAME TYPE, …) [TYPE] [{ … }]", block: inCall},
	{in: inInterface, name: "within", form: "within 30s"},
	{in: inInterface, name: "optimise", form: "optimise bytes, ram", inner: Objectives},
	{in: inInterface, name: "force", form: "force { FEATURE off; FEATURE PARAMETER 3; … }", block: inForce, needed: true},

	{in: inCall, name: "pure", form: "pure"},
	{in: inCall, name: "idempotent", form: "idempotent"},
	{in: inCall, name: "effect", form: "effect [exactly once]", inner: []string{"exactly", "once"}},
	{in: inCall, name: "commutes", form: "commutes"},
	{in: inCall, name: "serial", form: "serial"},
	{in: inCall, name: "ordered", form: "ordered [after CALL]", inner: []string{"after"}},
	{in: inCall, name: "pipelined", form: "pipelined max 4", inner: []string{"max"}},
	{in: inCall, name: "keep", form: "keep"},
	{in: inCall, name: "cache", form: "cache 16 for 30s", inner: []string{"for"}},
	{in: inCall, name: "within", form: "within 2s [at 99%]", inner: []string{"at"}},
	{in: inCall, name: "log", form: "log 8"},
}

// Objectives are what `optimise` can name, in the order in which plans are told apart where nothing else is said.
var Objectives = []string{"bytes", "wear", "ram", "flash", "latency", "energy"}

// findWord looks a word up in a context; nil where it has no meaning there.
func findWord(in context, name string) *word {
	for i := range words {
		if words[i].in == in && words[i].name == name {
			return &words[i]
		}
	}
	return nil
}

// wordsIn lists the words of a context in the order of the table.
func wordsIn(in context) []string {
	var names []string
	for _, w := range words {
		if w.in == in {
			names = append(names, w.name)
		}
	}
	return names
}
