package compile

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Figures as people read them.

// Count separates thousands: 1,234,567.
func Count(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if n < 0 {
		sign, s = "-", s[1:]
	}
	var b strings.Builder
	for i, c := range s {
		if i > 0 && (len(s)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteRune(c)
	}
	return sign + b.String()
}

// Seconds tells a time in seconds: "0.004 s", "12 s".
func Seconds(d time.Duration) string {
	s := d.Seconds()
	switch {
	case s >= 100:
		return Count(int(s)) + " s"
	case s >= 1:
		return trim(fmt.Sprintf("%.2f", s)) + " s"
	}
	return trim(fmt.Sprintf("%.4f", s)) + " s"
}

// Bytes tells an amount of memory: "512 B", "1.5 MiB".
func Bytes(n int64) string {
	units := []string{"B", "KiB", "MiB", "GiB", "TiB"}
	x, u := float64(n), 0
	for x >= 1024 && u < len(units)-1 {
		x, u = x/1024, u+1
	}
	if u == 0 {
		return fmt.Sprintf("%d B", n)
	}
	return trim(fmt.Sprintf("%.1f", x)) + " " + units[u]
}

// Percent tells a fraction: "99.9 %".
func Percent(p float64) string { return trim(fmt.Sprintf("%.4f", 100*p)) + " %" }

func trim(s string) string {
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

// Plural is "1 file", "2 files".
func Plural(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return Count(n) + " " + thing + "s"
}

// ReadBytes reads an amount of memory: "64MiB", "1GiB", "4096B", "4096".
func ReadBytes(text string) (int64, error) {
	units := []struct {
		name string
		n    int64
	}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}, {"B", 1}, {"", 1}}
	for _, u := range units {
		digits, ok := strings.CutSuffix(text, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(strings.TrimSpace(digits), 10, 64)
		if err != nil || n <= 0 || n > (1<<62)/u.n {
			break
		}
		return n * u.n, nil
	}
	return 0, fmt.Errorf("%q is not an amount of memory: write 64MiB, 2GiB or 4096B", text)
}

func properties(n int) string {
	if n == 1 {
		return "1 property"
	}
	return Count(n) + " properties"
}
