package server

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"

	"notifer/server/request"
	"notifer/web"
)

const (
	flashCookie = "notifer_flash"
	themeCookie = "notifer_theme"
)

// note is a flash as its cookie holds it: a message id and what fills it in. It never holds a secret.
type note struct {
	Key  string   `json:"k"`
	Args []string `json:"a,omitempty"`
}

func (s *Server) setFlash(c *request.Call, key string, args ...string) {
	text, err := json.Marshal(note{key, args})
	if err != nil {
		return
	}
	s.keepCookie(c, flashCookie, base64.RawURLEncoding.EncodeToString(text), 60)
}

func (s *Server) takeFlash(c *request.Call) *web.Flash {
	k, err := c.R.Cookie(flashCookie)
	if err != nil {
		return nil
	}
	s.keepCookie(c, flashCookie, "", -1)
	text, err := base64.RawURLEncoding.DecodeString(k.Value)
	var n note
	if err != nil || json.Unmarshal(text, &n) != nil || !strings.HasPrefix(n.Key, "flash.") {
		return nil
	}
	f := &web.Flash{Key: n.Key}
	for _, a := range n.Args {
		f.Args = append(f.Args, a)
	}
	return f
}

// keepCookie stores a small value that only this site's pages read; age is in seconds, negative forgets it.
func (s *Server) keepCookie(c *request.Call, name, value string, age int) {
	http.SetCookie(c.W, &http.Cookie{Name: name, Value: value, Path: s.site.Base + "/", MaxAge: age, HttpOnly: true,
		SameSite: http.SameSiteLaxMode, Secure: s.site.Secure(c.R)})
}
