package jsonbody_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"notifer/server/manage"
	"notifer/server/wire/jsonbody"
)

// TestLongNamesTakeLittleMemory: what a stranger sends in unknown JSON takes a few times its size, however its names are nested.
func TestLongNamesTakeLittleMemory(t *testing.T) {
	var inner strings.Builder
	for i := range 1900 {
		fmt.Fprintf(&inner, `"%d":{},`, i)
	}
	long := strings.Repeat("k", 100<<10)
	body := `{"` + long + `":{` + inner.String() + `"severity":"critical"}}`
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var d manage.Draft
	jsonbody.Read(body, nil, &d)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; took > 30<<20 {
		t.Errorf("%d bytes of JSON took %d MiB", len(body), took>>20)
	}
	if d.Priority != "5" {
		t.Errorf("the priority is %q, want that of the severity inside", d.Priority)
	}
}
