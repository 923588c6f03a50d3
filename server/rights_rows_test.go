package server_test

import (
	"encoding/base64"
	"net/http"
	"strings"

	"notifer/server/auth/secrets"
)

// credentials puts the credential of each row of the rights tables into a request about a topic.
var credentials = map[string]func(w *world, topic string, r *http.Request){
	"none":                                                func(*world, string, *http.Request) {},
	"ended cookie":                                        func(w *world, _ string, r *http.Request) { cookie(r, w.secrets["logged out cookie"]) },
	"malformed token":                                     token(func(*world, string) string { return "tk_short" }),
	"unknown token":                                       token(func(*world, string) string { return unknownToken }),
	"revoked token":                                       token(ofTopic("revoked")),
	"expired token":                                       token(ofTopic("expired")),
	"token of another topic":                              token(func(w *world, _ string) string { return w.secrets[elsewhere+" both"] }),
	"token of another topic in the query":                 inQuery(func(w *world, _ string) string { return w.secrets[elsewhere+" both"] }),
	"token of a deleted topic":                            token(func(w *world, topic string) string { return w.secrets[topic+" deleted"] }),
	"token in X-API-Key":                                  key(ofTopic("both")),
	"key in X-Topic-Token":                                token(named("owner *")),
	"key in the query":                                    inQuery(named("owner *")),
	"empty X-Topic-Token":                                 token(func(*world, string) string { return "" }),
	"revoked key":                                         key(named("owner revoked key")),
	"expired key":                                         key(named("owner expired key")),
	"malformed key":                                       key(func(*world, string) string { return "noti_short" }),
	"unknown key":                                         key(func(*world, string) string { return unknownKey }),
	"basic authorization":                                 header("Authorization", func(*world, string) string { return "Basic b3duZXI6cGFzcw==" }),
	"digest authorization":                                header("Authorization", func(*world, string) string { return `Digest username="owner", nonce="tk_"` }),
	"JWT alg none":                                        bearer(named("alg none")),
	"JWT wrong signature":                                 bearer(named("wrong signature")),
	"JWT expired":                                         bearer(named("expired JWT")),
	"JWT wrong audience":                                  bearer(named("wrong audience")),
	"JWT logged out":                                      bearer(named("logged out JWT")),
	"JWT old password":                                    bearer(named("old password JWT")),
	"JWT disabled user":                                   bearer(named("disabled JWT")),
	"key of a disabled user":                              key(named("disabled *")),
	"token and bad key":                                   both(token(ofTopic("both")), key(func(*world, string) string { return unknownKey })),
	"token and bad JWT":                                   both(token(ofTopic("both")), bearer(named("wrong signature"))),
	"key and bad token":                                   both(key(named("owner *")), token(func(*world, string) string { return unknownToken })),
	"JWT and unknown token in the query":                  both(bearer(named("owner JWT")), inQuery(func(*world, string) string { return unknownToken })),
	"token publish":                                       token(ofTopic("publish")),
	"token subscribe":                                     token(ofTopic("subscribe")),
	"token both":                                          token(ofTopic("both")),
	"token publish in the query":                          inQuery(ofTopic("publish")),
	"token subscribe in the query":                        inQuery(ofTopic("subscribe")),
	"token both as bearer":                                bearer(ofTopic("both")),
	"token both as the user of basic":                     basic(ofTopic("both"), nothing),
	"token both as the password of basic":                 basic(nothing, ofTopic("both")),
	"token both beside basic authorization":               both(token(ofTopic("both")), header("Authorization", func(*world, string) string { return "Basic b3duZXI6cGFzcw==" })),
	"unknown token as the password of basic":              basic(nothing, func(*world, string) string { return unknownToken }),
	"owner's key * as the password of basic":              basic(nothing, named("owner *")),
	"owner's key *":                                       key(named("owner *")),
	"owner's key * as bearer":                             bearer(named("owner *")),
	"owner's key publish":                                 key(named("owner publish")),
	"owner's key subscribe":                               key(named("owner subscribe")),
	"owner's key topics:read":                             key(named("owner topics:read")),
	"owner's key topics:write":                            key(named("owner topics:write")),
	"owner's key * limited to the topic":                  key(named("owner * limited")),
	"owner's key publish limited to the topic":            key(named("owner publish limited")),
	"owner's key subscribe limited to the topic":          key(named("owner subscribe limited")),
	"owner's key topics:write limited to the topic":       key(named("owner topics:write limited")),
	"owner's key * limited to another topic":              key(named("owner * elsewhere")),
	"owner's key publish limited to another topic":        key(named("owner publish elsewhere")),
	"JWT of the owner":                                    bearer(named("owner JWT")),
	"JWT of the owner in the query":                       inQuery(named("owner JWT")),
	"cookie of the owner":                                 func(w *world, _ string, r *http.Request) { cookie(r, w.secrets["owner cookie"]) },
	"cookie of the owner's paired device":                 func(w *world, _ string, r *http.Request) { cookie(r, w.secrets["paired subscribe"]) },
	"cookie of the owner's publishing device":             func(w *world, _ string, r *http.Request) { cookie(r, w.secrets["paired publish"]) },
	"cookie of a device for another topic":                func(w *world, _ string, r *http.Request) { cookie(r, w.secrets["paired elsewhere"]) },
	"removed device":                                      func(w *world, _ string, r *http.Request) { cookie(r, w.secrets["paired removed"]) },
	"cookie of the owner beside basic authorization":      both(func(w *world, _ string, r *http.Request) { cookie(r, w.secrets["owner cookie"]) }, basic(nothing, nothing)),
	"cookie from another site beside basic authorization": both(foreign("Sec-Fetch-Site", "cross-site"), basic(nothing, nothing)),
	"JWT of an admin":                                     bearer(named("root JWT")),
	"cookie of an admin":                                  func(w *world, _ string, r *http.Request) { cookie(r, w.secrets["root cookie"]) },
	"other's key *":                                       key(named("other *")),
	"other's key publish":                                 key(named("other publish")),
	"other's key subscribe":                               key(named("other subscribe")),
	"other's key topics:read":                             key(named("other topics:read")),
	"JWT of another user":                                 bearer(named("other JWT")),
	"cookie of another user":                              func(w *world, _ string, r *http.Request) { cookie(r, w.secrets["other cookie"]) },
	"JWT of an account with a new password due":           bearer(named("due JWT")),
	"cookie of an account with a new password due":        func(w *world, _ string, r *http.Request) { cookie(r, w.secrets["due cookie"]) },
	"cookie from another site":                            foreign("Sec-Fetch-Site", "cross-site"),
	"cookie from a sibling site":                          foreign("Sec-Fetch-Site", "same-site"),
	"cookie with a null origin":                           foreign("Origin", "null"),
	"token publish and the owner's key *":                 both(token(ofTopic("publish")), key(named("owner *"))),
	"token subscribe and another user's JWT":              both(token(ofTopic("subscribe")), bearer(named("other JWT"))),
	"two different tokens":                                both(token(ofTopic("publish")), inQuery(ofTopic("both"))),
	"owner's key topics:write and another user's JWT":     both(key(named("owner topics:write")), bearer(named("other JWT"))),
	"token header twice":                                  both(token(ofTopic("both")), token(ofTopic("both"))),
	"token in the query twice":                            both(inQuery(ofTopic("both")), inQuery(ofTopic("both"))),
	"key header twice":                                    both(key(named("owner *")), key(named("owner *"))),
	"authorization twice":                                 both(bearer(named("owner JWT")), bearer(named("owner JWT"))),
}

// Secrets of the right form that no store knows.
var (
	unknownToken = secrets.NewToken()
	unknownKey   = secrets.NewKey()
)

type secretOf func(w *world, topic string) string

// ofTopic is a secret of the request's topic, or, where that is no topic with tokens, of the private one.
func ofTopic(name string) secretOf {
	return func(w *world, topic string) string {
		if s, ok := w.secrets[topic+" "+name]; ok {
			return s
		}
		return w.secrets["t-private "+name]
	}
}

func named(name string) secretOf {
	return func(w *world, _ string) string { return w.secrets[name] }
}

func header(name string, of secretOf) func(*world, string, *http.Request) {
	return func(w *world, topic string, r *http.Request) { r.Header.Add(name, of(w, topic)) }
}

func token(of secretOf) func(*world, string, *http.Request) { return header("X-Topic-Token", of) }
func key(of secretOf) func(*world, string, *http.Request)   { return header("X-API-Key", of) }

func bearer(of secretOf) func(*world, string, *http.Request) {
	return header("Authorization", func(w *world, topic string) string { return "Bearer " + of(w, topic) })
}

func nothing(*world, string) string { return "x" }

// basic puts secrets into the user and the password of basic authentication.
func basic(user, password secretOf) func(*world, string, *http.Request) {
	return header("Authorization", func(w *world, topic string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(user(w, topic)+":"+password(w, topic)))
	})
}

func inQuery(of secretOf) func(*world, string, *http.Request) {
	return func(w *world, topic string, r *http.Request) {
		r.URL.RawQuery = strings.TrimPrefix(r.URL.RawQuery+"&token="+of(w, topic), "&")
	}
}

func both(first, second func(*world, string, *http.Request)) func(*world, string, *http.Request) {
	return func(w *world, topic string, r *http.Request) { first(w, topic, r); second(w, topic, r) }
}

func cookie(r *http.Request, value string) { r.AddCookie(&http.Cookie{Name: "notifer", Value: value}) }

func foreign(name, value string) func(*world, string, *http.Request) {
	return func(w *world, _ string, r *http.Request) {
		cookie(r, w.secrets["owner cookie"])
		r.Header.Set(name, value)
	}
}

// caller is the account of a row, for routes about the caller's own things.
func caller(row string) string {
	switch {
	case strings.Contains(row, "admin"):
		return "root"
	case strings.Contains(row, "another user") || strings.Contains(row, "other's"):
		return "other"
	}
	return "owner"
}

// upgrade makes a request a WebSocket handshake.
func upgrade(r *http.Request) {
	r.Header.Set("Connection", "Upgrade")
	r.Header.Set("Upgrade", "websocket")
	r.Header.Set("Sec-WebSocket-Version", "13")
	r.Header.Set("Sec-WebSocket-Key", base64.StdEncoding.EncodeToString(make([]byte, 16)))
}
