package conform

import (
	"strings"
	"testing"
)

// Where there would be too many vectors they are thinned out evenly: less text than was allowed and half as much again, each
// kind of event in many of the states, and the same every time.
func TestVectorsAreThinnedOut(t *testing.T) {
	p, sys := soil(t, "stable")
	for _, in := range inputs(p, sys) {
		locals, err := LocalStates(sys, in.Machine())
		if err != nil {
			t.Fatal(err)
		}
		whole, err := vectors(in, locals, mostBytes)
		if err != nil {
			t.Fatal(err)
		}
		const most = 1 << 20
		some, err := vectors(in, locals, most)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := vectors(in, locals, most)
		text := func(s *Set) (text string) {
			b := strings.Builder{}
			for _, v := range s.Vectors {
				b.WriteString(v.In + "\n" + v.Want + "\n")
			}
			return b.String()
		}
		if whole.Every != 1 || some.Every < 2 || len(text(some)) > most*3/2 || len(some.Vectors)*(some.Every-1) > len(whole.Vectors)*2 {
			t.Errorf("%s: one in %d, %d of %d vectors, %d bytes", in.Peer.Name, some.Every, len(some.Vectors), len(whole.Vectors), len(text(some)))
		}
		if text(some) != text(again) {
			t.Errorf("%s: the second time they differ", in.Peer.Name)
		}
		events := func(s *Set) map[string]int {
			n := map[string]int{}
			for _, v := range s.Vectors {
				word, _, _ := strings.Cut(v.In, " ")
				n[word]++
			}
			return n
		}
		kept := events(some)
		for word, n := range events(whole) {
			if kept[word] == 0 || kept[word] > n {
				t.Errorf("%s: %d of %d of %s", in.Peer.Name, kept[word], n, word)
			}
		}
	}
}
