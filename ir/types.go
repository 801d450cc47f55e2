package ir

// TypeKind tells the types apart.
type TypeKind int

const (
	Bool   TypeKind = iota
	Uint            // Bits 8, 16, 32, 64
	Int             // Bits 8, 16, 32, 64; two's complement
	Float           // Bits 32, 64; IEEE 754
	Text            // UTF-8, at most Max bytes
	Bytes           // at most Max bytes; Fixed: exactly Max
	Array           // exactly Max of Elem
	List            // at most Max of Elem
	Option          // Elem or nothing
	StructType
	EnumType
)

// Type is the type of a value. Every type is bounded.
type Type struct {
	Kind    TypeKind
	Bits    int   // of Uint, Int, Float
	Refined bool  // Uint, Int: a value in Lo..Hi only
	Lo, Hi  int64 // the range where Refined (a u64 refinement lies within int64)
	Max     int   // of Text, Bytes, Array, List
	Fixed   bool  // of Bytes
	Elem    *Type // of Array, List, Option
	Struct  *Struct
	Enum    *Enum
}
