package web

import (
	"context"
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
	Form     Form   // values: display_name, description, access, discoverable, retention_days
	Retained string // what the server keeps when the topic says nothing, in days
	Tokens   int    // live tokens, which a change of access would silence
}

// Activity is who changed what.
type Activity struct {
	Settings
	Lines []Deed
	Older string // path of the next page
}

// Deed is one line of the activity log.
type Deed struct {
	At    time.Time
	Actor string
	What  string // a sentence
}

// Advanced is the page of things that are done once.
type Advanced struct {
	Settings
	Messages int
	Form     Form // values: confirm
}

func settingsTabs(topic string) []Tab {
	at := "/topic/" + topic + "/settings"
	return []Tab{
		{"general", at, "settings.general"},
		{"tokens", at + "/tokens", "settings.tokens"},
		{"activity", at + "/activity", "settings.activity"},
		{"advanced", at + "/advanced", "settings.advanced"},
	}
}

func (s Settings) path(rest string) string { return "/topic/" + s.Topic + "/settings" + rest }

func (s Settings) title() string {
	if s.Display != "" {
		return s.Display
	}
	return s.Topic
}

// typedQuestion is a question answered by typing the topic's name; kind is "purge" or "delete".
func typedQuestion(ctx context.Context, kind string, v Advanced) Question {
	return Question{
		Title:  Say(ctx, kind+".title"),
		Body:   []string{Say(ctx, kind+".sure", Number(v.Messages))},
		Yes:    Say(ctx, kind+".action"),
		No:     Say(ctx, "keep"),
		Action: v.path("/" + kind),
		Back:   v.path("/advanced"),
		Kind:   "danger", Glyph: "trash",
	}
}

func retention(ctx context.Context, v General) Field {
	f := v.Form.field(ctx, "general", "retention_days", "number", templ.Attributes{"min": "0", "max": "36500", "step": "any", "inputmode": "numeric"})
	f.Help = Say(ctx, "general.retention_days.keeps", v.Retained)
	return f
}
