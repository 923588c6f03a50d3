package reliability_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"notifer/server/test/reliability"
	"notifer/server/test/run"
)

// TestFullDisk is P11: on a full disk publishing is refused with 507 while reading, streams and revoking go on, and it comes
// back by itself when there is room.
func TestFullDisk(t *testing.T) {
	disk := reliability.SmallDisk(t, 16)
	h := newHarness(t, run.In(filepath.Join(disk, "data")))
	doomed, secret := h.admin.Token(t, "ops", "publish")
	h.publish("before")
	stop := h.followers(1, h.url, 0)
	ballast := reliability.Ballast(t, disk, 512<<10)
	h.awaitRefusal()
	if c := h.get("/healthz"); c.Status != 503 {
		t.Errorf("/healthz on a full disk = %d %s, want 503", c.Status, c.Answer)
	}
	if got := h.messages(); len(got) == 0 || got[0].Body != "before" {
		t.Errorf("history on a full disk: %v", got)
	}
	h.admin.Must(t, "DELETE", "/api/topics/ops/access-tokens/"+doomed, nil, nil)
	c := &reliability.Call{Method: "POST", URL: h.url() + "/ops", Body: "x", Header: map[string]string{"X-Topic-Token": secret}}
	if err := c.Do(); err != nil || c.Status != 401 {
		t.Errorf("a token revoked on a full disk = %d, %v; want 401", c.Status, err)
	}
	h.fillToTheBrim(disk)
	os.Remove(ballast)
	start := time.Now()
	h.awaitPublishing()
	if took := time.Since(start); took > 2*time.Second+slack(t) {
		t.Errorf("publishing came back after %v, want 2 s at most", took)
	}
	stop()
	h.check()
}

// awaitRefusal publishes until the server answers 507, and checks the reason it gives.
func (h *harness) awaitRefusal() {
	h.t.Helper()
	big := strings.Repeat("x", 8<<10)
	for range 2000 {
		h.serial++
		c := h.send(big + time.Now().String())
		switch {
		case c.Status == 507 && strings.Contains(string(c.Answer), "detail"):
			return
		case c.Status != 200:
			h.t.Fatalf("on a disk that fills up: %d %s, want 200 or 507", c.Status, c.Answer)
		}
	}
	h.t.Fatal("the disk never became full")
}

// fillToTheBrim takes the last bytes away too; the server must still answer.
func (h *harness) fillToTheBrim(disk string) {
	h.t.Helper()
	rest := filepath.Join(disk, "rest")
	if err := os.WriteFile(rest, make([]byte, 2<<20), 0o600); err == nil {
		h.t.Log("2 MiB still fitted; the disk was not full")
	}
	if c := h.send("brim"); c.Status != 507 {
		h.t.Errorf("publish with no byte left = %d %s, want 507", c.Status, c.Answer)
	}
	if got := h.messages(); len(got) == 0 {
		h.t.Error("no history with no byte left")
	}
	os.Remove(rest)
}

// TestBrokenDisk is the other half: while every write fails publishing is 503 and /healthz tells; both recover by themselves.
func TestBrokenDisk(t *testing.T) {
	h := newHarness(t)
	h.publish("before")
	tr := reliability.Attach(t, h.Pid(), "fsync,fdatasync,pwrite64", []string{"fsync,fdatasync,pwrite64:error=EIO"})
	if c := h.send("broken"); c.Status != 503 {
		t.Errorf("publish on a broken disk = %d %s, want 503", c.Status, c.Answer)
	}
	if c := h.get("/healthz"); c.Status != 503 {
		t.Errorf("/healthz on a broken disk = %d, want 503", c.Status)
	}
	if got := h.messages(); len(got) != 1 {
		t.Errorf("history on a broken disk: %v, want the first message", got)
	}
	tr.Detach()
	h.awaitPublishing()
	err := run.Await(run.Patience, func() bool { return strings.Contains(h.Log(), "after an I/O error is sound") })
	if err != nil {
		t.Errorf("the store was not read again after the I/O error: %v\n%s", err, h.Log())
	}
}

// TestBrokenDiskIsNotHealedByWritingNothing: a request that finds nothing to change commits without touching the disk.
func TestBrokenDiskIsNotHealedByWritingNothing(t *testing.T) {
	h := newHarness(t)
	tr := reliability.Attach(t, h.Pid(), "fsync,fdatasync,pwrite64", []string{"fsync,fdatasync,pwrite64:error=EIO"})
	defer tr.Detach()
	if c := h.send("broken"); c.Status != 503 {
		t.Fatalf("publish on a broken disk = %d %s, want 503", c.Status, c.Answer)
	}
	nobodys := strings.Repeat("a", 43) + "." + strings.Repeat("b", 43)
	for range 5 {
		c := &reliability.Call{Method: "POST", URL: h.url() + "/auth/refresh", Header: map[string]string{"Content-Type": "application/json"}, Body: `{"refresh_token":"` + nobodys + `"}`}
		if err := c.Do(); err != nil {
			t.Fatal(err)
		}
		if health := h.get("/healthz"); health.Status != 503 {
			t.Errorf("/healthz on a broken disk after POST /auth/refresh = %d: %d, want 503", c.Status, health.Status)
		}
	}
}

// TestUnreadableDisk lets every read of a file fail: the server answers 5xx or what is true, lives on, and recovers by itself.
func TestUnreadableDisk(t *testing.T) {
	h := newHarness(t)
	h.publishMany(800)
	want := h.messages()
	h.crash() // so that nothing is in the server's memory
	tr := reliability.Attach(t, h.Pid(), "pread64", []string{"pread64:error=EIO"})
	for range 5 {
		if got, err := reliability.ReadLog(h.url(), "ops", h.token, reliability.All); err == nil && len(got) != len(want) {
			t.Errorf("history on an unreadable disk: %d messages of %d and no error", len(got), len(want))
		}
		if c := h.send("unreadable"); c.Status != 200 && c.Status/100 != 5 {
			t.Errorf("publish on an unreadable disk = %d %s, want 5xx or 200", c.Status, c.Answer)
		}
	}
	tr.Detach()
	if tr.Injected(t) == 0 {
		t.Error("no read was made to fail")
	}
	h.awaitPublishing()
	for _, v := range reliability.Check(h.messages(), want, nil) {
		if v.Rule != "log" { // the same text was sent more than once
			t.Error(v)
		}
	}
}
