package push_test

import (
	"database/sql"
	"testing"
)

// TestDamageHoldsUpNoDevice: what was damaged before it was pushed is announced whatever priority it may have had, and what follows is
// pushed.
func TestDamageHoldsUpNoDevice(t *testing.T) {
	w := newWorld(t)
	w.device("/urgent", 5)
	w.p.Close()
	w.p = nil
	ids := w.publish(3, 5)
	raw, err := sql.Open("sqlite", "file:"+w.d.Path()+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	if _, err := raw.Exec("update message set body = 'x' where body = 'message 1'"); err != nil {
		t.Fatal(err)
	}
	w.start()
	w.wait("all three", func() bool { return same(w.s.got("/urgent"), ids) })
}
