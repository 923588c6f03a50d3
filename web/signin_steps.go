package web

import "time"

// SignInCode asks for the code after the password.
type SignInCode struct {
	Passed string // proves that the password was right
	Next   string
	State  string        // "", "wrong", "slow", "many" (too many wrong codes) or "late"
	Wait   time.Duration // until the next attempt, when slow
	Clock  time.Time     // of the server, when a code was wrong
}

// NewPassword asks for a new password in place of one that another person has set.
type NewPassword struct {
	Form Form
	Next string // page that was asked for
}

func (v SignInCode) code() Field {
	f := CodeField(Form{}, "code", EitherCode)
	f.Attrs["autofocus"] = v.State == "" // else the focus is on what was wrong
	return f
}

func (v SignInCode) problem() string {
	switch v.State {
	case "slow":
		return tooManyAttempts(v.Wait)
	case "many":
		return "Too many wrong codes for this account. Use a recovery code, or wait ten minutes."
	case "late":
		return "That took too long. Sign in again."
	}
	return WrongCode
}
