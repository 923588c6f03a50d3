package server

import (
	"net/http"
	"os"
	"time"

	"notifer/db"
	"notifer/server/request"
	"notifer/web"
)

// backupDue is the age of the last backup at which the page of the server says so.
const backupDue = 7 * 24 * time.Hour

func (s *Server) showServer(c *request.Call) error {
	return s.serverView(c, http.StatusOK, web.Form{})
}

// serverView shows the server; the form is the one of a backup.
func (s *Server) serverView(c *request.Call, status int, f web.Form) error {
	ctx := c.R.Context()
	users, err := s.d.Users(ctx)
	if err != nil {
		return err
	}
	topics, err := s.d.CountTopics(ctx, db.TopicFilter{All: true})
	if err != nil {
		return err
	}
	days, err := s.d.AllMessageDays(ctx, chartStart(s.d.Now()))
	if err != nil {
		return err
	}
	messages, err := s.d.CountMessages(ctx)
	if err != nil {
		return err
	}
	backup, err := s.d.LastBackup(ctx)
	if err != nil {
		return err
	}
	v := web.Server{Version: s.c.Version, StartedAt: s.began, Users: len(users), Topics: topics, Messages: int(messages),
		Streams: s.hub.Open(), Days: dayCounts(days, s.d.Now()), Database: web.Bytes(fileSize(s.d.Path()) + fileSize(s.d.Path()+"-wal")),
		LastBackup: backup, Form: f, Again: s.site.Stale(c)}
	if free, total, ok := s.d.DiskFree(); ok {
		v.DiskLeft, v.DiskTotal = web.Bytes(free), web.Bytes(total)
	}
	v.Warnings = s.warnings(c, v.LastBackup)
	if s.c.Checks != nil {
		for _, k := range s.c.Checks() {
			v.Checks = append(v.Checks, web.Finding{Name: k.Name, State: k.State, Text: k.Text})
		}
	}
	return s.render(c, status, web.ServerPage(v))
}

// warnings are what an admin should know and may not have noticed.
func (s *Server) warnings(c *request.Call, backup time.Time) []string {
	var list []string
	if s.d.Now().Sub(backup) > backupDue {
		list = append(list, web.WarnBackup)
	}
	if s.site.BaseURL == nil {
		list = append(list, web.WarnBase)
	}
	if c.R.Header.Get("X-Forwarded-For") != "" && !s.site.Trusted(c.R) {
		list = append(list, web.WarnProxy)
	}
	return list
}

func fileSize(path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return 0
	}
	return info.Size()
}

func (s *Server) showAllTopics(c *request.Call) error {
	rows, newer, older, err := s.topicPage(c, db.TopicFilter{All: true}, "/admin/topics?all")
	if err != nil {
		return err
	}
	return s.render(c, http.StatusOK, web.AllTopicsPage(web.AllTopics{Topics: rows, Newer: newer, Older: older}))
}
