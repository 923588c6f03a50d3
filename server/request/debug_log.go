package request

import (
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"notifer/server/api"
	"notifer/server/auth"
)

// logRequest writes the line of a request at debug level: enough to see why a job was refused yesterday, with no secret and
// nothing that a stranger chose freely.
func (s *Site) logRequest(c *Call, err error) {
	if !s.Log.Enabled(c.R.Context(), slog.LevelDebug) {
		return
	}
	status := c.reply.status
	if status == 0 {
		status = http.StatusOK
	}
	list := []any{"method", c.R.Method, "route", c.Route.Pattern, "status", status,
		"ms", c.milliseconds(), "ip", c.IP()}
	if name := c.R.PathValue("topic"); api.IsTopicName(name) {
		list = append(list, "topic", name)
	}
	refusal, refused := errors.AsType[*auth.Refusal](err)
	switch {
	case refused && refusal.SecretHint != "":
		list = append(list, "credential", refusal.SecretHint)
	case c.Who != nil && c.Who.Token() != nil:
		list = append(list, "credential", c.Who.Token().Hint)
	case c.Who != nil && c.Who.Key() != nil:
		list = append(list, "credential", c.Who.Key().Hint)
	}
	if refused {
		list = append(list, "reason", string(refusal.Reason))
	}
	if err != nil {
		p, _ := Explain(err)
		detail, _, _ := strings.Cut(p.Detail, `"`) // what is quoted is the sender's
		list = append(list, "detail", strings.TrimSpace(detail))
	}
	s.Log.Debug("request", list...)
}

// milliseconds is the time since the request began.
func (c *Call) milliseconds() float64 {
	return float64(c.Site.DB.Now().Sub(c.Began).Microseconds()) / 1000
}
