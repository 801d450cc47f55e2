package solver

import (
	"math"
	"time"
)

// link is what the channel does to one datagram, in milliseconds.
type link struct {
	loss   float64 // probability that a datagram is lost, each way
	lo, hi float64 // every delivery takes a uniform time between the two
	within int     // so many later datagrams may overtake one; negative: any number
}

// steps bounds the work of a sum over sends: beyond it, sends are counted in groups, each as its last one. Since a later
// send has less time left, that never makes a probability too large.
const steps = 2048

// roundTrip is the probability that a request and its answer, none of them lost, together take at most t: the
// distribution of a sum of two uniform times.
func (l link) roundTrip(t float64) float64 {
	width := l.hi - l.lo
	x := t - 2*l.lo
	switch {
	case x < 0 || x == 0 && width == 0: // an answer that comes as the time ends may be too late
		return 0
	case x >= 2*width:
		return 1
	case x <= width:
		return x * x / (2 * width * width)
	}
	y := 2*width - x
	return 1 - y*y/(2*width*width)
}

// answered is the probability that a send has its answer after t. What may not overtake its predecessors arrives with
// the last of them, which is after hi at the latest: with blocked, only that is counted.
func (l link) answered(t float64, blocked bool) float64 {
	both := (1 - l.loss) * (1 - l.loss)
	if !blocked {
		return both * l.roundTrip(t)
	}
	if t < 2*l.hi {
		return 0
	}
	return both
}

// blocked reports whether, of sends with this interval, more than may overtake a datagram can be under way before it.
// An interval of 0 stands for no second send.
func (l link) blocked(interval float64) bool {
	spread := 2 * (l.hi - l.lo)
	if l.within < 0 || spread == 0 || interval <= 0 {
		return false
	}
	return math.Ceil(spread/interval)-1 > float64(l.within)
}

// sends are the times of a schedule: 0, then after intervals that start with first and double up to most, before end.
type sends struct{ first, most, end float64 }

// count is how many sends there are.
func (s sends) count() int {
	n, at, gap := 1, s.first, s.first
	for at < s.end && gap < s.most {
		gap = min(2*gap, s.most)
		at += gap
		n++
	}
	if at < s.end { // at is the next one, and every later gap is the same
		n += int(math.Ceil((s.end - at) / gap))
	}
	return n
}

// at is the time of send k, from 0.
func (s sends) at(k int) float64 {
	at, gap := 0.0, s.first
	for i := 0; i < k; i++ {
		if gap >= s.most {
			return at + float64(k-i)*gap
		}
		at += gap
		gap = min(2*gap, s.most)
	}
	return at
}

// missing is the probability that no send before `before` (in number) has its answer at time t.
func (l link) missing(s sends, before int, t float64) float64 {
	if before <= 0 {
		return 1
	}
	blocked := l.blocked(s.first)
	p := 1 - l.answered(t, false) // nothing of this call is under way before the first
	// Sends with time enough are all alike.
	sure := 1
	lo, hi := 1, before
	for lo < hi {
		mid := (lo + hi) / 2
		if left := t - s.at(mid); left > 2*l.hi || left == 2*l.hi && l.hi > l.lo {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	sure = lo
	p *= math.Pow(1-(1-l.loss)*(1-l.loss), float64(sure-1))
	group := 1 + (before-sure)/steps
	for k := sure; k < before && p > 1e-18; k += group {
		n := min(group, before-k)
		a := l.answered(t-s.at(k+n-1), blocked)
		if a == 0 && group == 1 {
			break // later ones have less time still
		}
		p *= math.Pow(1-a, float64(n))
	}
	return p
}

// chance is the probability of an answer by the end of the schedule.
func (l link) chance(s sends) float64 { return 1 - l.missing(s, s.count(), s.end) }

// datagrams is the expected number of requests of a call: a send happens if no earlier one was answered by then.
func (l link) datagrams(s sends) float64 {
	n := s.count()
	group := 1 + n/steps
	sum := 0.0
	for k := 0; k < n; k += group {
		p := l.missing(s, k, s.at(k))
		sum += p * float64(min(group, n-k))
		if p < 1e-12 {
			break
		}
	}
	return sum
}

// latency is the expected time to the end of a call; one that is not answered counts with its whole time.
func (l link) latency(s sends) time.Duration {
	const parts = 1024
	n := s.count()
	alive := func(t float64) float64 {
		k := n
		if s.first > 0 && s.at(n-1) >= t { // the sends before t
			lo, hi := 0, n
			for lo < hi {
				if mid := (lo + hi) / 2; s.at(mid) < t {
					lo = mid + 1
				} else {
					hi = mid
				}
			}
			k = lo
		}
		return l.missing(s, k, t)
	}
	// Most calls end soon: the steps grow with the time.
	sum, last, was := 0.0, 0.0, 1.0
	for i := 1; i <= parts; i++ {
		t := s.end * math.Pow(float64(i)/parts, 2)
		is := alive(t)
		sum += (t - last) * (was + is) / 2
		last, was = t, is
	}
	return time.Duration(sum * float64(time.Millisecond)).Round(time.Millisecond)
}

// ceiling is what no protocol can exceed: the probability of an answer by end, where datagrams leave at least gap apart
// (0: any number at once) and so many fit each way.
func (l link) ceiling(end, gap float64) float64 {
	if end < 2*l.lo || l.loss >= 1 {
		return 0
	}
	if gap <= 0 {
		return 1
	}
	n := math.Floor((end-2*l.lo)/gap) + 1
	way := 1 - math.Pow(l.loss, n)
	return way * way
}
