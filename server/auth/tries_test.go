package auth_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// TestTriesKeepNoRequests: what is remembered of a wrong sign-in is a name, however long the login is and whatever stands beside it in
// the request.
func TestTriesKeepNoRequests(t *testing.T) {
	f := newForge(t)
	const tries, size = 1000, 16 << 10
	for name, login := range map[string]func(i int) string{
		"long logins":           func(i int) string { return fmt.Sprint(i, strings.Repeat("x", size)) },
		"logins of large forms": func(i int) string { return (fmt.Sprintf("%09d", i) + strings.Repeat("x", size))[:9] },
	} {
		before := heap()
		for i := range tries {
			if _, err := f.a.VerifyPassword(t.Context(), login(i), "wrong password"); err == nil {
				t.Fatal("a wrong password was taken")
			}
		}
		if grown := heap() - before; grown > tries*size/4 {
			t.Errorf("%s: %d tries keep %d KiB", name, tries, grown>>10)
		}
	}
	runtime.KeepAlive(f)
}

// heap is how many bytes are reachable.
func heap() int {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}
