package web

import "time"

// Users is the list of accounts.
type Users struct {
	Users []Account
	Reset *Reveal // a new password to hand over, shown once
}

// Account is one account as admins see it.
type Account struct {
	ID, Name, Email   string
	Admin, Disabled   bool
	Self              bool
	Factor            bool // it has a second factor
	MustChange        bool // it chooses a new password at the next sign-in
	Topics            int
	CreatedAt, SeenAt time.Time
}

// AdminQuestion asks before an account is changed; verb is "disable", "signout", "delete", "reset" or "factor-off".
type AdminQuestion struct {
	Verb    string
	Account Account
	Keys    int // API keys of the account that work
}

// question is what an admin is asked before an account is changed.
func (v AdminQuestion) question() Question {
	name, topics := v.Account.Name, Plural(v.Account.Topics, "topic", "topics")
	q := Question{No: "Keep it", Action: "/admin/users/" + v.Account.ID + "/" + v.Verb, Back: "/admin/users", Kind: "bad", Alert: true}
	switch v.Verb {
	case "disable":
		q.Title, q.Yes = "Disable "+name+"?", "Disable"
		q.Body = []string{"Sign-in, API keys and the tokens of " + topics + " stop working until you enable the account again."}
	case "delete":
		q.Title, q.Yes = "Delete "+name+"?", "Delete"
		q.Body = []string{"The account and " + topics + " with all messages and tokens are deleted. This cannot be undone."}
	case "signout":
		q.Title, q.Yes, q.Kind = "End all sessions of "+name+"?", "End sessions", ""
		q.Body = []string{"Every browser and app that is signed in with this account has to sign in again. API keys and tokens keep working."}
	case "reset":
		q.Title, q.Yes = "Reset the password of "+name+"?", "Reset password"
		q.Body = []string{"You get a new password to hand over, and all sessions end. The user must choose another password at the next sign-in. API keys and " + topics + " stay as they are."}
	case "factor-off":
		q.Title, q.Yes = "Turn off the second factor of "+name+"?", "Turn off"
		q.Body = []string{"For a user who has lost the app and the recovery codes. Afterwards, the password alone is enough to sign in, and all sessions end. Make sure that the request comes from " + name + "."}
	}
	return q
}
