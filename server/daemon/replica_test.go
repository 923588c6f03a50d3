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

// litestream answers at a socket as Litestream does.
func litestream(t *testing.T, answer func() string) string {
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
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, answer()) })}
	go server.Serve(l)
	t.Cleanup(func() { server.Close() })
	return l.Addr().String()
}

func TestReplicaDiagnosis(t *testing.T) {
	d, dir := openStore(t)
	path := filepath.Join(dir, "notifer.db")
	list := func(status string, ago time.Duration) func() string { // when it is asked
		return func() string {
			return fmt.Sprintf(`{"databases":[{"path":%q,"status":%q,"last_sync_at":%q}]}`, path, status, time.Now().Add(-ago).Format(time.RFC3339Nano))
		}
	}
	words := func(text string) func() string { return func() string { return text } }
	os.Chtimes(path, time.Now(), time.Now())
	for name, row := range map[string]struct {
		answer      func() string
		state, text string
	}{
		"up to date":     {list("replicating", -time.Minute), Fine, "holds everything"},
		"a moment":       {list("replicating", time.Second), Fine, "s behind"},
		"a minute":       {list("replicating", time.Minute), Warning, "1m"}, // and as long as the question takes
		"an hour":        {list("replicating", time.Hour), Bad, "1h"},
		"stopped":        {list("stopped", 0), Bad, "is stopped"},
		"nothing copied": {words(fmt.Sprintf(`{"databases":[{"path":%q,"status":"replicating"}]}`, path)), Bad, "nothing has been copied"},
		"another file":   {words(`{"databases":[{"path":"/other.db","status":"replicating"}]}`), Bad, "does not replicate"},
		"no JSON":        {words("hello"), Bad, "cannot be read"},
	} {
		found := replicaDiagnosis(&config.Config{Replica: config.Replica{Socket: litestream(t, row.answer)}}, d)
		if found.State != row.state || !strings.Contains(found.Text, row.text) {
			t.Errorf("%s: %+v, want %s with %q", name, found, row.state, row.text)
		}
	}
	found := replicaDiagnosis(&config.Config{Replica: config.Replica{Socket: filepath.Join(dir, "absent")}}, d)
	if found.State != Bad || !strings.Contains(found.Text, "no answer from Litestream") {
		t.Errorf("without Litestream: %+v", found)
	}
}
