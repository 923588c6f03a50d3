// Package bench measures the built binary against ceilings measured in the same run: a bare net/http handler, a bare
// fan-out loop and the SQLite driver alone. A machine may be noisy; rounds are interleaved and ratios of medians decide.
//
// Without -long each test runs a form of a second or two that checks facts (counts, order, errors) and no speed.
// With -long it measures, prints one line per bar with the ratio, and fails where a bar is missed:
//
//	go test ./server/test/bench -run Publish -long -v
package bench

import (
	"flag"
	"os"
	"syscall"
	"testing"
	"time"

	"notifer/server/test/run"
)

var (
	long    = flag.Bool("long", false, "measure and hold the bars, instead of the quick smoke form")
	rounds  = flag.Int("rounds", 7, "interleaved rounds per measurement with -long")
	stored  = flag.Int("stored", 10_000_000, "messages in the large store with -long")
	span    = flag.Duration("span", 2*time.Second, "length of one round with -long")
	ready   = flag.String("notifer", "", "measure this binary instead of building one")
	other   = flag.String("other", "", "compare with this binary: see TestCompare")
	profile = flag.String("profile", "", "keep what the measured server prints in this directory")
)

// roleVariable makes the test binary act as one of the reference processes instead of running tests.
const roleVariable = "NOTIFER_BENCH_ROLE"

// storeVariable names the store of the reference process; without it POST /commit has none.
const storeVariable = "NOTIFER_BENCH_STORE"

func TestMain(m *testing.M) {
	raiseFileLimit()
	switch os.Getenv(roleVariable) {
	case "bare":
		serveBare()
		return
	}
	flag.Parse()
	if *long && *ready == "" {
		os.Exit(run.Main(m, run.Release))
	}
	os.Exit(run.Main(m))
}

// raiseFileLimit asks for enough descriptors for 5,000 subscribers; without the right to, the usual limit stays.
func raiseFileLimit() {
	want := syscall.Rlimit{Cur: 65536, Max: 65536}
	if syscall.Setrlimit(syscall.RLIMIT_NOFILE, &want) == nil {
		return
	}
	var have syscall.Rlimit
	if syscall.Getrlimit(syscall.RLIMIT_NOFILE, &have) == nil {
		have.Cur = have.Max
		syscall.Setrlimit(syscall.RLIMIT_NOFILE, &have)
	}
}
