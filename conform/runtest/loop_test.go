package runtest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"sprocketc/verify"
)

// In each later round of a loop a datagram of the round before arrives, in the place of what was sent before the loop;
// where none is carried over, that one arrives again.
func TestRoundsOfALoop(t *testing.T) {
	sends := func(n int) (s verify.Step) {
		s.Kind, s.After = verify.HandlerReturns, -1
		s.Sent = make([]verify.Sent, n)
		return
	}
	arrives := verify.Step{Action: verify.Action{Kind: verify.Delivers, After: -1}}
	for _, c := range []struct {
		run  verify.Run
		want []string
	}{
		{verify.Run{Steps: []verify.Step{sends(1), arrives, sends(1)}, Sent: [][]int{{1}, nil, {2}}, Taken: []int{0, 1, 0}, Loop: 1, Carried: []int{2}},
			[]string{"deliver [1 0] sends [0]", "returns [] sends [1]", "deliver [4 0] sends [0]", "returns [] sends [1]", "deliver [6 0] sends [0]", "returns [] sends [1]"}},
		{verify.Run{Steps: []verify.Step{sends(1), arrives, sends(2)}, Sent: [][]int{{1}, nil, {2, 3}}, Taken: []int{0, 1, 0}, Loop: 1},
			[]string{"deliver [1 0] sends [0]", "returns [] sends [2]", "deliver [1 0] sends [0]", "returns [] sends [2]", "deliver [1 0] sends [0]", "returns [] sends [2]"}},
		{verify.Run{Steps: []verify.Step{sends(1), sends(1), arrives}, Sent: [][]int{{1}, {2}, nil}, Taken: []int{0, 0, 2}, Loop: 1},
			[]string{"returns [] sends [1]", "deliver [3 0] sends [0]", "returns [] sends [1]", "deliver [5 0] sends [0]", "returns [] sends [1]", "deliver [7 0] sends [0]"}},
	} {
		w := &writer{run: &c.run, where: map[int][2]int{}, sent: map[int]verify.Sent{}}
		var got []string
		take := func(i int) {
			s, err := w.step(i)
			if err != nil {
				t.Fatal(err)
			}
			text := ""
			for _, x := range s.calls {
				text += fmt.Sprint(" ", x.name, " ", x.args)
			}
			if i >= c.run.Loop {
				got = append(got, text[1:])
			}
		}
		take(0)
		w.taken++ // the step that says that what follows repeats
		for round := range 3 {
			if round > 0 {
				w.again()
			}
			take(1)
			take(2)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("-want +got:\n%s", d)
		}
	}
}
