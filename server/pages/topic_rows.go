package pages

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"notifer/db"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
	"notifer/web/markdown"
)

const maxUnread = 1000

// dayCounts is the counts of the last frame.ChartDays days, the newest last.
func dayCounts(list []db.DayCount, now time.Time) []int {
	out := make([]int, frame.ChartDays)
	for _, d := range list {
		if i, ok := frame.DayIndex(d.Day, now, len(out)); ok {
			out[i] = int(d.Count)
		}
	}
	return out
}

// topicRows is a list of topics for the reader. Of a topic that the reader cannot read it contains only the name and the description.
func (p *Pages) topicRows(c *request.Call, list []db.Topic) ([]web.TopicRow, error) {
	reader := c.Reader()
	rows := make([]web.TopicRow, len(list))
	var readable []int64
	for i, t := range list {
		mine := t.OwnerID == reader.ID
		rows[i] = web.TopicRow{Name: t.Name, Display: t.DisplayName, Sign: signOf(&t), Description: markdown.Excerpt(t.Description), Owner: t.OwnerName,
			Access: t.AccessLevel, Mine: mine, Readable: mine || c.User() != nil && c.User().IsAdmin || t.AccessLevel != db.Private}
		if rows[i].Readable {
			rows[i].LastAt = t.LastMessageAt
			readable = append(readable, t.ID)
		}
	}
	now := p.DB.Now()
	seen, err := p.DB.Overviews(c.R.Context(), reader.ID, readable, frame.ChartStart(now), maxUnread)
	if err != nil {
		return nil, err
	}
	for i, t := range list {
		if rows[i].Readable {
			o := seen[t.ID]
			if c.Marker() == "" {
				o.Unread, o.Urgent = 0, false // the device does not mark what is read
			}
			rows[i].Unread, rows[i].Urgent, rows[i].Pinned = o.Unread, o.Urgent, o.Pinned
			rows[i].MayPin = c.User() != nil
			rows[i].LastText, rows[i].Days = lastText(&o), dayCounts(o.Days, now)
		}
	}
	return rows, nil
}

// signOf is how a topic looks in lists.
func signOf(t *db.Topic) web.Sign { return web.Sign{Icon: t.IconName, Color: t.IconColor} }

// webMessages are stored messages as their page shows them.
func webMessages(list []db.Message) []web.Message {
	out := make([]web.Message, len(list))
	for i, m := range list {
		v := web.Message{ID: m.ID.String(), TopicID: m.TopicID, At: m.At, Title: m.Title, Text: m.Body, Priority: m.Priority, Tags: m.TagList()}
		e := m.Extras()
		v.Markdown, v.Links = e.Markdown, messageLinks(e)
		if m.Sender != nil {
			v.Sender = &web.Sender{Kind: m.Sender.Kind, Name: m.Sender.Name}
		}
		out[i] = v
	}
	return out
}

// markAlerts adds to messages with a key the state of their alert, and whether it has changed since.
func (p *Pages) markAlerts(c *request.Call, list []db.Message, out []web.Message) error {
	keys := make([]db.AlertKey, 0, len(list))
	for i := range list {
		if key := list[i].Extras().Key; key != "" {
			keys = append(keys, db.AlertKey{TopicID: list[i].TopicID, Key: key})
		}
	}
	alerts, err := p.DB.AlertsAmong(c.R.Context(), keys)
	if err != nil {
		return err
	}
	for i := range list {
		if e := list[i].Extras(); e.Key != "" {
			a := alerts[db.AlertKey{TopicID: list[i].TopicID, Key: e.Key}]
			out[i].Alert = webAlert(&list[i], e, a)
		}
	}
	return nil
}

// webAlert is the alert of a message as its page shows it; now is the alert as it has become, empty when retention has deleted it.
func webAlert(m *db.Message, e db.Extras, now db.Alert) *web.Alert {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s", m.TopicID, e.Key))
	v := &web.Alert{Key: hex.EncodeToString(sum[:8]), Resolved: e.Resolved}
	switch {
	case now.Last <= m.ID:
	case now.ResolvedAt.IsZero():
		v.Later = "Updated later"
	default:
		v.Later = "Resolved later"
	}
	return v
}

// messageLinks are the buttons of a message that open a URL. A page does not send requests on behalf of a sender, so other actions are left
// to apps.
func messageLinks(e db.Extras) []web.Link {
	var list []web.Link
	if e.URL != "" {
		list = append(list, web.Link{URL: e.URL, Title: e.URLTitle})
	}
	for _, a := range e.Actions {
		if a.Type == "view" {
			list = append(list, web.Link{URL: a.URL, Title: a.Label})
		}
	}
	return list
}

// lastText is the newest message of a topic on one line.
func lastText(o *db.Overview) string {
	text := o.LastText
	if o.LastMarkdown {
		text = markdown.Excerpt(text)
	}
	if o.LastTitle != "" {
		text = o.LastTitle + ": " + text
	}
	return markdown.PlainExcerpt(text)
}
