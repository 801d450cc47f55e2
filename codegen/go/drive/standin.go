package drive

// What the emitted package declares; this file is not copied.

type function uint8

type outcome uint8

type drop uint8

const kept drop = 0

type timer struct {
	running bool
	due     uint32
}

// The two emitted peers and what is known of their program.
type (
	runCaller struct{}
	runCallee struct{}
)

func newRunCaller(*runWorld) runCaller               { return runCaller{} }
func newRunCallee(*runWorld) runCallee               { return runCallee{} }
func (runCaller) start(uint32) error                 { return nil }
func (runCallee) start(uint32) error                 { return nil }
func (runCaller) halted() error                      { return nil }
func (runCallee) halted() error                      { return nil }
func (runCaller) receive([]byte, uint32) drop        { return kept }
func (runCallee) receive([]byte, uint32) drop        { return kept }
func (runCaller) poll(uint32)                        {}
func (runCallee) poll(uint32)                        {}
func (runCaller) call(function, []byte, uint32) bool { return false }
func (runCallee) answer([]byte, uint32)              {}
func (runCaller) free() bool                         { return true }
func (runCaller) timers() map[string]*timer          { return nil }
func (runCallee) timers() map[string]*timer          { return nil }
func (runCaller) layers() map[string]*bool           { return nil }
func (runCallee) layers() map[string]*bool           { return nil }
func (runCaller) layerTimers() []string              { return nil }
func (runCallee) layerTimers() []string              { return nil }

var runFunctions []runFunction

var runLayouts []runLayout

var (
	runRecords  [2][]runRecord
	runOutlives [2]map[string]bool
)

var runPeers, runOutcomes, runProperties, runGivingUp []string

const (
	runCallerCrashes = false
	runCalleeCrashes = false
	runCorrupts      = false
	runKindBits      = 0
	runCommits       = false
	runSeveral       = false
	runOvertaking    = 0
	runRepeats       = false
	runLoses         = false
)
