package daemon

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"notifer/db"
	"notifer/server/config"
)

// replicaSlack is how far Litestream may be behind at any moment: it copies several times a second.
const replicaSlack = 10 * time.Second

// replicaRetries is how often Litestream is asked again while it reports an error: one that ends by itself, such as a lock, is none.
const replicaRetries = 5

// replicaDiagnosis asks Litestream how much of what is written is in the replica too.
func replicaDiagnosis(c *config.Config, d *db.DB) Diagnosis {
	const name = "replica"
	ctx := context.Background()
	state, err := replicaState(ctx, c.Replica.Socket, d.Path())
	for n := 0; err == nil && state.failure != "" && n < replicaRetries && wait(ctx, 200*time.Millisecond); n++ {
		state, err = replicaState(ctx, c.Replica.Socket, d.Path())
	}
	if err != nil {
		return Diagnosis{name, Bad, err.Error()}
	}
	behind := state.busy
	if lastWritten(d.Path()).After(state.synced) {
		behind = max(behind, time.Since(state.synced))
	}
	switch {
	case state.failure != "":
		return Diagnosis{name, Bad, "Litestream cannot read what was written last: " + state.failure}
	case state.synced.IsZero():
		return Diagnosis{name, Bad, "nothing has been copied yet: see the log of Litestream"}
	case state.synced.After(time.Now().Add(time.Minute)):
		return Diagnosis{name, Warning, "the last copy was made at " + moment(state.synced) + ", which is in the future: the clock has gone back"}
	case behind > 5*time.Minute:
		return Diagnosis{name, Bad, fmt.Sprintf("%s behind: see the log of Litestream", behind.Round(time.Second))}
	case behind > replicaSlack:
		return Diagnosis{name, Warning, fmt.Sprintf("%s behind", behind.Round(time.Second))}
	case behind >= 50*time.Millisecond:
		return Diagnosis{name, Fine, fmt.Sprintf("%.1f s behind", behind.Seconds())}
	}
	return Diagnosis{name, Fine, "holds everything that is written"}
}

// lastWritten is when the files of the store were last changed.
func lastWritten(path string) time.Time {
	var last time.Time
	for _, name := range []string{path, path + "-wal"} {
		if info, err := os.Stat(name); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last
}

// litestreamState is what Litestream says of one database. It works in two steps, and reports them apart: it reads what is written into
// files beside the database, and copies those to the replica.
type litestreamState struct {
	synced  time.Time     // when all files were last in the replica
	failure string        // of the last reading
	busy    time.Duration // since when the present reading is going on
}

// replicaState asks Litestream at its control socket.
func replicaState(ctx context.Context, socket, path string) (s litestreamState, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	var list struct {
		Databases []struct {
			Path       string    `json:"path"`
			Status     string    `json:"status"`
			LastSyncAt time.Time `json:"last_sync_at"`
		} `json:"databases"`
	}
	if err := askLitestream(ctx, socket, "/list", &list); err != nil {
		return s, err
	}
	for _, found := range list.Databases {
		if !sameFile(found.Path, path) {
			continue
		}
		if found.Status != "replicating" {
			return s, fmt.Errorf("the replication of %s by Litestream is %s", path, found.Status)
		}
		s.synced = found.LastSyncAt
		s.failure, s.busy = lastReading(ctx, socket, path)
		return s, nil
	}
	return s, fmt.Errorf("the Litestream at %s does not replicate %s", socket, path)
}

// lastReading is what a Litestream reports of its first step; nothing if it is too old for that.
func lastReading(ctx context.Context, socket, path string) (failure string, busy time.Duration) {
	var status struct {
		Databases []struct {
			Path    string  `json:"path"`
			Active  bool    `json:"active"`
			Elapsed float64 `json:"elapsed_seconds"`
			Error   string  `json:"error"`
		} `json:"databases"`
	}
	if askLitestream(ctx, socket, "/debug/sync-status", &status) != nil {
		return "", 0
	}
	for _, found := range status.Databases {
		if sameFile(found.Path, path) && found.Active {
			return "", time.Duration(found.Elapsed * float64(time.Second))
		} else if sameFile(found.Path, path) {
			return found.Error, 0
		}
	}
	return "", 0
}

func askLitestream(ctx context.Context, socket, path string, answer any) error {
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://litestream"+path, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("no answer from Litestream at %s: is it running?", socket)
	}
	defer res.Body.Close()
	if err := json.NewDecoder(http.MaxBytesReader(nil, res.Body, 1<<20)).Decode(answer); err != nil {
		return fmt.Errorf("the answer of Litestream at %s cannot be read: %w", socket, err)
	}
	return nil
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	other, bad := os.Stat(b)
	return err == nil && bad == nil && os.SameFile(one, other) || filepath.Clean(a) == filepath.Clean(b)
}
