package corpus

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"testing"

	"sprocketc/compile"
	"sprocketc/diag"
)

// What each clause of every accepted program costs; of soil as JSON and as a picture too.
func TestPrices(t *testing.T) {
	texts := map[string]string{"soil": filepath.Join("examples", "soil.sprocket")}
	for _, name := range programs(t, "accepted") {
		texts[name] = filepath.Join("accepted", name+".sprocket")
	}
	for name, file := range texts {
		t.Run(name, func(t *testing.T) {
			r, err := compile.Run(context.Background(), &diag.File{Name: name + ".sprocket", Text: []byte(read(t, file))}, compile.Solve, compile.Options{})
			if err != nil {
				t.Fatal(err)
			}
			beside := compile.Beside{Prices: true}
			if err := beside.Compare(r); err != nil {
				t.Fatal(err)
			}
			var text bytes.Buffer
			if err := beside.PrintPrices(&text, false); err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("accepted", name+".prices.txt"), text.String())
			if name != "soil" {
				return
			}
			list, err := json.MarshalIndent(beside.JSON().Prices, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			golden(t, filepath.Join("accepted", name+".prices.json"), string(list)+"\n")
			golden(t, filepath.Join("accepted", name+".prices.svg"), beside.SVG())
		})
	}
}
