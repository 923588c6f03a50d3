package db

import "encoding/json"

// Extras are the fields that few messages carry.
type Extras struct {
	Markdown bool     `json:"markdown,omitempty"`
	URL      string   `json:"link,omitempty"`
	URLTitle string   `json:"link_title,omitempty"`
	Actions  []Action `json:"actions,omitempty"`
	Key      string   `json:"key,omitempty"` // what the message is about; see Alert
	Resolved bool     `json:"resolved,omitempty"`
}

// Action is a button under a message.
type Action struct {
	Type    string            `json:"type"`
	Label   string            `json:"label"`
	URL     string            `json:"link,omitempty"`
	Options map[string]string `json:"options,omitempty"`
}

// onlyMarkdown is the stored form of most messages that have extras at all; it is read without a JSON decoder.
const onlyMarkdown = `{"markdown":true}`

// SetExtras gives a message its extras, before it is published or inside a function of UpdateMessage.
func (m *Message) SetExtras(e Extras) {
	m.key, m.resolved = e.Key, e.Resolved
	if !e.Markdown && e.URL == "" && e.URLTitle == "" && len(e.Actions) == 0 && e.Key == "" {
		m.extra = ""
		return
	}
	text, err := json.Marshal(e)
	if err != nil {
		panic(err) // strings, a bool and a map of strings always have a JSON form
	}
	m.extra = string(text)
}

// Extras returns a message's extras. It decodes them on each call, so that a scan of many messages pays for none.
func (m *Message) Extras() Extras { return readExtras(m.extra) }

// ExtrasText is the stored form of the extras, empty when there are none: equal texts mean equal extras, and every
// string in them is part of it.
func (m *Message) ExtrasText() string { return m.extra }

// Size is the bytes that the sender has chosen of what is stored.
func (m *Message) Size() int { return len(m.Body) + len(m.Title) + len(m.Tags) + len(m.extra) }

// readExtras decodes the column extra. Text that cannot be decoded counts as no extras.
func readExtras(stored string) (e Extras) {
	switch {
	case stored == "":
	case stored == onlyMarkdown:
		e.Markdown = true
	case stored[0] != '{':
		return readOldExtras(stored)
	case json.Unmarshal([]byte(stored), &e) != nil:
		return Extras{}
	}
	return e
}

// readOldExtras decodes the form of the first releases: the inside of a JSON object in the words of the HTTP interface.
// Such rows are not rewritten at an upgrade; they leave the store by retention.
func readOldExtras(stored string) Extras {
	var old struct {
		Markdown bool   `json:"markdown"`
		URL      string `json:"url"`
		URLTitle string `json:"url_title"`
		Actions  []struct {
			Type    string            `json:"type"`
			Label   string            `json:"label"`
			URL     string            `json:"url"`
			Options map[string]string `json:"options"`
		} `json:"actions"`
	}
	if json.Unmarshal([]byte("{"+stored+"}"), &old) != nil {
		return Extras{}
	}
	e := Extras{Markdown: old.Markdown, URL: old.URL, URLTitle: old.URLTitle}
	for _, a := range old.Actions {
		e.Actions = append(e.Actions, Action(a))
	}
	return e
}
