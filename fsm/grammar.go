package fsm

import (
	"sync"

	"github.com/alecthomas/participle/v2"
	"github.com/alecthomas/participle/v2/lexer"
)

// The grammar of the text form. It is lenient where a later pass can say more precisely what is wrong.

var tokens = []lexer.SimpleRule{
	{Name: "Comment", Pattern: `//[^\n]*`},
	{Name: "Ident", Pattern: `[A-Za-z_][A-Za-z0-9_]*`},
	{Name: "Int", Pattern: `[0-9]+`},
	{Name: "Dots", Pattern: `\.\.`},
	{Name: "Op", Pattern: `&&|\|\||==|!=|<=|>=`},
	{Name: "Punct", Pattern: `[-+*%/!<>=(){}\[\].,;:&|]`},
	{Name: "Space", Pattern: `[ \t\r\n]+`},
}

// grammar takes ten milliseconds to build, which a command that reads no machine does not need.
var grammar = sync.OnceValue(func() *participle.Parser[gFile] {
	return participle.MustBuild[gFile](participle.Lexer(lexer.MustSimple(tokens)), participle.Elide("Space"), participle.UseLookahead(4))
})

type gFile struct {
	Doc   []string `parser:"@Comment*"`
	Name  string   `parser:"'system' @Ident ';'"`
	Decls []*gDecl `parser:"@@*"`
}

type gDecl struct {
	Pos       lexer.Position
	Doc       []string    `parser:"@Comment*"`
	Tag       *gTag       `parser:"@@?"`
	Sort      *gSort      `parser:"( @@"`
	Enum      *gEnum      `parser:"| @@"`
	Set       *gSet       `parser:"| @@"`
	Message   *gMessage   `parser:"| @@"`
	Channel   *gChannel   `parser:"| @@"`
	Machine   *gMachine   `parser:"| @@"`
	Invariant *gInvariant `parser:"| @@"`
	Assert    *gAssert    `parser:"| @@"`
	Demand    *gDemand    `parser:"| @@"`
	Query     *gQuery     `parser:"| @@"`
	Check     []string    `parser:"| 'check' @Ident+ ';' )"`
	EndPos    lexer.Position
}

type gTag struct {
	Or []*gConj `parser:"'[' @@ ( '|' @@ )* ']'"`
}

type gConj struct {
	And []*gLit `parser:"@@ ( '&' @@ )*"`
}

type gLit struct {
	Not   bool     `parser:"@'!'?"`
	Words []string `parser:"@Ident+"`
}

type gSort struct {
	Kind string `parser:"@( 'number' | 'token' )"`
	Name string `parser:"@Ident"`
	Bits uint32 `parser:"( @Int 'bits' )?"`
	Wrap uint32 `parser:"( 'modulo' @Int )? ';'"`
}

type gEnum struct {
	Name    string   `parser:"'enum' @Ident '{'"`
	Members []string `parser:"@Ident ( ',' @Ident )* ','? '}'"`
}

type gSet struct {
	Name    string   `parser:"'set' @Ident"`
	Of      string   `parser:"'of' @Ident '{'"`
	Members []string `parser:"( @Ident ( ',' @Ident )* ','? )? '}'"`
}

type gMessage struct {
	Name   string    `parser:"'message' @Ident"`
	From   string    `parser:"'from' @Ident '{'"`
	Fields []*gField `parser:"@@* '}'"`
}

type gField struct {
	Pos    lexer.Position
	Doc    []string `parser:"@Comment*"`
	Tag    *gTag    `parser:"@@?"`
	Wire   bool     `parser:"@'wire'?"`
	Name   string   `parser:"@Ident ':'"`
	Type   *gType   `parser:"@@"`
	For    string   `parser:"( 'for' @Ident )? ';'"`
	EndPos lexer.Position
}

type gType struct {
	Lo    *uint32 `parser:"( @Int '..'"`
	Hi    uint32  `parser:"  @Int"`
	Name  string  `parser:"| @Ident"`
	Scope string  `parser:"  ( 'in' @Ident )? )"`
	Len   int     `parser:"( '[' @Int ']' )?"`
}

type gChannel struct {
	Name    string        `parser:"'channel' @Ident"`
	From    string        `parser:"'from' @Ident"`
	To      string        `parser:"'to' @Ident"`
	Options []*gChannelIs `parser:"@@* ';'"`
}

type gChannelIs struct {
	Capacity *int       `parser:"  'capacity' @Int"`
	Over     *int       `parser:"| 'overtaking' ( @Int"`
	Any      bool       `parser:"  | @'any' )"`
	Loses    *gOdds     `parser:"| @@"`
	Delays   *gInterval `parser:"| 'delays' @@"`
	Lives    *uint32    `parser:"| 'lives' @Int"`
	Word     string     `parser:"| @( 'waits' | 'repeats' | 'corrupts' )"`
}

type gMachine struct {
	Name    string   `parser:"'machine' @Ident"`
	Crashes bool     `parser:"( @'crashes'"`
	Budget  int      `parser:"  @Int? )?"`
	Drift   int      `parser:"( 'drift' @Int 'ppm' )?"`
	Erased  bool     `parser:"@'erased'? '{'"`
	Items   []*gItem `parser:"@@* '}'"`
}

type gItem struct {
	Pos     lexer.Position
	Doc     []string  `parser:"@Comment*"`
	Tag     *gTag     `parser:"@@?"`
	Layer   bool      `parser:"@'layer'?"`
	Var     *gVar     `parser:"( @@"`
	Record  *gRecord  `parser:"| @@"`
	Timer   *gTimer   `parser:"| @@"`
	Memo    *gMemo    `parser:"| @@"`
	Journal *gJournal `parser:"| @@"`
	On      *gOn      `parser:"| @@"`
	Free    *gFree    `parser:"| @@"`
	Tail    *gTail    `parser:"| @@ )"`
	EndPos  lexer.Position
}

type gVar struct {
	Name  string `parser:"'var' @Ident ':'"`
	Type  *gType `parser:"@@"`
	While *gOr   `parser:"( 'while' @@ )?"`
	Any   bool   `parser:"( '=' ( @'any'"`
	Init  *gInit `parser:"  | @@ ) )? ';'"`
}

type gInit struct {
	Int  *uint32 `parser:"  @Int"`
	Name string  `parser:"| @Ident"`
}

type gRecord struct {
	Name   string    `parser:"'record' @Ident"`
	Slots  int       `parser:"@Int ( 'slots' | 'slot' ) '{'"`
	Fields []*gField `parser:"@@* '}'"`
}

type gTimer struct {
	Name     string     `parser:"'timer' @Ident"`
	Per      string     `parser:"( 'for' @Ident )?"`
	Single   *gInterval `parser:"( @@?"`
	Outlives string     `parser:"  ( 'outlives' @( 'datagrams' | 'calls' ) )? ';'"`
	Entries  []*gEntry  `parser:"| '{' @@ ( ',' @@ )* ','? '}' )"`
}

type gInterval struct {
	First uint32  `parser:"@Int"`
	Cap   *uint32 `parser:"( '..' @Int )?"`
}

type gEntry struct {
	Name     string     `parser:"@Ident ':'"`
	Interval *gInterval `parser:"@@"`
}

type gMemo struct {
	Name    string     `parser:"'memo' @Ident"`
	Per     string     `parser:"'for' @Ident"`
	Entries []*gMemoIs `parser:"( '{' @@ ( ',' @@ )* ','? '}'"`
	None    bool       `parser:"| @';' )"`
}

type gMemoIs struct {
	Name string `parser:"@Ident ':'"`
	N    uint32 `parser:"@Int"`
	Age  uint32 `parser:"'for' @Int"`
}

type gJournal struct {
	Name string `parser:"'journal' @Ident"`
	N    uint32 `parser:"@Int? ';'"`
}

type gOn struct {
	Timer bool    `parser:"'on' @'timer'?"`
	Name  string  `parser:"@Ident"`
	Param string  `parser:"( '(' @Ident ')' )?"`
	When  *gOr    `parser:"( 'when' @@ )?"`
	Body  *gBlock `parser:"@@"`
}

type gFree struct {
	Name   string    `parser:"'free' @Ident"`
	Params []*gParam `parser:"( '(' ( @@ ( ',' @@ )* )? ')' )?"`
	When   *gOr      `parser:"( 'when' @@ )?"`
	Body   *gBlock   `parser:"@@"`
}

type gTail struct {
	Name   string    `parser:"'tail' @Ident"`
	Params []*gParam `parser:"'(' ( @@ ( ',' @@ )* )? ')'"`
	Body   *gBlock   `parser:"@@"`
}

type gParam struct {
	Pos    lexer.Position
	Name   string `parser:"@Ident ':'"`
	Type   *gType `parser:"@@"`
	EndPos lexer.Position
}

type gInvariant struct {
	Start bool   `parser:"( @'start'"`
	Name  string `parser:"| 'invariant' @Ident ) ':'"`
	Cond  *gOr   `parser:"@@ ';'"`
}

type gBlock struct {
	Stages []*gStage `parser:"'{' @@* '}'"`
}

type gStage struct {
	Pos      lexer.Position
	Doc      []string   `parser:"@Comment*"`
	Tag      *gTag      `parser:"@@?"`
	When     *gWhen     `parser:"( @@"`
	End      bool       `parser:"| @'end' ';'"`
	Send     *gFields   `parser:"| 'send' @@ ';'"`
	Persist  *gFields   `parser:"| 'persist' @@ ';'"`
	Commit   *gFields   `parser:"| 'commit' @@ ';'"`
	Start    *gStart    `parser:"| @@ ';'"`
	Cancel   string     `parser:"| 'cancel' @Ident ';'"`
	Invoke   *gApply    `parser:"| 'invoke' @@ ';'"`
	Complete *gComplete `parser:"| 'complete' @@ ';'"`
	Report   *gReport   `parser:"| 'report' @@ ';'"`
	Do       *gDo       `parser:"| 'do' @@ ';'"`
	Note     *gNote     `parser:"| 'note' @@ ';'"`
	Breach   string     `parser:"| 'breach' @Ident ';'"`
	Ask      string     `parser:"| 'ask' @Ident ';'"`
	Remember *gRemember `parser:"| 'remember' @@ ';'"`
	Forget   string     `parser:"| 'forget' @Ident ';'"`
	Assign   *gAssign   `parser:"| @@ ';' )"`
	EndPos   lexer.Position
}

type gWhen struct {
	Cond *gOr    `parser:"'when' @@"`
	Then *gBlock `parser:"@@"`
	Else *gBlock `parser:"( 'else' @@ )?"`
}

type gFields struct {
	Name   string         `parser:"@Ident '{'"`
	Fields []*gFieldValue `parser:"( @@ ( ',' @@ )* ','? )? '}'"`
}

type gFieldValue struct {
	Name  string `parser:"@Ident ':'"`
	Value *gOr   `parser:"@@"`
}

type gStart struct {
	How   string `parser:"@( 'start' | 'again' )"`
	Timer string `parser:"@Ident"`
	Per   *gOr   `parser:"( 'for' @@ )?"`
}

type gApply struct {
	Fn  *gRef `parser:"@@"`
	Arg *gOr  `parser:"'(' @@ ')'"`
}

type gComplete struct {
	Outcome *gRef `parser:"@@"`
	Fn      *gRef `parser:"@@"`
	Answer  *gOr  `parser:"'(' @@ ')'"`
}

type gReport struct {
	gComplete
	Args *gOr `parser:"'of' @@"`
}

type gDo struct {
	Tail string `parser:"@Ident '('"`
	Args []*gOr `parser:"( @@ ( ',' @@ )* )? ')'"`
}

type gNote struct {
	What string `parser:"@Ident"`
	Fn   *gOr   `parser:"( '(' @@ ')' )?"`
}

type gRemember struct {
	Memo   string  `parser:"@Ident"`
	Apply  *gApply `parser:"@@"`
	Answer *gOr    `parser:"'=' @@"`
}

type gAssign struct {
	Target *gRef `parser:"@@"`
	Value  *gOr  `parser:"'=' @@"`
}

type gRef struct {
	Pos    lexer.Position
	Name   string `parser:"@Ident"`
	Field  string `parser:"( '.' @Ident"`
	At     *gOr   `parser:"| '[' @@ ']' )?"`
	EndPos lexer.Position
}

type gOr struct {
	X []*gAnd `parser:"@@ ( '||' @@ )*"`
}

type gAnd struct {
	X []*gCmp `parser:"@@ ( '&&' @@ )*"`
}

type gCmp struct {
	X   *gSum  `parser:"@@"`
	Op  string `parser:"( @( '==' | '!=' | '<=' | '>=' | '<' | '>' )"`
	Y   *gSum  `parser:"  @@"`
	Set string `parser:"| 'in' @Ident )?"`
}

type gSum struct {
	X    *gProd    `parser:"@@"`
	Rest []*gSumOp `parser:"@@*"`
}

type gSumOp struct {
	Op string `parser:"@( '+' | '-' )"`
	Y  *gProd `parser:"@@"`
}

type gProd struct {
	X    *gUnary    `parser:"@@"`
	Rest []*gProdOp `parser:"@@*"`
}

type gProdOp struct {
	Op string  `parser:"@( '*' | '%' )"`
	Y  *gUnary `parser:"@@"`
}

type gUnary struct {
	Not  *gUnary `parser:"  '!' @@"`
	Prim *gPrim  `parser:"| @@"`
}

type gPrim struct {
	Int   *uint32 `parser:"  @Int"`
	Paren *gOr    `parser:"| '(' @@ ')'"`
	Call  *gCall  `parser:"| @@"`
	Ref   *gRef   `parser:"| @@"`
}

type gCall struct {
	Pos    lexer.Position
	Fn     string `parser:"@Ident '('"`
	Args   []*gOr `parser:"( @@ ( ',' @@ )* )? ')'"`
	EndPos lexer.Position
}
