package auth

import (
	"context"
	"encoding/base64"
	"strings"
)

func (a *Auth) addOther(_ context.Context, _ *Principal, s string) error {
	r := unauthenticated(WrongHeader, "this Authorization scheme is not known: use X-Topic-Token, X-API-Key or Authorization: Bearer")
	r.Hint = "Send a topic token as X-Topic-Token, an API key as X-API-Key."
	if strings.Contains(s, TokenPrefix) || strings.Contains(basicText(s), TokenPrefix) {
		r.Hint = "That is a topic token in the wrong header: send it as X-Topic-Token."
	}
	return r
}

// basicText is the user and password of basic authentication, RFC 7617; empty for other schemes.
func basicText(s string) string {
	scheme, rest, _ := strings.Cut(s, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return ""
	}
	text, err := base64.StdEncoding.DecodeString(strings.TrimSpace(rest))
	if err != nil {
		return ""
	}
	return string(text)
}
