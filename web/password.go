package web

import "github.com/a-h/templ"

// PasswordField asks for the password of a reader whose sign-in is too old for what the form does.
func PasswordField(f Form) Field {
	p := CurrentPassword(f, "Your password")
	p.Help = "You signed in a while ago. Enter your password again to confirm."
	return p
}

// CurrentPassword asks for the password that the reader has, in the field that package request reads.
func CurrentPassword(f Form, label string) Field {
	return f.Fill(Field{ID: "current_password", Type: "password", Label: label, Required: true,
		Attrs: templ.Attributes{"autocomplete": "current-password", "maxlength": MaxPassword}})
}

// CurrentCode asks for a code of the second factor that the reader has, in the field that package request reads.
func CurrentCode(f Form) Field { return CodeField(f, "current_code", EitherCode) }

// CodeField asks for the code of an app.
func CodeField(f Form, id, help string) Field {
	return f.Fill(Field{ID: id, Type: "text", Label: "Code", Help: help, Required: true,
		Attrs: templ.Attributes{"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false", "maxlength": "40"}})
}

// EitherCode is the help of a field that takes both kinds of code.
const EitherCode = "The six digits that your app shows, or a recovery code."

// NewPasswordField asks for a new password.
func NewPasswordField(f Form, id, label string) Field {
	return f.Fill(Field{Required: true, ID: id, Type: "password", Label: label, Help: "At least " + MinPassword + " characters. Several words are easier to remember and harder to guess.",
		Attrs: templ.Attributes{"autocomplete": "new-password", "minlength": MinPassword, "maxlength": MaxPassword}})
}

// RevokeKeys is the offer to end the API keys of an account with its password.
func RevokeKeys(keys int, on bool, whose string) Check {
	return Check{ID: "revoke_keys", Name: "revoke_keys", Value: "1", On: on, Label: "Revoke " + whose + " API keys too (" + Number(keys) + ")",
		Help: "They keep working otherwise. Choose this if another person may know the password."}
}
