package e2e_test

import (
	"database/sql"
	"path/filepath"
	"strings"
	"testing"

	_ "modernc.org/sqlite" // the driver that damages the store

	"notifer/server/test/run"
)

// A damaged database gives a 500 that tells its id only; the log has the same id.
func TestInternalErrorTellsItsIDOnly(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	publish(t, p.Server, p.jwt, "my-topic", "what was stored")
	p.Stop(t)
	files, err := filepath.Glob(filepath.Join(p.Dir, "*.db"))
	if err != nil || len(files) != 1 {
		t.Fatalf("stores %q, %v; want one", files, err)
	}
	db, err := sql.Open("sqlite", files[0])
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec("alter table sender rename column name to put_there"); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	p.Restart(t)
	res, body := call(t, "GET", p.URL+"/my-topic/json", "", "Authorization: Bearer "+p.jwt)
	if res.StatusCode != 500 || strings.Contains(body, "put there") {
		t.Fatalf("history of a damaged database = %d %s, want 500", res.StatusCode, body)
	}
	checkErrorShape(t, complaint{what: "damaged database"}, res, body)
	detail, _ := object(t, body)["detail"].(string)
	_, id, _ := strings.Cut(detail, "internal error ")
	if id == "" {
		t.Fatalf("the reply %s has no id", body)
	}
	run.Until(t, "the log has "+id, func() bool { return strings.Contains(p.Log(), id) })
}
