package server

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/api"
	"notifer/server/auth"
	"notifer/server/request"
	"notifer/server/wire"
)

func splitList(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func nameTaken(err error, topic, name string) error {
	if errors.Is(err, db.ErrTaken) {
		return &request.Problem{Status: http.StatusConflict,
			Detail: topic + ` already has a live token called "` + name + `". Add the machine or job name.`}
	}
	return err
}

// readPermissions accepts both spellings: permissions [publish, subscribe] or access_level write, read, read_write.
func readPermissions(in api.TokenRequest) (publish, subscribe bool, err error) {
	for _, p := range in.Permissions {
		for one := range strings.SplitSeq(p, ",") {
			switch strings.TrimSpace(one) {
			case "publish":
				publish = true
			case "subscribe":
				subscribe = true
			default:
				return false, false, request.Unprocessable("permissions may hold publish and subscribe, nothing else")
			}
		}
	}
	if in.AccessLevel == nil {
		if !publish && !subscribe {
			return false, false, request.Unprocessable("permissions must hold publish, subscribe or both")
		}
		return publish, subscribe, nil
	}
	levels := map[string][2]bool{"write": {true, false}, "read": {false, true}, "read_write": {true, true}}
	l, ok := levels[*in.AccessLevel]
	if !ok {
		return false, false, request.Unprocessable("access_level must be write, read or read_write")
	}
	if in.Permissions != nil && l != [2]bool{publish, subscribe} {
		return false, false, request.Unprocessable("permissions and access_level say different things: send one")
	}
	return l[0], l[1], nil
}

// applyToken takes over the fields that a request names, checks them, and lists those that changed.
func (s *Server) applyToken(t *db.Token, in api.TokenRequest) (changed []string, err error) {
	if in.Name != nil {
		name, err := CheckName(*in.Name)
		if err != nil {
			return nil, err
		}
		if name != t.Name {
			t.Name, changed = name, append(changed, "name")
		}
	}
	if in.Note != nil {
		if t.Note, err = CheckNote(*in.Note); err != nil {
			return nil, err
		}
		changed = append(changed, "note")
	}
	if in.ExpiresAt != nil {
		if err := s.applyExpiry(t, *in.ExpiresAt); err != nil {
			return nil, err
		}
		changed = append(changed, "expiry")
	}
	if s.c.MaxExpiry > 0 && (t.ExpiresAt.IsZero() || t.ExpiresAt.After(s.d.Now().Add(s.c.MaxExpiry+time.Minute))) {
		return nil, request.Unprocessable("tokens live for %d hours at most here: send an expires_at within that", s.c.MaxExpiry/time.Hour)
	}
	more, err := applyTokenRules(t, in)
	return append(changed, more...), err
}

// CheckName is the name of a token or key in its one spelling, without spaces at its ends; it refuses one that cannot be
// seen or has more than 60 characters, and says why.
func CheckName(text string) (string, error) {
	name, ok := plainName(text)
	if !ok {
		return "", request.Unprocessable("name must have 1 to %d characters that can be seen", maxTokenName)
	}
	return name, nil
}

// CheckNote is a token's note in its one spelling; it refuses one of more than a line.
func CheckNote(text string) (string, error) {
	note := strings.TrimSpace(text)
	if utf8.RuneCountInString(note) > maxTokenNote || hasControl(note) {
		return "", request.Unprocessable("note must be one line of at most %d characters", maxTokenNote)
	}
	return note, nil
}

// hasControl finds control characters, and those that turn the direction of what follows (Unicode UAX 9).
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r < 0x20 || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	})
}

// never is an expires_at, as null is; an empty one may be a script's unset variable.
const never = "never"

func (s *Server) applyExpiry(t *db.Token, v string) error {
	if v == never {
		t.ExpiresAt = time.Time{}
		return nil
	}
	at, ok := parseMoment(v)
	if !ok {
		return request.Unprocessable("expires_at must be an RFC 3339 time, a date, or null for never")
	}
	if !at.After(s.d.Now()) {
		return request.Unprocessable("expires_at lies in the past")
	}
	t.ExpiresAt = at
	return nil
}

// parseMoment reads an RFC 3339 time, with or without a zone (then UTC), or a date (then the end of that day, UTC).
func parseMoment(v string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02T15:04"} {
		if t, err := time.Parse(layout, v); err == nil {
			return t, true
		}
	}
	t, err := time.Parse(time.DateOnly, v)
	return t.AddDate(0, 0, 1), err == nil
}

// applyTokenRules takes over where and how a token may be used and what its messages get.
func applyTokenRules(t *db.Token, in api.TokenRequest) (changed []string, err error) {
	if in.RefuseInURL != nil {
		t.RefuseInURL, changed = *in.RefuseInURL, append(changed, "refuse in URLs")
	}
	if in.Networks != nil {
		if slices.ContainsFunc(*in.Networks, func(n string) bool { return strings.TrimSpace(n) == "" }) {
			return nil, request.Unprocessable("networks: an entry is empty: write an address or a network; an empty list lets every address in")
		}
		if t.Networks, err = auth.ParseNetworks(strings.Join(*in.Networks, ",")); err != nil {
			return nil, request.Unprocessable("networks: %s", err)
		}
		changed = append(changed, "networks")
	}
	if in.Priority != nil {
		if *in.Priority != 0 {
			if _, err := wire.CheckPriority(*in.Priority); err != nil {
				return nil, err
			}
		}
		t.DefaultPriority, changed = *in.Priority, append(changed, "default priority")
	}
	if in.Tags != nil {
		if t.DefaultTags, err = wire.JoinTags(*in.Tags); err != nil {
			return nil, err
		}
		changed = append(changed, "default tags")
	}
	return changed, nil
}

// plainName is the name of a token or key in its one spelling, and whether it may be one: it can be seen, and turns nothing
// around that stands beside it.
func plainName(text string) (string, bool) {
	name := strings.Join(strings.Fields(text), " ")
	seen := strings.ContainsFunc(name, func(r rune) bool { return r != ' ' && unicode.IsGraphic(r) })
	return name, seen && utf8.RuneCountInString(name) <= maxTokenName && !hasControl(name)
}
