package ir

import "sprocketc/lang"

// Names in the emitted languages, by the rules under which lang.Check refuses collisions.

// GoName is a name as an exported Go identifier: "watt_hours" gives "WattHours".
func GoName(name string) string { return lang.GoName(name) }

// GoLocal is a name as an unexported Go identifier: "watt_hours" gives "wattHours".
func GoLocal(name string) string { return lang.GoLocal(name) }

// CName is a name in lower snake case: "WattHours" gives "watt_hours".
func CName(name string) string { return lang.CName(name) }
