package schema

// Goals are what the demands of a program come to. (Sources: the failure model in spec.)
var Goals = []Goal{
	{"identity", []Fact{AnyCall}, "a call cannot be told from another", nil},
	{"own answer", []Fact{AnyCall}, "an old answer would be taken for this call's", nil},
	{"delivered", []Fact{AnyCall}, "a call that met a loss or a restart would never be answered", nil},
	{"one at a time", []Fact{AnyCall}, "two executions would overlap, and their answers be confused", []string{AskingFirst}},
	{"runs once", []Fact{HarmfulCall}, "a request that is sent again would run again", nil},
	{"new identities", []Fact{CallerCrashes}, "a restarted caller would take the answers to its earlier calls for its own, or repeat their numbers", nil},
	{"effects fenced", []Fact{CalleeCrashes, EffectCall}, "a restarted callee could not tell the old request from a new one", nil},
	{"accepted", []Fact{CallerCrashes, OnceCall}, "a call that was accepted would be gone with a crash of its caller", nil},
	{"committed once", []Fact{CalleeCrashes, OnceCall}, "a restarted callee could not tell whether the effect is there, and would run the call again", nil},
	{"goes on", []Fact{OnceCall}, "a call whose time is over would end although its effect may still be missing", nil},
	{"late runs fenced", []Fact{CalleeCrashes, IdempotentRun}, "a restarted callee would run an old request after a newer one", nil},
	{"honest", []Fact{EffectCall}, "an effect that gave up would claim that it did not run", nil},
	{"outstanding", []Fact{PipelinedCall}, "each call would wait until the one before it has ended", nil},
	{"whole", []Fact{Corrupts}, "an altered datagram would be believed", nil},
	{"paced", []Fact{Rated}, "more would be sent than the channel takes", nil},
	{"remembered", []Fact{CachedCall}, "nothing would be kept", nil},
	{"noted", []Fact{LoggedCall}, "nothing would be kept", nil},
}

var width = []Param{{Name: "width", Lo: 1, Hi: 32}}

// Declarations, one a feature, in the order of a plan.
var Declarations = []Declaration{
	{
		Feature: Feature{CallNumber, "every call has a number, so that its answer and its repeats can be told from those of others", width},
		Gives:   []string{"identity"},
		Ways:    []Way{{Carries: number}, {Variant: Wide, For: []string{"wear"}, Needs: []Resource{CallerStable}, Carries: number}},
	},
	{
		Feature: Feature{AnswerMatching, "an answer completes the call whose identity it carries, and no other", nil},
		Gives:   []string{"own answer"},
		Asks:    []Fact{Repeats, Overtakes},
	},
	{
		Feature: Feature{Retransmission, "a request is sent again on a schedule until its answer comes or its time is over", nil},
		Gives:   []string{"delivered"},
		Ways:    []Way{{}, {Variant: Steady, For: []string{"ram", "flash"}}, {Variant: Eager, For: []string{"latency"}}},
		Asks:    []Fact{ChanceCall, Loses, CalleeCrashes},
	},
	{
		Feature: Feature{DupSuppression, "the callee remembers the newest call and runs none twice, and none that is older", nil},
		Gives:   []string{"runs once"},
		Needs:   []Need{{Feature: ReplyCache}}, // a repeat that does not run again must be answered again
		Asks:    []Fact{Repeats, Loses},
	},
	{
		Feature: Feature{ReplyCache, "the last answer is kept and sent again when its request comes again", nil},
		Asks:    []Fact{Loses},
	},
	{
		Feature: Feature{Serial, "one handler runs at a time; a request that comes meanwhile is dropped and asked again", nil},
		Gives:   []string{"one at a time"},
		Asks:    []Fact{SerialCall},
	},
	{
		Feature: Feature{Window, "several calls are outstanding at once, each in a lane of its own; they run one at a time, in the order in which they are made", nil},
		Gives:   []string{"outstanding"},
		// Its machines are a text of their own (window.fsm), which knows effects only, and no pace, memory of answers or commit.
		Ways: []Way{
			{Variant: GoBackN, Forbids: unlike},
			{Variant: Selective, Forbids: unlike},
		},
		// Runs of calls are told apart by their order.
		Needs: []Need{{Feature: DupSuppression}, {Feature: Serial}, {Feature: CallerEpoch, When: []Fact{CallerCrashes}, Of: "stable"}, {Feature: IntentRecord, When: []Fact{CalleeCrashes}}},
		Asks:  []Fact{Loses},
	},
	{
		Feature: Feature{CallerEpoch, "each start of the caller has an identity of its own, so that none of its calls looks like an earlier one's", width},
		Gives:   []string{"new identities"},
		Ways: []Way{
			{Source: "stable", Needs: []Resource{CallerStable}, Carries: cepoch, Starts: 1},
			{Source: "entropy", Needs: []Resource{CallerEntropy}, Forbids: [][]Fact{{Overtakes, HarmfulCall}}, Carries: cepoch,
				Why: "the entropy of {caller} does not do: random epochs have no order, and an old request that was overtaken would look as new as any"},
			{Source: "volatile", Forced: true, Carries: cepoch},
		},
		// Where nothing is dropped for its number, a caller that begins anew is not ignored.
		Needs: []Need{{Feature: CallerChallenge, When: []Fact{HarmfulCall}, Source: "stable"}, {Feature: TwoSlots, Source: "stable"}},
	},
	{
		Feature: Feature{CallerChallenge, "a caller with blank memory, new or a replacement, is told the newest epoch before its first call, instead of being ignored for ever", nil},
	},
	{
		Feature: Feature{CalleeEpoch, "each start of the callee has an identity of its own; what was asked of an earlier one is rejected with the present one", width},
		Gives:   []string{"effects fenced", "late runs fenced"},
		Ways: []Way{
			{Source: "stable", Needs: []Resource{CalleeStable}, Forbids: [][]Fact{{PipelinedCall}}, Carries: kepoch, Starts: 1},
			{Source: "entropy", Needs: []Resource{CalleeEntropy}, Forbids: [][]Fact{{PipelinedCall}}, Carries: kepoch},
			{Source: "volatile", Forced: true, Carries: kepoch},
		},
		Needs: []Need{{Feature: ChallengeEcho}, {Feature: TwoSlots, Source: "stable"}, {Feature: OutcomeRestart, When: []Fact{EffectCall}}},
	},
	{
		Feature: Feature{ChallengeEcho, "a rejection names the epoch of the request that it answers, so that an old one is not believed", nil},
		Less:    AnyEpoch,
	},
	{
		Feature: Feature{IntentRecord, "the callee writes down a call before it runs, and after a restart does not run it again", nil},
		Gives:   []string{"effects fenced"},
		// After a restart the newest recorded call is the newest known: an effect that was overtaken by an idempotent call,
		// which is not recorded, would run after it. Beside a record of committed calls neither tells which call was the newest.
		Ways:   []Way{{Needs: []Resource{CalleeStable}, Forbids: [][]Fact{{Overtakes, RepeatedCall}, {OnceCall}}}},
		Needs:  []Need{{Feature: TwoSlots}, {Feature: DupSuppression}},
		Writes: []Fact{EffectCall},
	},
	{
		Feature: Feature{AskingFirst, "a call is sent once the callee has said that it may be; a callee that restarted has forgotten that, and refuses it", nil},
		Gives:   []string{"effects fenced", "late runs fenced"},
		// An old question that was overtaken would be answered anew after a restart. (Belsnes 1976: three messages.)
		Ways: []Way{{Forbids: [][]Fact{{Overtakes}, {ChanceCall}, {PipelinedCall}}}},
		// While a handler runs no call is told that it may be sent; one that may run at any time does not ask.
		Needs: []Need{{Feature: DupSuppression}, {Feature: Serial, When: []Fact{HarmlessCall}}},
	},
	{
		Feature: Feature{PendingRecord, "the caller writes a call down before it sends it, and after a restart goes on with it", nil},
		Gives:   []string{"accepted"},
		Ways:    []Way{{Needs: []Resource{CallerStable}}},
		// It stands in the record of the caller's epoch: the call goes on under the identity that it had.
		Needs:  []Need{{Feature: CallerEpoch, Of: "stable"}, {Feature: TwoSlots}, {Feature: GoingOn}},
		Writes: []Fact{OnceCall, OnceCall}, // before it is sent, and when it is over
	},
	{
		Feature: Feature{CommitRecord, "the handler's effect and the record of its call become durable in one step; after a restart the callee answers from it", nil},
		Gives:   []string{"committed once"},
		Ways: []Way{{Needs: []Resource{CalleeStable}, Forbids: [][]Fact{{CommitsApart}},
			Why: "{callee} cannot make a handler's effect durable in one step with a record"}},
		Needs:  []Need{{Feature: TwoSlots}, {Feature: DupSuppression}},
		Writes: []Fact{OnceCall},
	},
	{
		Feature: Feature{GoingOn, "a call that must run exactly once goes on when its time is over, and its answer is reported late", nil},
		Gives:   []string{"goes on"},
	},
	{
		Feature: Feature{QuietStart, "after a start the callee ignores what may not run twice, or not late, until nothing is left of the calls that were made before", nil},
		Gives:   []string{"effects fenced", "late runs fenced"},
		// It costs no byte, but the callee's time after each start.
		Ways: []Way{{Needs: []Resource{Lifetime}, Forbids: [][]Fact{{PipelinedCall}}, Last: true}},
		Asks: []Fact{Lives},
	},
	{
		// On a channel that keeps the order too: an answer to the probe that was sent twice names an epoch that was taken since,
		// and a caller whose record tore would take it once more.
		Feature: Feature{TwoSlots, "a record is written to the other of two slots, so that a torn write leaves the old one", nil},
	},
	{
		Feature: Feature{OutcomeUnknown, "a call that gives up after it may have run says so", nil},
		Gives:   []string{"honest"},
	},
	{
		Feature: Feature{OutcomeRestart, "a call that may have run when its callee restarted ends with that, and is not sent again", nil},
	},
	{
		Feature: Feature{Checksum, "an altered datagram is dropped, and counts as lost", []Param{{Name: "width", Lo: 8, Hi: 32, Only: []int{8, 16, 32}}}},
		Gives:   []string{"whole"},
		Ways: []Way{
			{Width: 8, Forbids: [][]Fact{{UnseenBelow8}}, Carries: sum(8)},
			{Width: 16, Forbids: [][]Fact{{UnseenBelow16}}, Carries: sum(16)},
			{Width: 32, Forbids: [][]Fact{{UnseenBelow32}}, Carries: sum(32)},
		},
	},
	{
		Feature: Feature{Pacing, "a sender leaves at least an interval between two datagrams", nil},
		Gives:   []string{"paced"},
	},
	{
		Feature: Feature{Memo, "answers are kept and serve equal calls for a time", nil},
		Gives:   []string{"remembered"},
	},
	{
		Feature: Feature{Log, "the last protocol events are kept for the program to read", nil},
		Gives:   []string{"noted"},
	},
}

var (
	number = []Carry{{Message: "REQ", Sort: "num"}, {Message: "ANS", Sort: "num"}}
	cepoch = []Carry{{Message: "REQ", Sort: "cepoch"}, {Message: "ANS", Sort: "cepoch"}}
	// What windows are not made for in this version.
	unlike = [][]Fact{{PlainRun}, {OnceCall}, {CachedCall}, {Rated}}
	kepoch = []Carry{{Message: "REQ", Sort: "kepoch", Fenced: true}}
)

func sum(bits int) []Carry {
	return []Carry{{Message: "REQ", Bits: bits}, {Message: "ANS", Bits: bits}}
}

const commitSources = "Lampson 1993; spec/refusals.md, 4"

const crashSources = "Fekete, Lynch, Mansour, Spinelli 1993; a bound on delay would lift it, Spinelli 1988"

// Theorems are what no protocol can give.
var Theorems = []Theorem{
	{
		When:    []Fact{OneWay, AnyCall},
		Message: "`{call}` cannot be answered here",
		Why:     "a call ends with an answer, and nothing can come back from {callee} on `{channel}`",
		Source:  "by the meaning of a call; spec/refusals.md, 1",
	},
	{
		When:    []Fact{CalleeCrashes, OvertakesEver, EffectCall},
		Without: []Resource{CalleeStable, CalleeEntropy, Lifetime},
		Goal:    "effects fenced",
		Message: "`{call}` cannot run at most once here",
		Why:     "without anything that survives the crash, {callee} cannot tell the old request from a new one; requests are sent again even where the channel does not repeat them",
		Source:  crashSources,
	},
	{
		When:    []Fact{CalleeCrashes, OvertakesEver, IdempotentRun},
		Without: []Resource{CalleeStable, CalleeEntropy, Lifetime},
		Goal:    "late runs fenced",
		Message: "`{call}` cannot be kept from running late here",
		Why:     "without anything that survives the crash, {callee} cannot tell the old request from a new one; requests are sent again even where the channel does not repeat them",
		Source:  crashSources,
	},
	{
		When:    []Fact{CalleeCrashes, CommitsApart, OnceCall},
		Goal:    "committed once",
		Message: "`{call}` cannot run exactly once here",
		Why:     "a crash of {callee} between the effect and the record of it leaves one without the other: the call is lost, or runs twice",
		Source:  commitSources,
	},
	{
		When:    []Fact{CalleeCrashes, OnceCall},
		Without: []Resource{CalleeStable},
		Goal:    "committed once",
		Message: "`{call}` cannot run exactly once here",
		Why:     "nothing that {callee} knows survives its crash, so that afterwards it cannot tell a call whose effect is there from one that was cut",
		Source:  commitSources,
	},
	{
		When:    []Fact{CallerCrashes, OnceCall},
		Without: []Resource{CallerStable},
		Goal:    "accepted",
		Message: "`{call}` cannot run exactly once here",
		Why:     "a crash of {caller} takes the call and its arguments with it, and nobody else may have heard of it",
		Source:  commitSources,
	},
	{
		When:    []Fact{CallerCrashes, OvertakesEver, AnyCall},
		Without: []Resource{CallerStable, CallerEntropy, Lifetime},
		Goal:    "new identities",
		Message: "`{call}` cannot be sure of its own answer here",
		Why:     "without anything that survives the crash, {caller} cannot tell the answer to an old call from that to a new one",
		Source:  crashSources,
	},
}
