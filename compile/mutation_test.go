package compile

import (
	"bytes"
	"context"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"sprocketc/diag"
	"sprocketc/lang"
	"sprocketc/verify"
)

// words that mutations put in, beside what they find.
var words = strings.Fields(`protocol struct enum peer channel interface call emit crashes stable entropy ram flash drift between from to over
	unit max loses repeats reorders within corrupts delays lives rate pure idempotent effect commutes serial cache for log at force off
	go c udp u8 u16 u32 u64 i8 i64 f32 bool text bytes list of option { } ( ) , ; .. % / 0 1 2 7 64 255 256 65536 99999999999999999999 -1 1.5 0.1% 100% 1B 4B 16MiB 1ms 1us 30s 9999h 5/s
	"" // \x00 é ` + "\u202e \ufeff `")

// mutate changes a text in one to four places: a piece is deleted, doubled, moved, or replaced by a word or a byte.
func mutate(r *rand.Rand, text []byte, others [][]byte) []byte {
	out := bytes.Clone(text)
	at := func() int { return r.IntN(len(out) + 1) }
	line := func() (int, int) {
		i := at()
		a := bytes.LastIndexByte(out[:i], '\n') + 1
		b := bytes.IndexByte(out[i:], '\n')
		if b < 0 {
			return a, len(out)
		}
		return a, i + b + 1
	}
	splice := func(a, b int, s []byte) { out = append(append(bytes.Clone(out[:a]), s...), out[b:]...) }
	for range 1 + r.IntN(3) {
		switch r.IntN(8) {
		case 0: // a line goes
			a, b := line()
			splice(a, b, nil)
		case 1: // a line comes twice
			a, b := line()
			splice(b, b, bytes.Clone(out[a:b]))
		case 2: // a line moves
			a, b := line()
			moved := bytes.Clone(out[a:b])
			splice(a, b, nil)
			a, _ = line()
			splice(a, a, moved)
		case 3: // a line of another program
			other := bytes.SplitAfter(others[r.IntN(len(others))], []byte("\n"))
			a, _ := line()
			splice(a, a, other[r.IntN(len(other))])
		case 4, 5: // a word is another
			a := at()
			for a > 0 && !bytes.ContainsRune([]byte(" \n\t(){},;"), rune(out[a-1])) {
				a--
			}
			b := a
			for b < len(out) && !bytes.ContainsRune([]byte(" \n\t(){},;"), rune(out[b])) {
				b++
			}
			splice(a, b, []byte(words[r.IntN(len(words))]))
		case 6: // a byte is another
			if len(out) > 0 {
				out[r.IntN(len(out))] = byte(r.IntN(256))
			}
		case 7: // the end is missing
			if r.IntN(4) == 0 {
				out = out[:at()]
			}
		}
	}
	return out
}

// slow is a hang: the limits of a mutation end it much earlier, on a machine that does nothing else.
const slow = 30 * time.Second

// seeds are the programs of the corpus, those that are wrong included.
func seeds(t *testing.T) [][]byte {
	t.Helper()
	var out [][]byte
	err := filepath.WalkDir("../corpus", func(name string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(name, ".sprocket") {
			out = append(out, file(t, name).Text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 8 { // most of the corpus is wrong already
		out = append(out, file(t, sensor).Text, file(t, "../corpus/examples/soil.sprocket").Text)
	}
	return out
}

// Mutations of the corpus (4,000; SPROCKET_ALL=1: ten thousand) go through check, solve, fmt and verify, several at a time: each ends in time with
// an answer that fits, none as an error of the compiler's own, and what is emitted is whole.
func TestMutations(t *testing.T) {
	n := 4_000
	if os.Getenv("SPROCKET_ALL") != "" {
		n = 10_000
	}
	if testing.Short() {
		n = 1_000
	}
	all := seeds(t)
	const parts = 4
	var counts [parts][6]int
	t.Run("parts", func(t *testing.T) {
		for part := range parts {
			t.Run(string(rune('a'+part)), func(t *testing.T) {
				t.Parallel()
				r := rand.New(rand.NewPCG(2026, uint64(part)))
				for range n / parts {
					text := mutate(r, all[r.IntN(len(all))], all)
					last := Solve
					if r.IntN(25) == 0 { // an exploration costs more than all the rest
						last = Emit
					}
					status, complaint := attempt(text, last)
					if complaint != "" {
						t.Fatalf("%s\n%s", complaint, text)
					}
					counts[part][status]++
				}
			})
		}
	})
	var sum [6]int
	for _, c := range counts {
		for status := range c {
			sum[status] += c[status]
		}
	}
	t.Logf("rejected %d, held or solved %d, violated %d, undecided %d", sum[1], sum[0], sum[3], sum[4])
	if sum[0] < n/50 || sum[1] < n/50 || sum[4] == 0 {
		t.Errorf("the mutations are too wild or too tame: %v", sum)
	}
}

// attempt gives the status of a text, or what is wrong with the answer.
func attempt(text []byte, last Phase) (status int, complaint string) {
	f := &diag.File{Name: "mutant.sprocket", Text: text}
	begun := time.Now()
	if formatted, found := lang.FormatFile(f); formatted != nil {
		if again, _ := lang.Format(formatted); !bytes.Equal(again, formatted) {
			return 0, "formatting is not stable"
		}
	} else if !diag.HasErrors(found) {
		return 0, "it has no layout, and nothing says why"
	}
	o := Options{Timeout: 5 * time.Second, Search: verify.Options{MaxStates: 30}}
	res, err := Run(context.Background(), f, last, o)
	status = Status(err)
	switch status {
	case StatusHolds:
		if last == Emit && res.Files == nil && len(languages(res.Plan.Interface.From, o)) > 0 {
			return status, "it holds, and nothing is emitted"
		}
	case StatusRejected:
		if !diag.HasErrors(res.Diagnostics) || res.Plan != nil || res.Files != nil {
			return status, "it is rejected without an error, or there is output"
		}
	case StatusViolated, StatusUndecided:
		if res.Files != nil {
			return status, "there is output of what does not hold"
		}
	default:
		return status, err.Error()
	}
	if d := time.Since(begun); d > slow {
		return status, "it took " + d.String()
	}
	return status, ""
}
