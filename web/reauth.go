package web

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
	p := CurrentPassword(v.Form, "Your password")
	p.Attrs["autofocus"] = true
	return p
}
