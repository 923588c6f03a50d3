package web

import "github.com/a-h/templ"

// Reauth asks for the reader's password before a form is acted on: the last sign-in is too old for what it does. Fields are
// those of the form, which is sent again as it was.
type Reauth struct {
	Action string // path that the form was sent to
	Fields []ReauthField
	Form   Form
	Factor bool // a code is asked for too
}

// ReauthField is one value of the form that waits.
type ReauthField struct{ Name, Value string }

func (v Reauth) password() Field {
	return v.Form.Fill(Field{ID: "current_password", Type: "password", Label: "Your password", Required: true,
		Attrs: templ.Attributes{"autocomplete": "current-password", "maxlength": MaxPassword, "autofocus": true}})
}
