package server_test

import (
	"context"
	"database/sql"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/test/run"
)

const backupPath = "/admin/backup"

// download asks for the copy and hands back the answer with its body unread.
func download(t *testing.T, s *site) *http.Response {
	t.Helper()
	res, err := s.client.PostForm(s.url+backupPath, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { res.Body.Close() })
	return res
}

func TestBackupIsDownloaded(t *testing.T) {
	var log run.Log
	s := newSite(t, func(c *server.Config) { c.Log = slog.New(slog.NewTextHandler(&log, nil)) }).signIn("maria")
	s.post("/topics", "name", "backups", "access", "private").want(200)
	s.get("/admin").want(200).says("Download backup").says("Last backup Never").says("notifer restore FILE").says("hashes of passwords").hides("Your password")
	day := time.Now().Format(time.DateOnly)
	res := download(t, s)
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("download = %d, %v", res.StatusCode, err)
	}
	for name, want := range map[string]string{"Cache-Control": "no-store", "Content-Type": "application/vnd.sqlite3", "X-Content-Type-Options": "nosniff"} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	named := func(day string) string { return `attachment; filename="notifer-` + day + `.db"` }
	if got := res.Header.Get("Content-Disposition"); got != named(day) && got != named(time.Now().Format(time.DateOnly)) { // it may have been midnight
		t.Errorf("Content-Disposition = %q, want %q", got, named(day))
	}
	kept, again := filepath.Join(t.TempDir(), "kept.db"), t.TempDir()
	if err := os.WriteFile(kept, text, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Restore(t.Context(), again, kept); err != nil {
		t.Fatal(err)
	}
	d, err := db.Open(again, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.Topic(t.Context(), "backups"); err != nil {
		t.Errorf("the topic is not in the copy: %v", err)
	}
	s.get("/admin").want(200).says("Last backup just now")
	if got := log.Take(); !strings.Contains(got, `msg="backup downloaded" by=maria ip=127.0.0.1`) {
		t.Errorf("not in the log: %s", got)
	}
	raw, err := sql.Open("sqlite", s.d.Path())
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	var by string
	if err := raw.QueryRow("select actor from audit where verb = 'server.backup'").Scan(&by); err != nil || by != "maria" {
		t.Errorf("activity log: by %q, %v; want maria", by, err)
	}
	noCopyLeft(t, s)
}

func noCopyLeft(t *testing.T, s *site) {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(filepath.Dir(s.d.Path()), "notifer-*"))
	if err != nil || len(list) > 0 {
		t.Errorf("left in the data directory: %v, %v", list, err)
	}
}

func TestBackupIsForAdmins(t *testing.T) {
	s := newSite(t)
	s.post(backupPath).want(401)
	s.stranger().signIn("tom").post(backupPath).want(403).says("You don't have permission to do that")
	s.signIn("maria").get(backupPath).want(405)
}

func TestBackupAsksForThePasswordAgain(t *testing.T) {
	s := newSite(t, func(c *server.Config) { c.ReauthAfter = time.Nanosecond }).signIn("maria")
	s.get("/admin").says("Your password")
	s.post(backupPath).want(403).says("Enter your password to continue").hides("not your password")
	s.post(backupPath, "current_password", "wrong").want(403).says("That is not your password")
	s.post(backupPath, "current_password", pagePassword).want(200)
	if got := s.header.Get("Content-Type"); got != "application/vnd.sqlite3" {
		t.Errorf("Content-Type = %q, want the copy", got)
	}
}

// TestOneBackupAtATime: a second one is refused while the first is read, and one whose reader leaves goes away.
func TestOneBackupAtATime(t *testing.T) {
	t.Parallel()
	s := newSite(t).signIn("maria")
	if err := s.d.SetSetting("ballast", make([]byte, 32<<20)); err != nil { // more than the connection's buffers hold
		t.Fatal(err)
	}
	res := download(t, s)
	if _, err := io.ReadFull(res.Body, make([]byte, 4096)); err != nil {
		t.Fatal(err)
	}
	noCopyLeft(t, s)
	s.post(backupPath).want(409).says("Another backup is being downloaded")
	res.Body.Close()
	if at, err := s.d.LastBackup(t.Context()); err != nil || !at.IsZero() {
		t.Errorf("LastBackup after half a download = %v, %v, want none", at, err)
	}
	for s.post(backupPath); s.status == 409; s.post(backupPath) {
	}
	s.want(200)
	noCopyLeft(t, s)
}

func TestBackupOnAFullDisk(t *testing.T) {
	d, err := db.Open(t.TempDir(), db.Options{MinFree: 1 << 60})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	s := siteOver(t, d).signIn("maria")
	s.post(backupPath).want(507).says("The disk has no room for the backup").says("Messages per day")
	if at, err := d.LastBackup(context.Background()); err != nil || !at.IsZero() {
		t.Errorf("LastBackup = %v, %v, want none", at, err)
	}
}
