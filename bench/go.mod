module sprocketc/bench

go 1.26.8

require sprocketc v0.0.0

replace sprocketc => ../
