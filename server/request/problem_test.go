package request_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server/request"
)

// TestAFailedReadIsNotCalledAFailedWrite: the condition is the same for both.
func TestAFailedReadIsNotCalledAFailedWrite(t *testing.T) {
	p, _ := request.Explain(fmt.Errorf("%w: disk I/O error", db.ErrIO))
	if p.Status != http.StatusServiceUnavailable || !strings.Contains(p.Detail, "cannot be read or written") {
		t.Errorf("a store that cannot be read is explained as %d %q", p.Status, p.Detail)
	}
}
