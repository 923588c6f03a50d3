package request

import (
	"net/url"

	"notifer/server/auth"
)

// Bounds of a form. What is read before it is known who sends it is small.
const (
	openForm = 8 << 10
	anyForm  = 64 << 10
)

// formLimit bounds the form of a route. A message may come with every byte of it escaped, beside the other fields.
func (c *Call) formLimit() int {
	switch c.Route.Action {
	case auth.Open:
		return openForm
	case auth.Publish:
		return 3*c.Site.MessageBytes() + anyForm
	}
	return anyForm
}

// Form reads the fields of a form, once. One that comes from another site's page is refused, signed in or not (cross-site
// request forgery).
func (c *Call) Form() (url.Values, error) {
	if err := c.Site.requireOwnPage(c, "the form was sent from another site"); err != nil {
		return nil, err
	}
	return c.readForm()
}

func (c *Call) readForm() (url.Values, error) {
	if c.form != nil {
		return c.form, nil
	}
	body, err := ReadBody(c, c.formLimit(), "the form")
	if err != nil {
		return nil, err
	}
	if c.form, err = url.ParseQuery(string(body)); err != nil {
		c.form = nil
		return nil, BadRequest("the form cannot be read: send it as application/x-www-form-urlencoded")
	}
	return c.form, nil
}
