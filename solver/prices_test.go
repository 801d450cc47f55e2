package solver

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"html"
	"io"
	"math"
	"math/rand"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"sprocketc/diag"
	"sprocketc/ir"
	"sprocketc/schema"
)

// A clause of soil and of others, and what stands in the program where it is left out or says less: the price is the
// difference of two plans, of the text as it is and of the text without it.
func TestPricesAreThoseOfTexts(t *testing.T) {
	var best *ir.Plan
	var prices []Priced
	of := ""
	for _, c := range []struct{ program, clause, of, instead, with string }{
		{"soil", "loses 20%", "", "", ""},
		{"soil", "reorders within 4", "", "", ""},
		{"soil", "corrupts", "", "", ""},
		{"soil", "delays 10ms..400ms", "", "", ""},
		{"soil", "rate max 20/s", "", "", ""},
		{"soil", "cache 16 for 30s", "sample", "", ""},
		{"soil", "log 8", "water", "", ""},
		{"soil", "within 5s", "water", "", ""},
		{"soil", "within 2s at 99.9%", "sample", "within 2s", "within 2s"},
		{"soil", "within 2s at 99.9%", "sample", "", ""},
		{"soil", "effect", "water", "idempotent", "idempotent"},
		{"soil", "effect", "water", "pure", "pure"},
		{"soil", "idempotent", "schedule", "pure", "pure"},
		{"soil", "stable 32B", "probe", "", ""},
		{"soil", "note text max 24", "Reading", "", ""},
		{"soil", "every u16", "schedule", "", ""},
		{"../accepted/asserted", "assert at_most_once(Door.open)", "", "", ""},
	} {
		text := example(t, c.program)
		if c.program != of {
			var found []diag.Diagnostic
			var err error
			if best, found = Solve(program(t, c.program, text)); best == nil {
				t.Fatal(render(found))
			}
			if prices, err = Prices(best); err != nil {
				t.Fatal(err)
			}
			of = c.program
		}
		i := slices.IndexFunc(prices, func(x Priced) bool { return x.Clause.Text == c.clause && x.Of == c.of && x.Instead == c.instead })
		if i < 0 {
			t.Errorf("%s: no price of %q of %q, %q instead", c.program, c.clause, c.of, c.instead)
			continue
		}
		x := prices[i]
		weak, _ := Solve(program(t, "weak", text[:x.Clause.Span.Start]+c.with+text[x.Clause.Span.End:]))
		sameCost(t, c.clause+"\n"+text, best, weak, x)
	}
}

// sameCost holds a price against the plan of a text.
func sameCost(t *testing.T, what string, best, weak *ir.Plan, x Priced) {
	t.Helper()
	if (weak == nil) != (x.Without == nil) || x.Unknown {
		t.Errorf("a plan of the text: %v, a price: %v\n%s", weak != nil, x.Without != nil, what)
		return
	}
	if weak == nil {
		return
	}
	if got, want := fmt.Sprintf("%+v", Price(best, x.Without)), fmt.Sprintf("%+v", Price(best, weak)); got != want {
		t.Errorf("%s\nof texts %s\n%s", got, want, what)
	}
}

var (
	callLine  = regexp.MustCompile(`^call (f\d)\((.*)\) ?(u8|text max 20)? ?\{$`)
	peerLine  = regexp.MustCompile(`^peer (\w) \{$`)
	certainly = regexp.MustCompile(` at [\d.]+%`)
)

// without are the texts of a random program that say less by one clause, by what Prices calls it. It knows a program by its lines alone.
func without(text string) map[string]string {
	out := map[string]string{}
	lines := strings.Split(text, "\n")
	replaced := func(from, to int, with ...string) string {
		return strings.Join(slices.Concat(lines[:from], with, lines[to:]), "\n")
	}
	of, calls := "", strings.Count(text, "\ncall ")
	for i, line := range lines {
		key := func(of, instead string) string { return fmt.Sprintf("%d %s/%s/%s", i+1, line, of, instead) }
		call, peer := callLine.FindStringSubmatch(line), peerLine.FindStringSubmatch(line)
		head := strings.TrimSpace(strings.TrimSuffix(line, "{"))
		switch {
		case call != nil:
			of = call[1]
			end := i + slices.Index(lines[i:], "}") + 1
			if calls > 1 {
				out[fmt.Sprintf("%d %s//", i+1, head)] = replaced(i, end)
			}
			var params []string
			if call[2] != "" {
				params = strings.Split(call[2], ", ")
			}
			for j, p := range params {
				rest := strings.Join(slices.Delete(slices.Clone(params), j, j+1), ", ")
				out[fmt.Sprintf("%d %s/%s/", i+1, p, of)] = replaced(i, i+1, strings.Replace(line, call[2], rest, 1))
			}
			if block := lines[i+1 : end]; !slices.ContainsFunc(block, func(l string) bool { return l == "pure" || l == "idempotent" || l == "effect" }) {
				for _, less := range []string{"idempotent", "pure"} {
					out[fmt.Sprintf("%d %s/%s/%s", i+1, head, of, less)] = replaced(i+1, i+1, less)
				}
			}
		case peer != nil:
			of = peer[1]
		case line == "effect":
			out[key(of, "idempotent")] = replaced(i, i+1, "idempotent")
			out[key(of, "pure")] = replaced(i, i+1, "pure")
		case line == "idempotent":
			out[key(of, "pure")] = replaced(i, i+1, "pure")
		case line == "pure":
			out[key(of, "")] = text
		case strings.HasPrefix(line, "channel"), strings.HasPrefix(line, "interface"):
			of = ""
		case line == "", line == "}", strings.Contains(line, "between"), strings.Contains(line, "protocol"), line == "emit c", line == "over udp":
		default:
			if certainly.MatchString(line) {
				less := certainly.ReplaceAllString(line, "")
				out[key(of, less)] = replaced(i, i+1, less)
			}
			out[key(of, "")] = replaced(i, i+1)
		}
	}
	return out
}

// Every clause of a random program has its price, and it is the difference of what two searches find that know nothing of the
// schema's rules.
func TestPricesAgreeWithBruteForce(t *testing.T) {
	r := rand.New(rand.NewSource(23))
	const most = 25
	programs, clauses, needed, dear, saving := 0, 0, 0, 0, 0
	for programs < most {
		text := optimising(r, randomProgram(r))
		p, found := lower("random.sprocket", text)
		if p == nil {
			t.Fatal(render(found))
		}
		if len(p.Interfaces[0].Force) > 0 {
			continue
		}
		least, ok := bySearch(t, p)
		if !ok {
			continue
		}
		programs++
		best, found := Solve(p)
		if best == nil {
			t.Fatalf("%s\n%s", render(found), text)
		}
		prices, err := Prices(best)
		if err != nil {
			t.Fatal(err)
		}
		want := without(text)
		for _, x := range prices {
			key := fmt.Sprintf("%d %s/%s/%s", x.Clause.Line, x.Clause.Text, x.Of, x.Instead)
			weak, ok := want[key]
			if !ok {
				t.Errorf("nobody asked for %q\n%s", key, text)
				continue
			}
			delete(want, key)
			clauses++
			w, found := lower("weak.sprocket", weak)
			if w == nil {
				t.Fatalf("%s\n%s", render(found), weak)
			}
			cheapest, ok := bySearch(t, w)
			if ok != (x.Without != nil) || x.Unknown {
				t.Errorf("%s: a plan by search: %v\n%s", key, ok, text)
				continue
			}
			if !ok {
				needed++
				continue
			}
			price := Price(best, x.Without)
			in := p.Interfaces[0]
			near := func(what string, got, want, within float64) {
				if math.Abs(got-want) > within {
					t.Errorf("%s: %v %s, by search %v\n%s", key, got, what, want, text)
				}
			}
			rounded := 0.001*float64(2*len(in.Calls)) + 1e-6 // the figures that are compared are told to a thousandth
			near("bytes", price.Bytes, least.bytes-cheapest.bytes, rounded)
			near("bytes of energy", price.Energy, least.energy-cheapest.energy, rounded)
			near("ms", price.Latency, least.latency()-cheapest.latency(), 1e-6)
			near("writes", price.Writes, least.writes-cheapest.writes, 1e-12)
			near("writes at starts", price.in("wear", in)[1], float64(least.starts-cheapest.starts), 0)
			near("bytes of RAM", price.in("ram", in)[0], float64(least.ram-cheapest.ram), 0)
			near("bytes of flash", price.in("flash", in)[0], float64(least.flash-cheapest.flash), 0)
			if !price.nothing(in) {
				dear++
			}
			if price.compare(More{}, in) < 0 {
				saving++
			}
		}
		for key := range want {
			t.Errorf("no price of %q\n%s", key, text)
		}
		if !slices.IsSortedFunc(prices, func(a, b Priced) int {
			if a.Without == nil || b.Without == nil {
				return 0
			}
			return Price(best, b.Without).compare(Price(best, a.Without), p.Interfaces[0])
		}) {
			t.Errorf("not the dearest first\n%s", text)
		}
		checkPrinted(t, text, best, prices)
	}
	t.Logf("%d programs, %d clauses, %d without which there is no plan, %d that change a figure, %d that save", programs, clauses, needed, dear, saving)
	if needed == 0 || dear < clauses/5 || saving == 0 {
		t.Error("too few of a kind")
	}
}

// checkPrinted holds the three printings of a price list: every clause is in each, in lines of 120 columns, and the picture is XML
// that is told in words.
func checkPrinted(t *testing.T, text string, p *ir.Plan, prices []Priced) {
	t.Helper()
	var b bytes.Buffer
	if err := PrintPrices(&b, p, prices, false); err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(b.String(), "\n") {
		if utf8.RuneCountInString(line) > 120 {
			t.Errorf("%d columns: %s\n%s", utf8.RuneCountInString(line), line, text)
		}
	}
	picture := PricesSVG(p, prices)
	for d := xml.NewDecoder(strings.NewReader(picture)); ; {
		_, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("%v\n%s", err, picture)
		}
	}
	checkPlaces(t, picture)
	if strings.Count(picture, "<desc") != 1 || strings.Contains(picture, "NaN") || strings.Contains(picture, "Inf") {
		t.Error(picture)
	}
	list := PriceList(p, prices)
	if len(list) != len(prices) {
		t.Errorf("%d prices, %d in the list", len(prices), len(list))
	}
	for _, l := range list {
		short := l.name(clauseLetters)
		first, _, _ := strings.Cut(short, " ")
		if !strings.Contains(b.String(), fmt.Sprint(l.Line)) || !strings.Contains(b.String(), first) {
			t.Errorf("%q is not printed:\n%s", short, b.String())
		}
		in := p.Interface
		if l.Price == nil || l.Price.nothing(in) {
			continue
		}
		if !strings.Contains(picture, fmt.Sprintf("%d %s<", l.Line, escaped(short))) {
			t.Errorf("%q is not in the picture:\n%s", short, picture)
		}
		if told := l.Price.told(in); told == "" || !strings.ContainsAny(told, "123456789") && !strings.Contains(told, "renewals") {
			t.Errorf("%q costs %q: %+v", short, told, *l.Price)
		}
	}
}

var (
	size = regexp.MustCompile(`<svg [^>]*width="(\d+)" height="(\d+)"`)
	row  = regexp.MustCompile(`<g><title>[^<]*</title><text x="(\d+)" y="(\d+)">([^<]*)</text><text x="(\d+)" y="\d+" class="end">([^<]*)</text><rect x="([\d.]+)" y="\d+" width="([\d.]+)"`)
	line = regexp.MustCompile(`<text x="(\d+)" y="(\d+)" class="(?:why|head|title)">([^<]*)</text>`)
)

// checkPlaces shows that nothing in a picture overlaps or leaves it. Letters are taken to be 6.6 pixels wide, as those of common fonts are.
func checkPlaces(t *testing.T, picture string) {
	t.Helper()
	number := func(s string) float64 { n, _ := strconv.ParseFloat(s, 64); return n }
	wide := func(s string) float64 { return 6.6 * float64(utf8.RuneCountInString(html.UnescapeString(s))) }
	page := size.FindStringSubmatch(picture)
	used := map[float64]bool{}
	place := func(y float64, of string) {
		if used[y] || y > number(page[2]) {
			t.Errorf("%s stands on another, or below the picture: %v", of, y)
		}
		used[y] = true
	}
	for _, m := range row.FindAllStringSubmatch(picture, -1) {
		place(number(m[2]), m[3])
		figure, bar := number(m[4])-wide(m[5]), number(m[6])
		if number(m[1])+wide(m[3]) >= figure || number(m[4]) >= bar || bar+number(m[7]) > number(page[1]) {
			t.Errorf("overlaps: %q", m)
		}
	}
	for _, m := range line.FindAllStringSubmatch(picture, -1) {
		place(number(m[2]), m[3])
		if number(m[1])+wide(m[3]) > number(page[1]) {
			t.Errorf("wider than the picture: %q", m)
		}
	}
	if n := strings.Count(picture, "<text "); n != 2*len(row.FindAllString(picture, -1))+len(line.FindAllString(picture, -1)) {
		t.Errorf("%d texts, not all of them looked at\n%s", n, picture)
	}
}

// Names of any length, and large figures, have room in the picture.
func TestPricesOfLongNames(t *testing.T) {
	long := func(s string) string { return s + strings.Repeat("x", 64-len(s)) }
	source := fmt.Sprintf("protocol %s\npeer a { emit c; crashes; stable 1MiB }\npeer %s { emit c; crashes; stable 1MiB }\nchannel c { between a and %[2]s; loses 1%% }\n"+
		"struct %[3]s { %[4]s bytes max 10KiB; b bytes[4] }\n"+
		"interface i from a to %[2]s on c { call %[5]s(x u8) %[3]s { pure; cache 1000 for 10s; within 10s at 99%% }\n call g() { effect } }\n",
		long("p"), long("b"), long("S"), long("field"), long("call"))
	best, found := Solve(program(t, "long", source))
	if best == nil {
		t.Fatal(render(found))
	}
	prices, err := Prices(best)
	if err != nil {
		t.Fatal(err)
	}
	checkPlaces(t, PricesSVG(best, prices))
	if a, b := PricesSVG(best, prices), PricesSVG(best, prices); a != b {
		t.Error("another picture each time")
	}
}

// What is changed for a price is a copy: the program and its plan are as they were.
func TestPricesChangeNothing(t *testing.T) {
	for _, name := range []string{"soil", "../accepted/asserted", "../accepted/recorded"} {
		p := program(t, name, example(t, name))
		best, _ := Solve(p)
		before := text(t, best) + fmt.Sprint(*p.Interfaces[0], *p.Interfaces[0].From, *p.Interfaces[0].To, *p.Interfaces[0].Channel)
		for _, s := range p.Structs {
			before += fmt.Sprint(*s)
		}
		if _, err := Prices(best); err != nil {
			t.Fatal(err)
		}
		again, _ := Solve(p)
		after := text(t, again) + fmt.Sprint(*p.Interfaces[0], *p.Interfaces[0].From, *p.Interfaces[0].To, *p.Interfaces[0].Channel)
		for _, s := range p.Structs {
			after += fmt.Sprint(*s)
		}
		if before != after {
			t.Errorf("%s\n%s", before, after)
		}
	}
}

// The features that are told beside a price are those that the clause is the reason of.
func TestWhatAPriceIsFor(t *testing.T) {
	best, _ := Solve(program(t, "soil", example(t, "soil")))
	prices, err := Prices(best)
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range PriceList(best, prices) {
		if l.Text == "cache 16 for 30s" && !slices.Equal(l.For, []string{schema.Memo}) || l.Text == "corrupts" && !slices.Equal(l.For, []string{schema.Checksum}) {
			t.Errorf("%+v", l)
		}
	}
}
