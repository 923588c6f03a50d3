package reliability_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"notifer/server/test/reliability"
	"notifer/server/test/run"
)

// long runs the forms that take minutes to hours: go test ./server/test/reliability -run Long -long -timeout 3h
var long = flag.Bool("long", false, "run the long forms of the harnesses too")

func TestMain(m *testing.M) {
	if dir := os.Getenv("RELIABILITY_WRITER"); dir != "" {
		writeForever(dir)
		return
	}
	run.Abreast(4)
	os.Exit(run.Main(m, run.Plain, reliability.Faulty))
}

func needLong(t *testing.T) {
	t.Helper()
	if !*long {
		t.Skip("skipped: the long form runs with -long")
	}
}

// writeForever is the victim of the harnesses' own tests: it appends to a file, syncs it, and says how that went.
func writeForever(dir string) {
	f, err := os.Create(filepath.Join(dir, "file"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("ready")
	for range time.Tick(2 * time.Millisecond) {
		if _, err := f.WriteString("x"); err != nil {
			fmt.Println("write:", err)
		} else if err := f.Sync(); err != nil {
			fmt.Println("sync:", err)
		} else {
			fmt.Println("ok")
		}
	}
}
