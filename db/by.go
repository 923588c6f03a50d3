package db

import "net/netip"

// By is the actor of a change: an account with its id and its name at that time, or something else with a name alone. Via is the id of
// the API key or topic token that it used, empty for a session. Address is the IP address of the request.
type By struct{ ID, Name, Via, Address string }

// AddressText is an IP address as it is stored and shown: empty when it is not known, as that of a caller at a unix socket.
func AddressText(a netip.Addr) string {
	if !a.IsValid() {
		return ""
	}
	return a.Unmap().String()
}

// named returns the actor, or a default when none is given.
func named(by []By, otherwise By) By {
	if len(by) == 0 {
		return otherwise
	}
	return by[0]
}

// auditAccount adds a line about a change of an account, if its actor is known.
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

// auditAll adds events to the activity log, unless what they describe has failed.
func (t *Tx) auditAll(failed error, events []Audit) error {
	for _, e := range events {
		if failed == nil {
			failed = t.audit(e)
		}
	}
	return failed
}
