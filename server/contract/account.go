package contract

import (
	"notifer/db"
	"notifer/server/api"
)

// User is an account in the form of the contract.
func User(u *db.User) api.User {
	return api.User{ID: u.ID, Email: u.Email, Username: u.Username, IsAdmin: u.IsAdmin, Disabled: u.Disabled,
		MustChangePassword: u.MustChange, SecondFactor: u.Factor, SubscriptionTier: api.Tier, CreatedAt: api.At(u.CreatedAt), LastLoginAt: api.AtPtr(u.LastLoginAt)}
}

// Event is an event in the form of the contract.
func Event(a *db.Audit) api.Event {
	return api.Event{ID: a.ID, At: api.At(a.At), Verb: a.Verb, Actor: a.By.Name, ActorID: a.By.ID, Via: a.By.Via, Target: a.Target, TargetID: a.TargetID,
		Address: a.By.Address, Detail: a.Detail, Topic: a.Topic}
}
