package request

import (
	"errors"
	"fmt"
	"strings"

	"notifer/server/auth"
	"notifer/server/auth/secrets"
)

// misplaced adds to the refusal of a request without a credential where one came that is not looked for.
func misplaced(c *Call, err error) error {
	r, ok := errors.AsType[*auth.Refusal](err)
	if !ok || r.Reason != auth.NoCredential {
		return err
	}
	place, kind := placeOfSecret(c)
	if kind == "" {
		return err
	}
	inURL := ", or as ?token= in the URL"
	if c.Site.Auth.RefusesInURLs() {
		inURL = ""
	}
	refusal := *r
	refusal.Hint = fmt.Sprintf("A topic token came in %s, which is not looked at. Send it as X-Topic-Token%s.", place, inURL)
	if kind == secrets.KeyPrefix {
		refusal.Hint = fmt.Sprintf("An API key came in %s, which is not looked at. Send it as X-API-Key.", place)
	}
	return &refusal
}

// placeOfSecret finds a token or key where none belongs. Its text is not repeated.
func placeOfSecret(c *Call) (place, kind string) {
	for name, values := range c.R.Header {
		if name == "X-Topic-Token" || name == "X-Api-Key" || name == "Authorization" {
			continue // another place, which is empty, is what is refused
		}
		for _, v := range values {
			if kind := prefixOf(v); kind != "" {
				return fmt.Sprintf("the header %.40s", name), kind
			}
		}
	}
	for name, values := range c.Query {
		for _, v := range values {
			if kind := prefixOf(v); kind != "" {
				return fmt.Sprintf("the query field %.40q", name), kind
			}
		}
	}
	return "", ""
}

func prefixOf(v string) string {
	for _, kind := range [...]string{secrets.TokenPrefix, secrets.KeyPrefix} {
		if strings.HasPrefix(v, kind) || strings.HasPrefix(v, "Bearer "+kind) {
			return kind
		}
	}
	return ""
}
