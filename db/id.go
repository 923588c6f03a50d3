package db

import (
	"crypto/rand"
	"encoding/base32"
	"errors"
	"strings"
	"time"
)

// ID is a message's place in the log: 42 bits of milliseconds since 1970, then 18 bits of counter.
// Every id is greater than all ids given before it, even when the clock steps back.
type ID int64

const (
	idCounterBits = 18
	idTextLen     = 12
	idMax         = ID(1)<<60 - 1
	crockford     = "0123456789abcdefghjkmnpqrstvwxyz"
)

// ErrBadID says that a text is not a message id.
var ErrBadID = errors.New("not a message id: 12 lower-case Crockford base32 characters")

// FirstID is the smallest id of a millisecond; ids of messages at or after t are not below it.
func FirstID(t time.Time) ID {
	ms := t.UnixMilli()
	if ms < 0 {
		return 0
	}
	if ms >= 1<<42 {
		return idMax
	}
	return ID(ms) << idCounterBits
}

// next is the id given after this one at a moment. A clock beyond the year 2109, which no id can hold, is ignored: it would
// use up all ids.
func (id ID) next(now time.Time) ID {
	if first := FirstID(now); first < idMax {
		return max(id+1, first)
	}
	return id + 1
}

// Time is the moment the id was made, as the clock showed it.
func (id ID) Time() time.Time { return time.UnixMilli(int64(id >> idCounterBits)) }

// Append writes the id's 12 characters, which sort as the ids do.
func (id ID) Append(dst []byte) []byte {
	for shift := 55; shift >= 0; shift -= 5 {
		dst = append(dst, crockford[id>>shift&31])
	}
	return dst
}

// String is the id as text.
func (id ID) String() string { return string(id.Append(make([]byte, 0, idTextLen))) }

// ParseID reads what String writes; only the one lower-case spelling is an id.
func ParseID(s string) (ID, error) {
	if len(s) != idTextLen {
		return 0, ErrBadID
	}
	var id ID
	for i := range len(s) {
		v := strings.IndexByte(crockford, s[i])
		if v < 0 {
			return 0, ErrBadID
		}
		id = id<<5 | ID(v)
	}
	return id, nil
}

var lowerBase32 = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// NewName makes an opaque id such as token_k3f8..., 16 random characters after the prefix.
func NewName(prefix string) string {
	var b [10]byte
	rand.Read(b[:])
	return prefix + "_" + lowerBase32.EncodeToString(b[:])
}
