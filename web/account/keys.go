package account

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"notifer/server/api"
	"notifer/web"
	"notifer/web/examples"
)

// Keys is the reader's API keys.
type Keys struct {
	Keys   []Key // live
	Ended  []Key
	Reveal *web.Reveal // a secret to show, once
	Fresh  Key         // whose secret that is
	Sample string      // a topic for its examples, empty when it works for none
	Gone   string      // name of the key whose secret was shown already
	Sort   string      // by what the list is sorted: one of keySorts, or empty
	New    web.Form    // values: name, description, topics, expires, and each chosen scope
	Match  *Match      // what the topics of the form fit, when that was asked for
}

// keySorts are the columns that the list can be sorted by.
var keySorts = []web.Tab{{ID: "name", Name: "Name"}, {ID: "used", Name: "Last used"}, {ID: "total", Name: "Total requests"}, {ID: "expires", Name: "Expires"}, {ID: "created", Name: "Created"}}

// Match is what names and patterns of topics fit now.
type Match struct{ Topics []string }

// KeyTopics is the form for the topics of a key that exists.
type KeyTopics struct {
	Key   Key
	Form  web.Form // values: name, topics, own
	Match *Match
}

// back is where the key is listed.
func (v KeyTopics) back() string {
	if v.Key.Paired {
		return "/devices"
	}
	return "/settings/keys"
}

// few is the first of a list of names, and how many more there are.
func few(names []string) string {
	const most = 8
	if len(names) <= most+1 {
		return strings.Join(names, ", ")
	}
	return strings.Join(names[:most], ", ") + " and " + strconv.Itoa(len(names)-most) + " more"
}

// reach is the topics of a key in a line.
func (k Key) reach() string {
	switch {
	case k.Topics == nil:
		return "All topics"
	case len(k.Matches) == 0:
		return few(k.Topics) + ": no topic yet"
	case slices.Equal(k.Topics, k.Matches):
		return few(k.Topics)
	}
	if len(k.Matches) > 9 {
		return few(k.Topics) + ": now " + web.Plural(len(k.Matches), "topic", "topics")
	}
	return few(k.Topics) + ": now " + few(k.Matches)
}

// Key is one API key in the list.
type Key struct {
	ID, Name, Description, Hint string
	Scopes                      []string
	Topics                      []string // names and patterns; nil: all
	Matches                     []string // topics that they fit now
	Paired                      bool     // of a paired device
	OwnReader                   bool     // of a device whose reading counts as the account's
	CreatedAt, LastUsedAt       time.Time
	ExpiresAt, RevokedAt        time.Time
	Status                      api.Status
	Requests                    int
}

func (k Key) credential() web.Credential {
	return web.Credential{Status: k.Status, LastUsedAt: k.LastUsedAt, ExpiresAt: k.ExpiresAt}
}

func (k Key) warning(ctx context.Context) []string {
	if k.LastUsedAt.IsZero() {
		return []string{"It has never been used, so nothing should break."}
	}
	return []string{"It stops working at once: the next request gets 401.", fmt.Sprintf("Last used %s, %s in total.", web.Ago(ctx, k.LastUsedAt), web.Plural(k.Requests, "time", "times")), "This cannot be undone."}
}

// EndKey is the key a reader is about to revoke.
type EndKey struct{ Key Key }

// question asks about a key, or about the device that the key pairs: its owner knows of no key.
func (v EndKey) question(ctx context.Context) web.Question {
	q := web.Question{Title: "Revoke \"" + v.Key.Name + "\"?", Yes: "Revoke key", No: "Keep it", Body: v.Key.warning(ctx),
		Action: "/settings/keys/" + v.Key.ID + "/revoke", Back: KeyTopics{Key: v.Key}.back(), Kind: "bad", Glyph: "ban", Alert: true}
	if v.Key.Paired {
		q.Title, q.Yes = "Remove \""+v.Key.Name+"\"?", "Remove device"
		q.Body = []string{"It can no longer read your topics, and it gets no more notifications.", "To use it again, pair it again."}
	}
	return q
}

// scopes are the permissions of an API key.
var scopes = []web.Option{
	{Value: "publish", Label: "Publish", Help: "Send messages to topics that you can publish to."},
	{Value: "subscribe", Label: "Subscribe", Help: "Read messages, live and from history."},
	{Value: "topics:read", Label: "View topics", Help: "List your topics and their details."},
	{Value: "topics:write", Label: "Manage topics", Help: "Create, change and delete topics and their tokens."},
	{Value: "*", Label: "Everything", Help: "All of the above, and managing API keys."},
}

func scopeName(scope string) string {
	for _, s := range scopes {
		if s.Value == scope {
			return s.Label
		}
	}
	return scope
}

// use is what the new key may do, for its examples.
func (v Keys) use(ctx context.Context) examples.Use {
	may := func(scope string) bool {
		return slices.Contains(v.Fresh.Scopes, scope) || slices.Contains(v.Fresh.Scopes, "*")
	}
	use := examples.Use{Server: web.PublicURL(ctx, ""), Publish: may("publish"), Subscribe: may("subscribe"), ListTopics: may("topics:read")}
	if v.Sample != "" {
		use.Topic = web.PublicURL(ctx, "/"+v.Sample)
	}
	return use
}
