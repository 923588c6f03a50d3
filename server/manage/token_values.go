package manage

import (
	"strings"
	"time"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/auth/networks"
	"notifer/server/plaintext"
	"notifer/server/shape"
)

// Bounds of a token's fields, in characters, and of the time that the old secret works after a rotation.
const (
	maxNote      = 200
	maxNetworks  = 1000
	MaxGrace     = auth.MaxGrace
	DefaultGrace = 24 * time.Hour
)

// Permissions of topic tokens.
const (
	Publish   = "publish"
	Subscribe = "subscribe"
)

// TokenValues are fields of a token; a nil field is not set.
type TokenValues struct {
	Name          *string
	Note          *string
	Permissions   []string   // publish, subscribe; of a new token only
	Expires       *time.Time // the zero time is never; a new token that names none gets the server's default
	Networks      *[]string  // none: any address
	Priority      *int       // 0: none
	Tags          *[]string
	RefuseInURL   *bool
	QuietNetworks *bool            // no message about the first use from a new network
	Shape         *string          // how bodies that come with it are read; see server/shape
	Templates     *shape.Templates // of the shape custom
	SigningSecret *string          // empty: requests need no signature
}

func readPermissions(list []string, t *db.Token) error {
	for _, words := range list {
		for word := range strings.SplitSeq(words, ",") {
			switch strings.TrimSpace(word) {
			case Publish:
				t.CanPublish = true
			case Subscribe:
				t.CanSubscribe = true
			default:
				return invalid("permissions", "permissions may hold publish and subscribe, nothing else")
			}
		}
	}
	if !t.CanPublish && !t.CanSubscribe {
		return invalid("permissions", "permissions must hold publish, subscribe or both")
	}
	return nil
}

// applyToken sets the fields of a token, other than the permissions, and adds what is wrong with them.
func (m *Manager) applyToken(v TokenValues, t *db.Token, p *Errors) {
	if v.Name != nil {
		name, err := CheckName(*v.Name)
		p.add(err)
		t.Name = name
	}
	if v.Note != nil {
		note, err := CheckNote(*v.Note)
		p.add(err)
		t.Note = note
	}
	if v.Expires != nil {
		p.add(m.checkExpiry(*v.Expires))
		t.ExpiresAt = *v.Expires
	}
	if v.Networks != nil {
		networks, err := checkNetworks(*v.Networks)
		p.add(err)
		t.Networks = networks
	}
	if v.Priority != nil {
		p.add(checkDefaultPriority(*v.Priority))
		t.DefaultPriority = *v.Priority
	}
	if v.Tags != nil {
		tags, err := JoinTags(*v.Tags)
		if err != nil {
			p.add(invalid("default_tags", "%s", err))
		}
		t.DefaultTags = tags
	}
	set(&t.RefuseInURL, v.RefuseInURL)
	set(&t.QuietNetworks, v.QuietNetworks)
	applyShape(v, t, p)
}

// CheckNote returns the canonical form of a token's note; it refuses one of more than a line.
func CheckNote(text string) (string, error) {
	note := strings.TrimSpace(text)
	if utf8.RuneCountInString(note) > maxNote || plaintext.HasControl(note) {
		return "", invalid("note", "note must be one line of at most %d characters", maxNote)
	}
	return note, nil
}

// checkNetworks returns the canonical form of the addresses and networks that a token may be used from. An empty entry is
// refused: it may be a script's unset variable, and an empty list lets every address in.
func checkNetworks(list []string) (string, error) {
	for _, n := range list {
		if strings.TrimSpace(n) == "" {
			return "", invalid("networks", "networks: an entry is empty: write an address or a network; an empty list lets every address in")
		}
	}
	text, err := networks.Canonical(strings.Join(list, ","))
	switch {
	case err != nil:
		return "", invalid("networks", "networks: %s", err)
	case len(text) > maxNetworks:
		return "", invalid("networks", "networks must have at most %d characters in all: join some to a larger network", maxNetworks)
	}
	return text, nil
}

func checkDefaultPriority(n int) error {
	if n == 0 {
		return nil
	}
	if _, err := CheckPriority(n); err != nil {
		return invalid("default_priority", "%s", err)
	}
	return nil
}

func tokenChanges(a, b *db.Token) []string {
	return changes([]fieldChange{
		{"name", a.Name != b.Name}, {"note", a.Note != b.Note}, {"expiry", !a.ExpiresAt.Equal(b.ExpiresAt)},
		{"networks", a.Networks != b.Networks}, {"refuse in URLs", a.RefuseInURL != b.RefuseInURL},
		{"notice of new networks", a.QuietNetworks != b.QuietNetworks}, {"shape", a.Shape != b.Shape || a.Template != b.Template},
		{"signing secret", a.SigningSecret != b.SigningSecret},
		{"default priority", a.DefaultPriority != b.DefaultPriority}, {"default tags", a.DefaultTags != b.DefaultTags},
	})
}
