package daemon

import (
	"strings"
	"testing"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server/config"
)

// A store that has grown beyond its size is cut before the next round, and the admins read of it once a day.
func TestGrowthBeyondTheSizeIsCutSoon(t *testing.T) {
	m, told := verifier(t, t.TempDir())
	m.c.Retention.Size = config.Space(1 << 20)
	topic := dbtest.Topic(t, m.d, "flood")
	flood := func() {
		for range 30 {
			if err := m.d.Publish(&db.Message{TopicID: topic.ID, Priority: 3, Body: strings.Repeat("x", 60<<10)}, nil); err != nil {
				t.Fatal(err)
			}
		}
	}
	rules := db.Retention{Bytes: m.c.Retention.Size.Bytes()}
	if _, done := m.sweep(t.Context(), rules, false); done {
		t.Error("swept an empty store that was not due")
	}
	for range 2 {
		flood()
		if n, done := m.sweep(t.Context(), rules, false); !done || n == 0 {
			t.Errorf("sweep = %d, %v; want it to work before it is due", n, done)
		}
		if over, err := m.d.Over(t.Context(), rules); over > 0 || err != nil {
			t.Errorf("%d bytes too many are left, %v", over, err)
		}
		if len(*told) != 1 || !strings.Contains((*told)[0], "1MiB (retention.size)") {
			t.Errorf("told %q, want one note", *told)
		}
	}
}
