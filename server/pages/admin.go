package pages

import (
	"net/http"
	"net/url"
	"slices"

	"notifer/db"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
)

func (p *Pages) ShowServer(c *request.Call) error {
	return p.serverView(c, http.StatusOK, web.Form{})
}

// serverView answers with the page of the server; the form is that of the backup.
func (p *Pages) serverView(c *request.Call, status int, f web.Form) error {
	ctx := c.R.Context()
	users, err := p.DB.Users(ctx)
	if err != nil {
		return err
	}
	topics, err := p.DB.CountTopics(ctx, db.TopicFilter{All: true})
	if err != nil {
		return err
	}
	days, err := p.DB.AllMessageDays(ctx, frame.ChartStart(p.DB.Now()))
	if err != nil {
		return err
	}
	messages, err := p.DB.CountMessages(ctx)
	if err != nil {
		return err
	}
	backup, err := p.DB.LastBackup(ctx)
	if err != nil {
		return err
	}
	main, wal := p.DB.Sizes()
	v := web.Server{Version: p.Settings.Version, StartedAt: p.began, Users: len(users), Topics: topics, Messages: int(messages),
		Streams: p.hub.Open(), Days: dayCounts(days, p.DB.Now()), Database: web.Bytes(main + wal),
		LastBackup: backup, Form: f, Again: p.Site.Stale(c)}
	if free, total, ok := p.DB.DiskFree(); ok {
		v.DiskLeft, v.DiskTotal = web.Bytes(free), web.Bytes(total)
	}
	v.Checks = p.Settings.Checks()
	v.Warnings = p.warnings(c, v.Checks)
	return p.Render(c, status, web.ServerPage(v))
}

// warnings are what an admin should know but may not have noticed.
func (p *Pages) warnings(c *request.Call, checks []web.Finding) []string {
	var list []string
	if slices.ContainsFunc(checks, func(f web.Finding) bool { return f.Name == "backup" && f.State != "ok" }) {
		list = append(list, web.WarnBackup)
	}
	if p.Site.BaseURL == nil {
		list = append(list, web.WarnBase)
	}
	if p.Site.UntrustedProxy(c.R) {
		list = append(list, web.WarnProxy)
	}
	return list
}

func (p *Pages) ShowAllTopics(c *request.Call) error {
	words := filterWords(c)
	list, newer, older, err := p.listTopics(c, db.TopicFilter{All: true, Words: words, ByOwner: true}, "/admin/topics", url.Values{})
	if err != nil {
		return err
	}
	sizes, err := p.DB.TopicSizes(c.R.Context(), list)
	if err != nil {
		return err
	}
	v := web.AllTopics{Words: words, Newer: newer, Older: older}
	for _, t := range list {
		s := sizes[t.ID]
		v.Topics = append(v.Topics, web.AdminTopic{Name: t.Name, Display: t.DisplayName, Sign: signOf(&t), Access: t.AccessLevel, Owner: t.OwnerName, OwnerID: t.OwnerID,
			Messages: int(t.MessageCount), Tokens: s.Tokens, Size: web.Bytes(s.Bytes), LastAt: t.LastMessageAt})
	}
	return p.Render(c, http.StatusOK, web.AllTopicsPage(v))
}
