package request

import (
	"net/http"
	"net/url"

	"notifer/server/auth"
)

// presented collects the credentials of a request. Two values for one place are refused: readers could disagree. An open route
// looks at the cookie only, so that no credential prevents a sign-in.
func (s *Site) presented(c *Call) (auth.Presented, error) {
	h := c.R.Header
	in := auth.Presented{Address: c.Address, Via: string(c.Route.Kind)}
	var err error
	if c.Route.Action == auth.Open {
		in.Cookie, err = s.cookie(c)
		return in, err
	}
	in.QueryJWT = c.Route.Action == auth.Stream || c.Route.Kind == KindSSE
	if in.TopicToken, err = secretHeader(h, "X-Topic-Token"); err != nil {
		return in, err
	}
	if in.APIKey, err = secretHeader(h, "X-Api-Key"); err != nil {
		return in, err
	}
	if c.Route.Topic != nil && len(h["X-Gotify-Key"]) > 0 {
		if in.Gotify, err = secretHeader(h, "X-Gotify-Key"); err != nil {
			return in, err
		}
	}
	if v := h["Authorization"]; len(v) > 1 {
		return in, BadRequest("the header Authorization was sent twice: send it once")
	} else if len(v) == 1 {
		s.Auth.SetAuthorization(&in, v[0])
	}
	if in.Query, err = queryToken(c.Query); err != nil {
		return in, err
	}
	if in.Nothing() {
		in.Cookie, err = s.cookie(c)
	}
	return in, err
}

// secretHeader is the value of a header that carries a credential; name is in canonical form.
func secretHeader(h http.Header, name string) (string, error) {
	v := h[name]
	switch {
	case len(v) == 0:
		return "", nil
	case len(v) > 1:
		return "", BadRequest("the header %s was sent twice: send it once", name)
	case v[0] == "":
		return "", &auth.Refusal{Kind: auth.ErrUnauthenticated, Reason: auth.NoCredential,
			Detail: "the header " + name + " is empty: put the secret into it, or leave it out",
			Hint:   "The header came without a value. Is the variable set in the script?"}
	}
	return v[0], nil
}

// queryToken reads ?token=. Only the URL is read, never a form body: curl -d posts a form type and means text.
func queryToken(q url.Values) (string, error) {
	list, there := q["token"]
	if !there {
		return "", nil
	}
	if len(list) > 1 {
		return "", BadRequest("token appears twice in the URL: send it once")
	}
	if list[0] == "" {
		return "", &auth.Refusal{Kind: auth.ErrUnauthenticated, Reason: auth.NoCredential,
			Detail: "token is empty in the URL: put the secret after token=, or leave it out"}
	}
	return list[0], nil
}
