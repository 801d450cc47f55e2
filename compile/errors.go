package compile

import (
	"errors"
	"fmt"
)

// Exit statuses of the command.
const (
	StatusHolds     = 0
	StatusRejected  = 1
	StatusUsage     = 2
	StatusViolated  = 3
	StatusUndecided = 4
	StatusDefect    = 5
)

// How a run of the pipeline ends other than well. The diagnostics or the report say more.
var (
	ErrRejected  = errors.New("the program is rejected")
	ErrViolated  = errors.New("a property is violated")
	ErrUndecided = errors.New("undecided: a limit was reached")
)

// Usage is a mistake in how the compiler was called: a flag, a file that cannot be read, a directory that cannot be
// written to.
type Usage struct{ Message string }

func (e *Usage) Error() string { return e.Message }

func usagef(format string, args ...any) error { return &Usage{fmt.Sprintf(format, args...)} }

// Defect is an error of the compiler's own.
type Defect struct {
	Phase, File string
	Cause       string
	Stack       []byte // nil where nothing panicked
}

func (e *Defect) Error() string {
	return fmt.Sprintf("internal error in phase %s on %s: %s", e.Phase, e.File, e.Cause)
}

// Status is the exit status that stands for an error.
func Status(err error) int {
	var usage *Usage
	switch {
	case err == nil:
		return StatusHolds
	case errors.Is(err, ErrRejected):
		return StatusRejected
	case errors.As(err, &usage):
		return StatusUsage
	case errors.Is(err, ErrViolated):
		return StatusViolated
	case errors.Is(err, ErrUndecided):
		return StatusUndecided
	}
	return StatusDefect
}

// Worse is the error of the two that a command on several files answers with: a defect before a mistake in the call,
// before a rejection, a violation, and what is undecided.
func Worse(a, b error) error {
	rank := map[int]int{StatusHolds: 0, StatusUndecided: 1, StatusViolated: 2, StatusRejected: 3, StatusUsage: 4, StatusDefect: 5}
	if rank[Status(b)] > rank[Status(a)] {
		return b
	}
	return a
}
