package rest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"notifer/server/api"
	"notifer/server/manage"
	"notifer/server/request"
	"notifer/server/shape"
)

// tokenPatch is a change to a token. Null for expires_at means never; without that field the expiry stays.
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
	Shape       *string         `json:"shape"`
	Template    *api.Template   `json:"template"`
	Secret      *string         `json:"signing_secret"`
}

func (p *tokenPatch) values() (manage.TokenValues, error) {
	v := manage.TokenValues{Name: p.Name, Note: p.Note, RefuseInURL: p.RefuseInURL, Networks: p.Networks, Priority: p.Priority, Tags: p.Tags,
		Shape: p.Shape, Templates: (*shape.Templates)(p.Template), SigningSecret: p.Secret}
	if p.Permissions != nil || p.AccessLevel != nil {
		v.Permissions = []string{} // which manage refuses: they never change
	}
	switch {
	case p.ExpiresAt == nil:
	case bytes.Equal(p.ExpiresAt, []byte("null")):
		v.Expires = &time.Time{}
	default:
		var text string
		if err := json.Unmarshal(p.ExpiresAt, &text); err != nil {
			return v, errExpiry
		}
		return v, readExpiry(text, &v)
	}
	return v, nil
}

var errExpiry = request.Unprocessable("expires_at must be an RFC 3339 time, a date, or null for never")

// never is a value of expires_at with the meaning of null. An empty value is refused: it may be a script's unset variable.
const never = "never"

func readExpiry(text string, v *manage.TokenValues) error {
	at, ok := time.Time{}, true
	if text != never {
		at, ok = manage.ParseMoment(text)
	}
	if !ok {
		return errExpiry
	}
	v.Expires = &at
	return nil
}

// tokenValues reads a new token. Both forms of permissions are accepted: [publish, subscribe] and write, read, read_write.
func tokenValues(in api.TokenRequest) (manage.TokenValues, error) {
	v := manage.TokenValues{Name: in.Name, Note: in.Note, Permissions: in.Permissions, RefuseInURL: in.RefuseInURL, Networks: in.Networks,
		Priority: in.Priority, Tags: in.Tags, Shape: in.Shape, Templates: (*shape.Templates)(in.Template), SigningSecret: in.Secret}
	if in.AccessLevel != nil {
		levels := map[string][]string{"write": {manage.Publish}, "read": {manage.Subscribe}, "read_write": {manage.Publish, manage.Subscribe}}
		level, ok := levels[*in.AccessLevel]
		if !ok {
			return v, request.Unprocessable("access_level must be write, read or read_write")
		}
		if in.Permissions != nil && !sameWords(in.Permissions, level) {
			return v, request.Unprocessable("permissions and access_level say different things: send one")
		}
		v.Permissions = level
	}
	if in.ExpiresAt != nil {
		return v, readExpiry(*in.ExpiresAt, &v)
	}
	return v, nil
}

// sameWords reports whether two lists, whose entries may be comma lists, name the same words.
func sameWords(a, b []string) bool {
	set := func(list []string) []string {
		var out []string
		for w := range strings.SplitSeq(strings.Join(list, ","), ",") {
			out = append(out, strings.TrimSpace(w))
		}
		slices.Sort(out)
		return slices.Compact(out)
	}
	return slices.Equal(set(a), set(b))
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
