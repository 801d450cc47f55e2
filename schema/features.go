package schema

// The features, by the names that `solve` prints and `force` takes. The order is that of a plan.
const (
	CallNumber      = "call number"
	AnswerMatching  = "answer matching"
	Retransmission  = "retransmission"
	DupSuppression  = "duplicate suppression"
	ReplyCache      = "reply cache"
	Serial          = "serial"
	CallerEpoch     = "caller epoch"
	CallerChallenge = "caller challenge"
	CalleeEpoch     = "callee epoch"
	ChallengeEcho   = "challenge echo"
	IntentRecord    = "intent record"
	TwoSlots        = "two slots"
	OutcomeUnknown  = "outcome unknown"
	OutcomeRestart  = "outcome peer restarted"
	Checksum        = "checksum"
	Pacing          = "pacing"
	Memo            = "memo"
	Log             = "log"
)

// Feature is one building block of a protocol.
type Feature struct {
	Name     string
	Sentence string   // what it does, for people
	Params   []string // names of its numeric parameters, for force
}

// Features lists the schema's features in the order of a plan.
var Features = []Feature{
	{CallNumber, "every call has a number, so that its answer and its repeats can be told from those of others", []string{"width"}},
	{AnswerMatching, "an answer completes the call whose identity it carries, and no other", nil},
	{Retransmission, "a request is sent again on a schedule until its answer comes or its time is over", nil},
	{DupSuppression, "the callee remembers the newest call and runs none twice, and none that is older", nil},
	{ReplyCache, "the last answer is kept and sent again when its request comes again", nil},
	{Serial, "one handler runs at a time; a request that comes meanwhile is dropped and asked again", nil},
	{CallerEpoch, "each start of the caller has an identity of its own, so that none of its calls looks like an earlier one's", []string{"width"}},
	{CallerChallenge, "a caller with blank memory, new or a replacement, is told the newest epoch before its first call, instead of being ignored for ever", nil},
	{CalleeEpoch, "each start of the callee has an identity of its own; what was asked of an earlier one is rejected with the present one", []string{"width"}},
	{ChallengeEcho, "a rejection names the epoch of the request that it answers, so that an old one is not believed", nil},
	{IntentRecord, "the callee writes down a call before it runs, and after a restart does not run it again", nil},
	{TwoSlots, "a record is written to the other of two slots, so that a torn write leaves the old one", nil},
	{OutcomeUnknown, "a call that gives up after it may have run says so", nil},
	{OutcomeRestart, "a call that may have run when its callee restarted ends with that, and is not sent again", nil},
	{Checksum, "an altered datagram is dropped, and counts as lost", []string{"width"}},
	{Pacing, "a sender leaves at least an interval between two datagrams", nil},
	{Memo, "answers are kept and serve equal calls for a time", nil},
	{Log, "the last protocol events are kept for the program to read", nil},
}

// Variants are the wrong ways that the sources carry for teaching and testing; only `force` turns one on.
var Variants = []Feature{
	{"volatile caller epoch", "the caller's epoch is counted in volatile memory", nil},
	{"random caller epoch", "the caller's epoch is drawn at random, and has no order", nil},
	{"volatile callee epoch", "the callee's epoch is counted in volatile memory", nil},
	{"intent after start", "the intent is recorded after the handler was started", nil},
	{"any epoch", "a rejection is believed whatever request it answers", nil},
}

// Find a feature or a variant by name, or nil.
func Find(name string) *Feature {
	for _, list := range [][]Feature{Features, Variants} {
		for i := range list {
			if list[i].Name == name {
				return &list[i]
			}
		}
	}
	return nil
}
