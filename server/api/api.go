// Package api holds the wire types: exactly the JSON of the HTTP interface, and nothing that decides.
//
// The server, its Go client and the tests share these structs. Times are RFC 3339 UTC with Z.
package api

import (
	"encoding/json"
	"time"
)

// Time is a moment as the wire writes it: RFC 3339 in UTC, milliseconds, always with Z.
type Time struct{ time.Time }

// At makes a wire time.
func At(t time.Time) Time { return Time{t.UTC()} }

// AtPtr makes an optional wire time: nil, JSON null, for the zero time.
func AtPtr(t time.Time) *Time {
	if t.IsZero() {
		return nil
	}
	return &Time{t.UTC()}
}

// Layout is how a Time is written.
const Layout = "2006-01-02T15:04:05.000Z"

// MarshalJSON writes the time in Layout.
func (t Time) MarshalJSON() ([]byte, error) {
	return t.UTC().AppendFormat(nil, `"`+Layout+`"`), nil
}

// UnmarshalJSON reads any RFC 3339 time.
func (t *Time) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &t.Time)
}

// Error is the body of every refusal. Detail says what to change; Hint, when set, says why a credential was not accepted.
type Error struct {
	Detail string `json:"detail"`
	Hint   string `json:"hint,omitempty"`
}

// Health is the reply of /healthz and /readyz.
type Health struct {
	Status string `json:"status"`
}
