package manage

import (
	"context"
	"errors"

	"notifer/db"
	"notifer/server/auth"
)

// SignIn signs a browser in to an account as it was when its password was checked. The session that the browser had until then
// ends: its cookie is replaced, so only a copy of that could go on using it.
func (m *Manager) SignIn(ctx context.Context, browser *auth.Principal, u db.User, agent string) (auth.Grant, error) {
	return m.auth.SignInAgain(ctx, u, agent, browser.Address(), auth.BrowserCookie, browser.BrowserSession(), signedOutBefore(browser)...)
}

// Pair trades the code of a pairing for a session of a paired device, and returns the cookie's secret. The session that the browser
// had until then ends.
func (m *Manager) Pair(browser *auth.Principal, code, agent string) (string, db.Session, error) {
	return m.auth.Pair(code, agent, browser.Address(), browser.BrowserSession(), signedOutBefore(browser)...)
}

// signedOutBefore is the event of the session that a browser gives up by signing in again.
func signedOutBefore(browser *auth.Principal) []db.Audit {
	if browser.Session() == nil {
		return nil
	}
	return []db.Audit{signedOut(browser.User(), browser.By(), "signed in again in the same browser")}
}

// SignOut ends a session of an account. One that has ended already is no error.
func (m *Manager) SignOut(u *db.User, session string, by db.By) error {
	return sessionGone(m.d.EndSession(u.ID, session, signedOut(u, by, "")))
}

// SignOutElsewhere ends another session of an account than the one that asks; a session that belongs to a key ends with the key only.
func (m *Manager) SignOutElsewhere(u *db.User, session string, by db.By) error {
	return sessionGone(m.d.EndOtherSession(u.ID, session, signedOut(u, by, "another session")))
}

// SignOutEverywhere ends all sessions of an account, with their streams and the notifications of their browsers; those of paired devices
// stay.
func (m *Manager) SignOutEverywhere(u *db.User, by db.By) error {
	return m.d.EndSessions(u.ID, "", signedOut(u, by, "all sessions"))
}

func signedOut(u *db.User, by db.By, which string) db.Audit {
	return db.AccountEvent(by, "account.sign_out", u, which)
}

func sessionGone(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}
