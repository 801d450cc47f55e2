package support

import "strconv"

// function stands in for the emitted enumeration of the program's calls; this file is not copied.
type function uint8

func (f function) String() string { return strconv.Itoa(int(f)) }
