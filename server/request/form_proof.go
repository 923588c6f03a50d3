package request

import (
	"crypto/subtle"
	"net/http"

	"notifer/server/auth/secrets"
)

// proofField is the hidden field of forms that begin a session. Over plain HTTP a browser that sends no origin says nothing about where
// its form comes from; then the field has to hold what the page was given with a cookie. A page of another site can neither read it nor
// make the browser send the cookie with its own form.
const proofField = "proof"

const (
	proofEnding = "-form" // of the cookie
	proofLength = 22      // of 16 bytes in base64
)

// FormProof is the value of proofField for the page that answers a call, and gives the browser its cookie. It is empty where browsers
// say where a form comes from (Fetch Metadata).
func (s *Site) FormProof(c *Call) string {
	if c.R.Header.Get("Sec-Fetch-Site") != "" {
		return ""
	}
	if given := s.givenProof(c.R); given != "" {
		return given // a form in another tab has it too
	}
	cookie := s.newCookie(c.R)
	cookie.Name, cookie.Value = cookie.Name+proofEnding, secrets.New()[:proofLength]
	http.SetCookie(c.W, cookie)
	return cookie.Value
}

// givenProof is the value that the browser was given with a page, empty for none.
func (s *Site) givenProof(r *http.Request) string {
	if c, err := r.Cookie(s.newCookie(r).Name + proofEnding); err == nil && len(c.Value) == proofLength {
		return c.Value
	}
	return ""
}

// provesForm reports whether a form comes from a page that this browser was given.
func (s *Site) provesForm(c *Call) (bool, error) {
	given := s.givenProof(c.R)
	if given == "" || IsJSON(c.R.Header.Get("Content-Type")) {
		return false, nil
	}
	form, err := c.readForm()
	return err == nil && subtle.ConstantTimeCompare([]byte(form.Get(proofField)), []byte(given)) == 1, err
}
