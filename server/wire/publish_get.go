package wire

import (
	"errors"
	"net/http"
	"strings"

	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/request"
)

// PublishByGet publishes what the query and the headers hold, for devices that can only call a URL. It takes a topic token
// that may publish and nothing else, and nothing that a browser does by itself: a link on another site, or a page fetched
// in advance, must not publish.
func (w *Wire) PublishByGet(c *request.Call) error {
	t, h := c.Who.Token(), c.R.Header
	switch {
	case c.R.Method != http.MethodGet:
		c.W.Header().Set("Allow", "GET, OPTIONS")
		return &request.Problem{Status: http.StatusMethodNotAllowed, Detail: c.R.Method + " is not allowed here: use GET, or POST to /" + c.Topic.Name}
	case c.Who.Anonymous():
		return &auth.Refusal{Kind: auth.ErrUnauthenticated, Reason: auth.NoCredential, Detail: "publishing by GET needs a topic token: add ?token=tk_... to the URL"}
	case t == nil || !t.CanPublish:
		return &auth.Refusal{Kind: auth.ErrForbidden, Reason: auth.Permission, Detail: "publishing by GET needs a topic token that may publish: use POST with this credential"}
	case h.Get("Sec-Purpose") != "" || strings.EqualFold(h.Get("Purpose"), "prefetch") || strings.EqualFold(h.Get("X-Moz"), "prefetch"):
		return &request.Problem{Status: http.StatusForbidden, Detail: "a URL that publishes is not fetched in advance"}
	case h.Get("Sec-Fetch-Site") == "cross-site" || h.Get("Sec-Fetch-Site") == "same-site":
		return &request.Problem{Status: http.StatusForbidden, Detail: "a URL that publishes is not called by a page of another site"}
	}
	c.W.Header().Set("Cache-Control", "no-store")
	err := w.Publish(c)
	var flaw *manage.Error
	if errors.As(err, &flaw) && flaw.Field == "message" && c.Query.Get("message") == "" {
		return request.Unprocessable("the message is empty: add ?message=TEXT to the URL, or &message=TEXT after other fields")
	}
	return err
}
