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

// replicaDiagnosis asks Litestream how much of what is written is in the replica too.
func replicaDiagnosis(c *config.Config, d *db.DB) Diagnosis {
	const name = "replica"
	synced, err := lastSync(c.Replica.Socket, d.Path())
	if err != nil {
		return Diagnosis{name, Bad, err.Error()}
	}
	behind := time.Duration(0)
	if written := lastWritten(d.Path()); written.After(synced) {
		behind = time.Since(synced)
	}
	switch {
	case synced.IsZero():
		return Diagnosis{name, Bad, "nothing has been copied yet: see the log of Litestream"}
	case behind > 5*time.Minute:
		return Diagnosis{name, Bad, fmt.Sprintf("%s behind: see the log of Litestream", behind.Round(time.Second))}
	case behind > replicaSlack:
		return Diagnosis{name, Warning, fmt.Sprintf("%s behind", behind.Round(time.Second))}
	case behind > 0:
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

// lastSync asks Litestream, at its control socket, when it last brought the replica of a database up to date.
func lastSync(socket, path string) (time.Time, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "unix", socket)
	}}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://litestream/list", nil)
	if err != nil {
		return time.Time{}, err
	}
	res, err := client.Do(req)
	if err != nil {
		return time.Time{}, fmt.Errorf("no answer from Litestream at %s: is it running?", socket)
	}
	defer res.Body.Close()
	var answer struct {
		Databases []struct {
			Path       string    `json:"path"`
			Status     string    `json:"status"`
			LastSyncAt time.Time `json:"last_sync_at"`
		} `json:"databases"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(nil, res.Body, 1<<20)).Decode(&answer); err != nil {
		return time.Time{}, fmt.Errorf("the answer of Litestream at %s cannot be read: %w", socket, err)
	}
	for _, found := range answer.Databases {
		if !sameFile(found.Path, path) {
			continue
		}
		if found.Status != "replicating" {
			return time.Time{}, fmt.Errorf("the replication of %s by Litestream is %s", path, found.Status)
		}
		return found.LastSyncAt, nil
	}
	return time.Time{}, fmt.Errorf("the Litestream at %s does not replicate %s", socket, path)
}

func sameFile(a, b string) bool {
	one, err := os.Stat(a)
	other, bad := os.Stat(b)
	return err == nil && bad == nil && os.SameFile(one, other) || filepath.Clean(a) == filepath.Clean(b)
}
