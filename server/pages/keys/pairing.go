package keys

import (
	"errors"
	"net/http"
	"strings"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
	"notifer/server/pages/frame"
	"notifer/server/qr"
	"notifer/server/request"
	"notifer/web"
	views "notifer/web/account"
)

// JoinPath is where a device shows the code of its pairing. The code is behind #, which a browser never sends.
const JoinPath = "/devices/join"

// ShowNewPairing shows the form for pairing a device.
func (p *Keys) ShowNewPairing(c *request.Call) error {
	return p.newPairing(c, http.StatusOK, views.NewPairing{Form: web.Form{Values: map[string]string{}}})
}

// newPairing completes and answers with the form.
func (p *Keys) newPairing(c *request.Call, status int, v views.NewPairing) error {
	var err error
	if v.Topics, err = p.DB.OwnTopicNames(c.R.Context(), c.User().ID); err != nil {
		return err
	}
	return p.Render(c, status, views.NewPairingPage(v))
}

// SubmitNewPairing makes an offer and goes on to the page that shows its code, once.
func (p *Keys) SubmitNewPairing(c *request.Call) error {
	f, all, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	for _, name := range all["topic"] {
		f.Values["topic-"+name] = "1"
	}
	v := views.NewPairing{Form: f}
	if v.Match, err = p.matchOf(c, f); err != nil {
		return err
	}
	if v.Match != nil {
		return p.newPairing(c, http.StatusUnprocessableEntity, v)
	}
	offer, code, err := p.Manage.OfferPairing(manage.ActorOf(c.Who), manage.PairingValues{Name: f.Value("name"),
		Topics: append(patternsOf(f.Value("topics")), all["topic"]...), Publish: f.Value("publish") != "", OwnReader: f.Value("own") != ""})
	if v.Form = keyProblems(f, err); len(v.Form.Problems) > 0 {
		return p.newPairing(c, http.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	p.KeepSecret(c, offer.ID, code)
	return p.SeeOther(c, "/devices/pair/"+offer.ID, "")
}

// ShowPairing shows the code of an offer, once, and afterwards what has become of it.
func (p *Keys) ShowPairing(c *request.Call) error {
	offer, err := p.DB.Pairing(c.R.Context(), c.User().ID, c.R.PathValue("id"))
	if err != nil {
		return err
	}
	v := views.Pairing{ID: offer.ID, Name: offer.Name, Over: !p.DB.Now().Before(offer.ExpiresAt), Done: offer.KeyID != "",
		Left: offer.ExpiresAt.Sub(p.DB.Now())}
	if c.R.Header.Get("Accept") == "application/json" {
		request.WriteJSON(c.W, http.StatusOK, map[string]any{"paired": v.Done, "over": v.Over})
		return nil
	}
	if v.Done || v.Over {
		return p.Render(c, http.StatusOK, views.PairingPage(v))
	}
	code, _, err := p.TakeSecret(c, offer.ID)
	if err != nil {
		return err
	}
	if code == "" {
		return p.Render(c, http.StatusOK, views.PairingPage(v))
	}
	v.URL, v.Code = p.Site.Link(c.R, JoinPath), groups(code)
	if text := v.URL + "#" + code; len(text) <= qr.Longest { // else it is typed
		drawn, err := qr.Encode(text)
		if err != nil {
			return err
		}
		v.Size, v.Path = drawn.Size(), drawn.Path()
	}
	return p.Render(c, http.StatusOK, views.PairingPage(v))
}

// groups writes a code in groups of four, for people.
func groups(code string) string {
	var out []string
	for len(code) > 4 {
		out, code = append(out, code[:4]), code[4:]
	}
	return strings.Join(append(out, code), " ")
}

// ShowPair is the page that the code leads to. It pairs only when its button is pressed: else a link could sign people in to
// what they do not expect.
func (p *Keys) ShowPair(c *request.Call) error {
	return p.Render(c, http.StatusOK, views.PairPage(p.pairView(c)))
}

func (p *Keys) pairView(c *request.Call) views.JoinDevice {
	v := views.JoinDevice{Paired: c.Who.Paired()}
	if u := c.User(); u != nil {
		v.User = u.Username
	}
	return v
}

// SubmitPair trades a code for a session.
func (p *Keys) SubmitPair(c *request.Call) error {
	f, _, err := p.ReadForm(c)
	if err != nil {
		return err
	}
	var sid string
	var s db.Session
	err = p.Site.Guarded(c, "pairing", func() (err error) {
		sid, s, err = p.Manage.Pair(c.Who, f.Value("code"), c.R.UserAgent())
		return err
	})
	v := p.pairView(c)
	switch {
	case errors.Is(err, auth.ErrUnauthenticated):
		v.Problem = "This code is wrong, has expired or was used. Check it, or get a new one."
	case errors.Is(err, db.ErrLimit):
		v.Problem = "The account has too many paired devices. Remove one first."
	case err != nil:
		return err
	}
	if v.Problem != "" {
		return p.Render(c, http.StatusUnprocessableEntity, views.PairPage(v))
	}
	p.Site.SetCookie(c.W, c.R, sid, p.DB.Now().Add(frame.PairedCookieTTL))
	p.Site.Log.Info("a device was paired", "key", s.KeyID, "user", s.UserID)
	return p.SeeOther(c, "/", "flash.paired")
}
