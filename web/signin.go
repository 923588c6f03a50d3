package web

import "time"

// SignIn is the form of an account's email and password.
type SignIn struct {
	Form  Form          // values: email
	Next  string        // path to go to afterwards
	State string        // "", "wrong", "slow" (too many attempts), "busy" or "disabled"
	Wait  time.Duration // until the next attempt, when slow
	First bool          // there is no admin yet
	Asked bool          // a page was asked for that needs an account

	Register bool // anybody may make an account
}

// Setup makes the first admin through the one-time link.
type Setup struct {
	Form Form // values: email, username
	Code string
	Gone bool // the link was used or is too old
}

func (v SignIn) problem() string {
	switch v.State {
	case "slow":
		return tooManyAttempts(v.Wait)
	case "disabled":
		return "This account is disabled. Ask an admin to enable it."
	case "busy":
		return "The server is busy checking passwords. Try again in a few seconds."
	}
	return "Wrong email, username or password."
}

func tooManyAttempts(wait time.Duration) string {
	return "Too many attempts. Try again " + Until(wait) + "."
}

// applicant is the person for whom the form of a new account is filled in.
type applicant int

const (
	oneself applicant = iota
	somebodyElse
)

// autocomplete keeps a browser from filling in the admin's own data for another person.
func (a applicant) autocomplete(what string) string {
	if a == somebodyElse {
		return "off"
	}
	return what
}
