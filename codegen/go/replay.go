package gogen

import "github.com/dave/jennifer/jen"

func (g *gen) replayMain(f *jen.File) {}
