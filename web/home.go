package web

import (
	"context"
	"time"
)

// Home is the first page after signing in: one list of topics and the form that makes one.
type Home struct {
	Tab    string // "mine", "all" or "catalog"
	Topics []TopicRow
	New    Form   // values: name, access, description, discoverable
	Open   bool   // the form is unfolded
	Newer  string // path of the page before, empty on the first
	Older  string // path of the next page, empty on the last
	Stream string // path of the stream of all readable topics of the page, empty without any
}

// first reports whether the reader has nothing yet.
func (v Home) first() bool { return v.Tab == "mine" && len(v.Topics) == 0 && v.Newer == "" && v.Open }

// TopicRow is one topic in a list.
type TopicRow struct {
	Name, Display, Description, Owner string
	Access                            string // "private", "protected" or "public"
	Mine, Readable                    bool
	Unread                            int // since the reader's last visit
	LastAt                            time.Time
	LastText                          string
	Days                              []int // messages per day, the newest last
}

var homeTabs = []Tab{
	{"mine", "/", "My topics"},
	{"all", "/?show=all", "All"},
	{"catalog", "/?show=catalog", "Catalog"},
}

func (r TopicRow) title() string {
	if r.Display != "" {
		return r.Display
	}
	return r.Name
}

func accessChoice(value string) Choice {
	if value == "" {
		value = "private"
	}
	return Choice{ID: "access", Label: "Access", Value: value, Options: []Option{
		{"private", accessName("private"), "Only you, your tokens and admins can publish and read."},
		{"protected", accessName("protected"), "Anyone can read. Publishing needs an account or an API key."},
		{"public", accessName("public"), "Anyone can read and publish, without credentials."},
	}}
}

func accessName(access string) string {
	switch access {
	case "public":
		return "Public"
	case "protected":
		return "Protected"
	}
	return "Private"
}

func discoverable(f Form) Check {
	return Check{ID: "discoverable", Name: "discoverable", Value: "1", On: f.Value("discoverable") != "",
		Label: "List it in the catalog", Help: "Its name and description become visible there. Reading a private topic still needs permission."}
}

// curlLine is what a person pastes into a shell to publish to a topic.
func curlLine(ctx context.Context, topic, access string) string {
	line := `curl -fsS -d "Backup finished" `
	if auth := curlAuth(access); auth != "" {
		line += auth + " "
	}
	return line + public(ctx, "/"+topic)
}

// curlAuth is the header that a topic asks of a publisher: a token of its own, or, where tokens do
// not work, a key.
func curlAuth(access string) string {
	switch access {
	case "private":
		return `-H "X-Topic-Token: $TOPIC_TOKEN"`
	case "protected":
		return `-H "X-API-Key: $API_KEY"`
	}
	return ""
}

// firstCurl makes a public topic's line, because it runs as it stands.
func firstCurl(ctx context.Context) string {
	return `curl -fsS -d "Hello from $(hostname)" ` + public(ctx, "/my-topic")
}

// unread is how many messages are new, as far as a glance needs it.
func unread(n int) string {
	if n > 99 {
		return "99+"
	}
	return Number(n)
}
