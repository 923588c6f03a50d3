package daemon

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notifer/server/config"
)

// litestream answers at a socket as Litestream does: with the list of databases, and with what it reads.
func litestream(t *testing.T, list, reading string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "ls") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /list", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, list) })
	if reading != "" {
		mux.HandleFunc("GET /debug/sync-status", func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, reading) })
	}
	server := &http.Server{Handler: mux}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}

func TestReplicaDiagnosis(t *testing.T) {
	d, dir := openStore(t)
	path := filepath.Join(dir, "notifer.db")
	list := func(status string, synced time.Time) string {
		return fmt.Sprintf(`{"databases":[{"path":%q,"status":%q,"last_sync_at":%q}]}`, path, status, synced.Format(time.RFC3339Nano))
	}
	reading := func(rest string) string {
		return fmt.Sprintf(`{"databases":[{"path":"/other.db"},{"path":%q,%s}]}`, path, rest)
	}
	for name, row := range map[string]struct {
		answer, reading string
		ago             time.Duration // of the last copy, where there is no other answer
		state, text     string
	}{
		"up to date":       {"", reading(`"active":false,"elapsed_seconds":700`), -time.Second, Fine, "holds everything"},
		"an older one":     {"", "", -time.Second, Fine, "holds everything"},
		"a moment":         {"", "", time.Second, Fine, "s behind"},
		"a minute":         {"", "", time.Minute, Warning, " behind"},
		"an hour":          {"", "", time.Hour, Bad, " behind: see the log"},
		"cannot read":      {"", reading(`"active":false,"error":"disk full"`), -time.Second, Bad, "cannot read what was written last: disk full"},
		"reads for long":   {"", reading(`"active":true,"elapsed_seconds":20`), -time.Second, Warning, "20s behind"},
		"reads":            {"", reading(`"active":true,"elapsed_seconds":0.01`), -time.Second, Fine, "holds everything"},
		"clock gone back":  {"", "", -time.Hour, Warning, "in the future"},
		"stopped":          {list("stopped", time.Now()), "", 0, Bad, "is stopped"},
		"nothing copied":   {fmt.Sprintf(`{"databases":[{"path":%q,"status":"replicating"}]}`, path), "", 0, Bad, "nothing has been copied"},
		"another database": {`{"databases":[{"path":"/other.db","status":"replicating"}]}`, "", 0, Bad, "does not replicate"},
		"no JSON":          {"hello", "", 0, Bad, "cannot be read"},
	} {
		now := time.Now()
		os.Chtimes(path, now, now)
		os.Chtimes(path+"-wal", now, now)
		if row.answer == "" {
			row.answer = list("replicating", now.Add(-row.ago))
		}
		found := replicaDiagnosis(&config.Config{Replica: config.Replica{Socket: litestream(t, row.answer, row.reading)}}, d)
		if found.State != row.state || !strings.Contains(found.Text, row.text) {
			t.Errorf("%s: %+v, want %s with %q", name, found, row.state, row.text)
		}
	}
	found := replicaDiagnosis(&config.Config{Replica: config.Replica{Socket: filepath.Join(dir, "absent")}}, d)
	if found.State != Bad || !strings.Contains(found.Text, "no answer from Litestream") {
		t.Errorf("without Litestream: %+v", found)
	}
}
