package verify

import "fmt"

// Colours of payloads in a run: of the one call that the properties watch, and of none, as after an alteration.
const (
	Marked  = marked
	Garbage = garbage
)

// PayloadText says whose a payload is, by its colour; a number where it is not one of a run.
func PayloadText(colour uint32) string {
	switch colour {
	case 0:
		return "none"
	case white:
		return "other"
	case marked:
		return "this call's"
	case late:
		return "a later call's"
	case after:
		return "a call's made meanwhile"
	case garbage:
		return "garbage"
	}
	return fmt.Sprint(colour)
}
