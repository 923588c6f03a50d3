package frame

import (
	"runtime"
	"strings"
	"testing"
	"time"
)

// The id of a form is a part of what was sent: remembering it must not keep all of the form.
func TestFormsAreNotKept(t *testing.T) {
	forms := newFormDedup(time.Now)
	held := func() int {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return int(m.HeapAlloc >> 10)
	}
	before := held()
	for range 500 {
		body := NewFormID() + strings.Repeat("x", 32<<10)
		f, _ := forms.begin("session", body[:20])
		forms.end("session", body[:20], f, "/")
	}
	if kept := held() - before; kept > 4<<10 {
		t.Errorf("500 forms keep %d KiB", kept)
	}
	runtime.KeepAlive(forms)
}
