package verify

import (
	"flag"
	"os"
	"testing"

	_ "pgregory.net/rapid"
)

// The systems drawn at random are the same each time, so that a change is judged by what it changed. Others are drawn with
// SPROCKET_RANDOM set, or -rapid.seed.
func TestMain(m *testing.M) {
	flag.Parse()
	if s := flag.Lookup("rapid.seed"); s.Value.String() == "0" && os.Getenv("SPROCKET_RANDOM") == "" {
		if err := s.Value.Set("1"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}
