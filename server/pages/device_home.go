package pages

import (
	"net/http"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
)

// showDeviceHome answers a paired device with its first page: its topics, and what it can do.
func (p *Pages) showDeviceHome(c *request.Call) error {
	u, k := c.Reader(), c.Who.Key()
	if k.Has(auth.ScopeSubscribe) {
		p.Site.RenewCookie(c.W, c.R, p.DB.Now().Add(frame.PairedCookieTTL))
	}
	list, err := p.DB.Topics(c.R.Context(), db.TopicFilter{Owner: u.ID, Within: c.Who.Within(), Unread: c.Marker(), Limit: inboxStreams})
	if err != nil {
		return err
	}
	rows, err := p.topicRows(c, list)
	if err != nil {
		return err
	}
	return p.Render(c, http.StatusOK, web.DeviceHomePage(web.DeviceHome{Name: k.Name, Owner: u.Username, Topics: rows, Stream: streamOf(readable(rows)),
		Publish: k.Has(auth.ScopePublish)}))
}
