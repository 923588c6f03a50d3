package server

import (
	"bytes"
	"encoding/json"
	"strconv"

	"notifer/server/api"
	"notifer/server/request"
)

// tokenPatch is a change to a token, in which expires_at null means never and its absence means no change.
type tokenPatch struct {
	Name        *string         `json:"name"`
	Note        *string         `json:"note"`
	Permissions json.RawMessage `json:"permissions"`
	AccessLevel json.RawMessage `json:"access_level"`
	ExpiresAt   json.RawMessage `json:"expires_at"`
	RefuseInURL *bool           `json:"refuse_in_url"`
	Networks    *[]string       `json:"networks"`
	Priority    *int            `json:"default_priority"`
	Tags        *[]string       `json:"default_tags"`
}

func (p *tokenPatch) request() (api.TokenRequest, error) {
	r := api.TokenRequest{Name: p.Name, Note: p.Note, RefuseInURL: p.RefuseInURL, Networks: p.Networks, Priority: p.Priority, Tags: p.Tags}
	if p.Permissions != nil || p.AccessLevel != nil {
		return r, request.Unprocessable("the permissions of a token never change: create a new token")
	}
	switch {
	case p.ExpiresAt == nil:
	case bytes.Equal(p.ExpiresAt, []byte("null")):
		r.ExpiresAt = optional(never)
	default:
		var v string
		if err := json.Unmarshal(p.ExpiresAt, &v); err != nil {
			return r, request.Unprocessable("expires_at must be an RFC 3339 time, a date, or null for never")
		}
		r.ExpiresAt = &v
	}
	return r, nil
}

// readDays reads how many days a chart shows, 30 unless named.
func readDays(v string) (int, error) {
	if v == "" {
		return 30, nil
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > 366 {
		return 0, request.BadRequest("days must be from 1 to 366")
	}
	return n, nil
}
