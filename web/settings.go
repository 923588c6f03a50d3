package web

import (
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
)

// Settings is what every settings page of a topic shows around its own part.
type Settings struct {
	Topic, Display, Access string
	Tab                    string // "general", "tokens", "activity" or "advanced"
}

// General is the first settings page.
type General struct {
	Settings
	Form     Form   // values: display_name, description, icon, icon_other, color, access, discoverable, retention_days
	Retained string // what the server keeps when the topic says nothing, in days
	Tokens   int    // live tokens, which a change of access would silence
}

// Activity is who changed what.
type Activity struct {
	Settings
	Kind  string // "token", "topic", "message", or empty for all
	Lines []ActivityLine
	Older string // path of the next page
}

// ActivityLine is one line of the activity log.
type ActivityLine struct {
	At                  time.Time
	Actor, Verb, Detail string
	ActorID             string // of the account
	Via                 string // id of the API key or topic token that was used; empty for a session
	Address             string
}

// actedWith is what an id is the id of, as a line of the activity log says it.
func actedWith(id string) string {
	switch {
	case strings.HasPrefix(id, "key_"):
		return "with API key"
	case strings.HasPrefix(id, "token_"):
		return "with token"
	}
	return ""
}

// Advanced is the page of things that are done once.
type Advanced struct {
	Settings
	Messages int
	Form     Form // values: confirm
}

// activityKinds are what the activity can be narrowed to.
var activityKinds = []Tab{{ID: "", Name: "All"}, {ID: "token", Name: "Tokens"}, {ID: "topic", Name: "Topic"}, {ID: "message", Name: "Messages"}}

func (v Activity) at(kind string) string {
	if kind == "" {
		return v.Path("/activity")
	}
	return v.Path("/activity?kind=" + kind)
}

func settingsTabs(topic string) []Tab {
	at := "/topic/" + topic + "/settings"
	return []Tab{
		{"general", at, "General"},
		{"tokens", at + "/tokens", "Access Tokens"},
		{"activity", at + "/activity", "Activity"},
		{"advanced", at + "/advanced", "Advanced"},
	}
}

// Path is a path below the settings of the topic; rest is empty or begins with a slash.
func (s Settings) Path(rest string) string { return "/topic/" + s.Topic + "/settings" + rest }

// Title is the display name of the topic, or its name.
func (s Settings) Title() string {
	if s.Display != "" {
		return s.Display
	}
	return s.Topic
}

func (v Advanced) purgeQuestion() Question {
	return Question{Title: "Delete all messages", Body: []string{Plural(v.Messages, "message is", "messages are") + " deleted for everyone. This cannot be undone."},
		Yes: "Delete all messages", No: "Keep them", Action: v.Path("/purge"), Back: v.Path("/advanced"), Kind: "bad", Glyph: "trash"}
}

func (v Advanced) deleteQuestion() Question {
	return Question{Title: "Delete topic", Body: []string{"The topic, its " + Plural(v.Messages, "message", "messages") + " and its tokens are deleted. Open streams close. This cannot be undone."},
		Yes: "Delete topic", No: "Keep it", Action: v.Path("/delete"), Back: v.Path("/advanced"), Kind: "bad", Glyph: "trash"}
}

func (v General) retention() Field {
	return v.Form.Fill(Field{ID: "retention_days", Type: "number", Label: "Keep messages for (days)", Help: "Leave empty to use the server's setting: " + v.Retained + ".",
		Attrs: templ.Attributes{"min": "0", "max": "36500", "step": "any", "inputmode": "numeric"}})
}

// sentence says what was done. A verb without a text of its own is shown as it is.
func (d ActivityLine) sentence() string {
	switch d.Verb {
	case "topic.create":
		return "created the topic, " + d.Detail
	case "topic.update":
		return "changed " + d.Detail
	case "topic.purge":
		if n, err := strconv.Atoi(d.Detail); err == nil {
			return "deleted all " + Number(n) + " messages"
		}
		return "deleted all " + d.Detail + " messages"
	case "token.create":
		return "created the token " + d.Detail
	case "token.update":
		return "changed the token " + d.Detail
	case "token.rotate":
		return "rotated the token " + d.Detail
	case "token.end_old":
		return "ended the old secret of the token " + d.Detail
	case "token.revoke":
		return "revoked the token " + d.Detail
	case "token.revoke_all":
		return "revoked all tokens"
	case "token.leak":
		return "reported the leaked token " + d.Detail
	case "message.update":
		return "edited the message " + d.Detail
	case "message.delete":
		return "deleted the message " + d.Detail
	case "message.secret":
		return "sent a secret: " + d.Detail
	}
	return strings.TrimSpace(d.Verb + " " + d.Detail)
}

func (d ActivityLine) icon() string {
	switch d.Verb {
	case "token.rotate", "token.end_old":
		return "rotate"
	case "token.revoke", "token.revoke_all":
		return "ban"
	case "token.create", "token.update":
		return "key"
	case "token.leak", "message.secret":
		return "warn"
	case "topic.purge", "message.delete":
		return "trash"
	case "topic.create":
		return "plus"
	}
	return "pencil"
}
