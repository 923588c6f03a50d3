package web

import (
	"context"

	"github.com/a-h/templ"
)

// SignIn is the form of an account's mail address and password.
type SignIn struct {
	Form  Form   // values: email
	Next  string // path to go to afterwards
	State string // "", "wrong", "slow" (too many tries) or "disabled"
	Wait  string // how long, when slow
	First bool   // there is no admin yet
	Asked bool   // a page was asked for that needs an account

	Register bool // anybody may make an account
}

// Setup makes the first admin through the one-time link.
type Setup struct {
	Form Form // values: email, username
	Code string
	Gone bool // the link was used or is too old
}

func signInProblem(state string) string {
	if state == "" {
		return ""
	}
	return "signin." + state
}

func newPassword(ctx context.Context, f Form) Field {
	field := f.field(ctx, "account", "password", "password", templ.Attributes{"autocomplete": "new-password", "minlength": "8", "maxlength": "128"})
	field.Help = Say(ctx, "account.new_password.help")
	return field
}
