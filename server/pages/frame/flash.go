package frame

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"notifer/server/request"
	"notifer/web"
)

// ThemeCookie holds the chosen theme, so that pages before the sign-in have it too.
const ThemeCookie = "notifer_theme"

const (
	flashCookie = "notifer_flash"
	zoneCookie  = "notifer_zone" // written by the page's script: the browser's time zone
)

// flashValue is a flash as its cookie holds it: a message id and what fills it in. It never holds a secret.
type flashValue struct {
	Key  string   `json:"k"`
	Args []string `json:"a,omitempty"`
}

func (p *Frame) setFlash(c *request.Call, key string, args ...string) {
	text, err := json.Marshal(flashValue{key, args})
	if err != nil {
		return
	}
	p.SetSmallCookie(c, flashCookie, base64.RawURLEncoding.EncodeToString(text), 60)
}

func (p *Frame) takeFlash(c *request.Call) *web.Flash {
	k, err := c.R.Cookie(flashCookie)
	if err != nil || prefetched(c.R) { // asking in advance does not use it up
		return nil
	}
	p.SetSmallCookie(c, flashCookie, "", -1)
	text, err := base64.RawURLEncoding.DecodeString(k.Value)
	var n flashValue
	if err != nil || json.Unmarshal(text, &n) != nil || !strings.HasPrefix(n.Key, "flash.") {
		return nil
	}
	f := &web.Flash{Key: n.Key}
	for _, a := range n.Args {
		f.Args = append(f.Args, a)
	}
	return f
}

// SetSmallCookie stores a small value that only this site's pages read; age is in seconds, negative forgets it.
func (p *Frame) SetSmallCookie(c *request.Call, name, value string, age int) {
	http.SetCookie(c.W, &http.Cookie{Name: name, Value: value, Path: p.Site.Base + "/", MaxAge: age, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: p.Site.Secure(c.R)})
}
