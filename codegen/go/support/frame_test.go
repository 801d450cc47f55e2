package support

import (
	"bytes"
	"testing"

	"pgregory.net/rapid"
)

// feed gives the datagrams in some bytes, and how many frames were none.
func feed(d *deframer, line []byte) (datagrams [][]byte, broken int) {
	for _, b := range line {
		switch d.take(b) {
		case foundDatagram:
			datagrams = append(datagrams, bytes.Clone(d.datagram))
		case foundBroken:
			broken++
		}
	}
	return datagrams, broken
}

// content has long runs without a zero, since only behind those codes are full.
func content(t *rapid.T, longest int) []byte {
	b := rapid.SliceOfN(rapid.Byte(), 0, longest).Draw(t, "datagram")
	if rapid.Bool().Draw(t, "few zeros") {
		for i := range b {
			b[i] |= 1
		}
		if len(b) > 0 {
			b[rapid.IntRange(0, len(b)-1).Draw(t, "zero")] = 0
		}
	}
	return b
}

// A frame has one zero, its last byte, takes no more bytes than it may, and is its datagram again.
func TestFramesAreTheirDatagrams(t *testing.T) {
	check := func(t *rapid.T, b []byte) {
		f := frame(b)
		if bytes.IndexByte(f, 0) != len(f)-1 || len(f) > len(b)+max((len(b)+253)/254, 1)+1 {
			t.Fatalf("%x becomes %x", b, f)
		}
		if got, broken := feed(newDeframer(len(b)), f); len(got) != 1 || broken != 0 || !bytes.Equal(got[0], b) {
			t.Fatalf("%x becomes %x, and that %x", b, f, got)
		}
		if got, broken := feed(newDeframer(max(len(b)-1, 0)), f); len(b) > 0 && (len(got) != 0 || broken != 1) {
			t.Fatalf("a datagram of %d bytes where there is room for one less: %x", len(b), got)
		}
	}
	rapid.Check(t, func(t *rapid.T) { check(t, content(t, 700)) })
	rapid.Check(t, func(t *rapid.T) { // about where codes are full
		n := 254*rapid.IntRange(1, 3).Draw(t, "runs") + rapid.IntRange(-1, 1).Draw(t, "more")
		b := bytes.Repeat([]byte{7}, n)
		if i := rapid.IntRange(0, n).Draw(t, "zero"); i < n {
			b[i] = 0
		}
		check(t, b)
	})
}

// Whatever happens to bytes, every frame arrives that begins behind the first zero behind the damage.
func TestLinesComeToTheirSenses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var sent [][]byte
		var line []byte
		var ends []int // of the frames
		for range rapid.IntRange(2, 8).Draw(t, "frames") {
			b := content(t, 40)
			sent = append(sent, b)
			line = append(line, frame(b)...)
			ends = append(ends, len(line))
		}
		at := rapid.IntRange(0, len(line)-1).Draw(t, "at")
		gone := rapid.IntRange(0, min(3, len(line)-at)).Draw(t, "lost")
		noise := rapid.SliceOfN(rapid.Byte(), 0, 4).Draw(t, "added")
		got, _ := feed(newDeframer(40), append(append(bytes.Clone(line[:at]), noise...), line[at+gone:]...))
		before, after := 0, len(sent) // frames that end before the damage, and the first that begins behind a zero behind it
		for i, end := range ends {
			if end <= at {
				before = i + 1
			}
			if end > at+gone {
				after = min(after, i+1)
			}
		}
		if len(got) < before+len(sent)-after {
			t.Fatalf("%d of %d frames arrive; %d were whole before, %d began after", len(got), len(sent), before, len(sent)-after)
		}
		for i, b := range sent[:before] {
			if !bytes.Equal(got[i], b) {
				t.Fatalf("frame %d, which was whole before: %x, not %x", i, got[i], b)
			}
		}
		for i, b := range sent[after:] {
			if x := got[len(got)-(len(sent)-after)+i]; !bytes.Equal(x, b) {
				t.Fatalf("frame %d, which began after: %x, not %x", after+i, x, b)
			}
		}
	})
}

// FuzzDeframer: no bytes make more of a datagram than there is room for, and what is found is framed as it came.
func FuzzDeframer(f *testing.F) {
	f.Add([]byte{1, 1, 0, 3, 7, 7, 0, 0, 9, 1, 0})
	f.Fuzz(func(t *testing.T, line []byte) {
		got, broken := feed(newDeframer(9), line)
		for _, b := range got {
			if len(b) > 9 {
				t.Fatalf("%d bytes", len(b))
			}
			if again, n := feed(newDeframer(9), frame(b)); n != 0 || len(again) != 1 || !bytes.Equal(again[0], b) {
				t.Fatalf("%x becomes %x", b, again)
			}
		}
		if len(got)+broken > bytes.Count(line, []byte{0}) {
			t.Fatalf("%d datagrams and %d broken frames of %x", len(got), broken, line)
		}
	})
}
