package keys

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/pages/frame"
	"notifer/server/request"
	"notifer/web"
)

var errNoPush = &request.Problem{Status: http.StatusNotFound, Detail: "web push is turned off on this server"}

// subscribed is what the page's script gets about its own device.
type subscribed struct {
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Topics []string `json:"topics"` // that it follows
}

// answer says what the server knows of the browser's device.
func (p *Keys) answer(c *request.Call, d db.Device) error {
	topics, err := p.topicsOf(c, d)
	if err != nil {
		return err
	}
	out := subscribed{d.ID, d.Name, []string{}}
	for _, t := range topics {
		out.Topics = append(out.Topics, t.Topic)
	}
	request.WriteJSON(c.W, http.StatusOK, out)
	return nil
}

// SubmitDevice stores the subscription of the browser that sends it, and the topic that it is to follow; a device that follows
// none and names none follows all topics of the account.
func (p *Keys) SubmitDevice(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	if p.Settings.Push == nil {
		return errNoPush
	}
	d, err := p.readDevice(c, f)
	if err != nil {
		return err
	}
	topic, err := p.followed(c, f.Value("topic"))
	if err != nil {
		return err
	}
	err = p.Manage.AddDevice(&d, topic, leastPriority(f.Value("least")))
	if err == nil {
		err = p.Settings.Push.RefreshFollowers()
	}
	if err != nil {
		return err
	}
	return p.answer(c, d)
}

// SubmitRenewal replaces the subscription of a device, which the push service has renewed. The old one, which only the device
// knows, proves that it is the same, so no recent sign-in is needed: no page is shown then.
func (p *Keys) SubmitRenewal(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	if p.Settings.Push == nil {
		return errNoPush
	}
	d, err := p.readDevice(c, f)
	if err == nil {
		err = p.Manage.RenewDevice(f.Value("old"), &d)
	}
	if err == nil {
		err = p.Settings.Push.RefreshFollowers()
	}
	if err != nil {
		return err
	}
	return p.answer(c, d)
}

// readDevice reads a subscription as PushSubscription.toJSON has it.
func (p *Keys) readDevice(c *request.Call, f web.Form) (db.Device, error) {
	d := db.Device{UserID: c.Reader().ID, Name: f.Value("name"), Endpoint: f.Value("endpoint"), Base: p.Site.Link(c.R, ""), Zone: frame.BrowserZone(c)}
	if c.Who.Paired() {
		d.KeyID = c.Who.Key().ID
	} else if s := c.Who.Session(); s != nil {
		d.SessionID = s.ID
	}
	if err := p.Settings.Push.Check(d.Endpoint); err != nil {
		return d, request.Unprocessable("the subscription leads to %v; an admin can add it to push.hosts", err)
	}
	d.P256dh, d.Secret = readKey(f.Value("p256dh")), readKey(f.Value("auth"))
	return d, nil
}

// leastPriority is the priority from which messages are pushed; 1 unless another is named.
func leastPriority(s string) int {
	if n, err := strconv.Atoi(s); err == nil && n >= 1 && n <= 5 {
		return n
	}
	return 1
}

// followed is a topic that the reader may read; nil for no name.
func (p *Keys) followed(c *request.Call, name string) (*db.Topic, error) {
	if name == "" {
		return nil, nil
	}
	t, err := p.DB.Topic(c.R.Context(), name)
	if err != nil {
		return nil, err
	}
	if c.Who.Paired() && t.OwnerID != c.Reader().ID {
		return nil, db.ErrNotFound
	}
	if _, err := p.Auth.Reauthorize(c.R.Context(), c.Who, auth.Stream, t.ID, t.Name); err != nil {
		return nil, err
	}
	return &t, nil
}

// readKey decodes a key of a subscription, nil for what is not base64url.
func readKey(text string) []byte {
	key, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil {
		return nil
	}
	return key
}
