package pages

import (
	"time"

	"notifer/db"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
)

const maxUnread = 1000

// dayCounts spreads counts per day over the last days, the newest last; days without messages are zero.
func dayCounts(list []db.DayCount, now time.Time) []int {
	out := make([]int, frame.ChartDays)
	today := now.UTC().Truncate(24 * time.Hour)
	for _, d := range list {
		if back := int(today.Sub(d.Day).Hours() / 24); back >= 0 && back < frame.ChartDays {
			out[frame.ChartDays-1-back] = int(d.Count)
		}
	}
	return out
}

// topicRows is a list of topics as an account sees it: of those it may not read, only the name and description.
func (p *Pages) topicRows(c *request.Call, list []db.Topic) ([]web.TopicRow, error) {
	rows := make([]web.TopicRow, len(list))
	var readable []int64
	for i, t := range list {
		mine := t.OwnerID == c.User().ID
		rows[i] = web.TopicRow{Name: t.Name, Display: t.DisplayName, Description: web.MarkdownExcerpt(t.Description), Owner: t.OwnerName,
			Access: t.AccessLevel, Mine: mine, Readable: mine || c.User().IsAdmin || t.AccessLevel != db.Private}
		if rows[i].Readable {
			rows[i].LastAt = t.LastMessageAt
			readable = append(readable, t.ID)
		}
	}
	now := p.DB.Now()
	seen, err := p.DB.Overviews(c.R.Context(), c.User().ID, readable, frame.ChartStart(now), maxUnread)
	for i, t := range list {
		if rows[i].Readable {
			o := seen[t.ID]
			rows[i].Unread, rows[i].LastText, rows[i].Days = o.Unread, lastText(&o), dayCounts(o.Days, now)
		}
	}
	return rows, err
}

// webMessages are stored messages as their page shows them.
func webMessages(list []db.Message) []web.Message {
	out := make([]web.Message, len(list))
	for i, m := range list {
		v := web.Message{ID: m.ID.String(), TopicID: m.TopicID, At: m.At, Title: m.Title, Text: m.Body, Priority: m.Priority, Tags: m.TagList()}
		e := m.Extras()
		v.Markdown, v.Links = e.Markdown, messageLinks(e)
		out[i] = v
	}
	return out
}

// messageLinks are the buttons of a message that open an address. A page does not send requests for others, so actions of
// other kinds are left to the apps.
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
		text = web.MarkdownExcerpt(text)
	}
	if o.LastTitle != "" {
		text = o.LastTitle + ": " + text
	}
	return web.Excerpt(text)
}
