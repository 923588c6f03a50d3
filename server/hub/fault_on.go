//go:build faulttest

package hub

import (
	"os"
	"strings"
)

// joinedAt goes live at whatever was announced by then when the fault "no-cursor" is on, as a replay that knows no cursor does.
func joinedAt(h *Hub, last int64) int64 {
	if strings.Contains(os.Getenv("NOTIFER_FAULT"), "no-cursor") {
		return h.Announced()
	}
	return last
}
