package conform

import (
	"context"
	"strings"
	"testing"
)

func TestEmittedCodeIsTheMachine(t *testing.T) {
	p, sys := soil(t, "stable")
	r, err := Run(context.Background(), p, sys, Languages)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	r.Write(&b)
	t.Log(b.String())
	if !r.Holds() {
		t.Error("emitted code and machine differ")
	}
}
