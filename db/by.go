package db

// By is who acts: an account under its id and its name of the moment, or what else acts, under a name alone. Via is the id of the
// API key or topic token that it acted with, empty for a session. Address is where the request came from.
type By struct{ ID, Name, Via, Address string }

// named is the actor, or the default where none is named.
func named(by []By, otherwise By) By {
	if len(by) == 0 {
		return otherwise
	}
	return by[0]
}

// auditAccount writes down what was done to an account, if it is known by whom.
func (t *Tx) auditAccount(by []By, verb string, u *User, detail string) error {
	if len(by) == 0 {
		return nil
	}
	return t.audit(AccountEvent(by[0], verb, u, detail))
}

// AccountEvent is a line of the activity log about an account.
func AccountEvent(by By, verb string, u *User, detail string) Audit {
	return Audit{By: by, Verb: verb, Target: u.Username, TargetID: u.ID, Detail: detail}
}

// auditAll writes events down unless what they are about has failed.
func (t *Tx) auditAll(failed error, events []Audit) error {
	for _, e := range events {
		if failed == nil {
			failed = t.audit(e)
		}
	}
	return failed
}
