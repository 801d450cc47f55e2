package export

// launchSpin is what starts SPIN on many cores and computers: a swarm of searches, each bounded and in an order of its own.
func launchSpin(m *model) []File {
	g := &printer{}
	g.p("# %s", m.generated())
	g.p("# A swarm of searches of %s.pml with SPIN: each keeps a few bits a state (bitstate hashing) and tries steps in a random", m.file())
	g.p("# order of its own, so that many of them cover what is too large for one. What one of them breaks is broken; that none")
	g.p("# does is no proof.")
	g.p("#")
	g.p("#     sh %s.swarm.sh            # as many searches as there are processors, seeds from 1", m.file())
	g.p("#     sh %s.swarm.sh 101 100    # seeds 101 to 200: what the second of several computers does", m.file())
	g.p("#")
	g.p("# TIME (seconds a search, 600), BITS (of the hash table, 2 to this, 28), DEPTH (of every second search, a fiftieth of the others, 1000000) and JOBS (at a")
	g.p("# time, the processors) come from the environment. Exit status 1: a property breaks; its run is in the file that is named.")
	g.p("set -eu")
	g.p("first=${1:-1}")
	g.p("jobs=${JOBS:-$(getconf _NPROCESSORS_ONLN)}")
	g.p("count=${2:-$jobs}")
	g.p(`model=%s.pml`, m.file())
	g.p(`cd "$(dirname "$0")"`)
	g.p(`here=$PWD`)
	g.p("work=$(mktemp -d)")
	g.p(`trap 'rm -rf "$work"' EXIT`)
	g.p(`cp "$model" "$work" && cd "$work"`)
	g.p(`spin -a "$model"`)
	g.p("gcc -O2 -w -DSAFETY -DNOREDUCE -DBITSTATE -DT_RAND -DP_RAND -DVECTORSZ=%d -o pan pan.c", vectorSize)
	g.p("export here work model TIME=${TIME:-600} BITS=${BITS:-28} DEPTH=${DEPTH:-1000000}")
	g.p("one='seed=$1")
	g.p(`mkdir "$work/$seed" && cd "$work/$seed" && cp "$work/$model" .`)
	g.p(`# searches differ in their hash functions, in how many, and in depth`)
	g.p(`timeout "$TIME" "$work/pan" -RS"$seed" -h$((seed %% 32)) -k$((2 + seed %% 3)) -w"$BITS" -m$((seed %% 2 ? DEPTH / 50 : DEPTH)) >out || [ $? -eq 124 ]`)
	g.p(`grep -h "assertion violated" out && cp "$model.trail" "$here/$model.$seed.trail" && echo "seed $seed: spin -t -p -k $model.$seed.trail $model"`)
	g.p("true'")
	g.p(`seq "$first" $((first + count - 1)) | xargs -P "$jobs" -n 1 sh -c "$one" search | tee found`)
	g.p(`if grep -q "assertion violated" found; then exit 1; fi`)
	g.p(`echo "$count searches from seed $first on: no property breaks in what they covered, which is no proof"`)
	return []File{{Name: m.file() + ".swarm.sh", Data: []byte(g.b.String()), Run: true}}
}

// vectorSize is enough for the bytes of a state.
const vectorSize = 4096
