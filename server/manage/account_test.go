package manage_test

import (
	"strings"
	"testing"

	"notifer/db"
	"notifer/server/auth"
	"notifer/server/manage"
)

func TestAccountValues(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	const password = "correct horse battery"
	for name, row := range map[string]struct {
		email, username, password string
		kind                      error
	}{
		"as it should be":       {"bob@home.example", "bob", password, nil},
		"spaces at the ends":    {" eve@home.example ", " eve ", password, nil},
		"an email in use":       {"ANN@home.example", "ann2", password, auth.ErrConflict},
		"a username in use":     {"ann2@home.example", "ann", password, auth.ErrConflict},
		"no email":              {"ann", "carl", password, auth.ErrInvalid},
		"a name with the email": {"Carl <carl@home.example>", "carl", password, auth.ErrInvalid},
		"a short username":      {"carl@home.example", "ca", password, auth.ErrInvalid},
		"a loud username":       {"carl@home.example", "Carl", password, auth.ErrInvalid},
		"a name of the log":     {"carl@home.example", "anonymous", password, auth.ErrInvalid},
		"a short password":      {"carl@home.example", "carl", "1234567", auth.ErrInvalid},
		"a common password":     {"carl@home.example", "carl", "password", auth.ErrInvalid},
		"a long password":       {"carl@home.example", "carl", strings.Repeat("x", 129), auth.ErrInvalid},
	} {
		u, err := h.CreateAccount(t.Context(), manage.AccountValues{Email: row.email, Username: row.username, Password: row.password})
		wantKind(t, name, err, row.kind)
		if err == nil && (u.Email != strings.TrimSpace(row.email) || u.Username != strings.TrimSpace(row.username)) {
			t.Errorf("%s: %q, %q", name, u.Email, u.Username)
		}
	}
	declared, err := h.CreateAccount(t.Context(), manage.AccountValues{Email: "dora@home.example", Username: "dora", PasswordHash: "$argon2id$x", Disabled: true})
	if err != nil {
		t.Fatal(err)
	}
	if stored, err := h.d.User(t.Context(), declared.ID); err != nil || !stored.Disabled || !declared.Disabled {
		t.Errorf("a declared account that is disabled: %+v, stored as %+v, %v", declared, stored, err)
	}
}

func TestAccountChanges(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	id := h.ann.User.ID
	for name, row := range map[string]struct {
		v    manage.AccountChange
		kind error
	}{
		"another username":       {manage.AccountChange{Username: ptr(" anna ")}, nil},
		"a bad username":         {manage.AccountChange{Username: ptr("Anna!")}, auth.ErrInvalid},
		"the same email":         {manage.AccountChange{Email: ptr("ANN@home.example")}, nil},
		"another email unproven": {manage.AccountChange{Email: ptr("anna@home.example")}, auth.ErrInvalid},
		"a bad email":            {manage.AccountChange{Email: ptr("anna at home"), Proven: true}, auth.ErrInvalid},
		"a new password":         {manage.AccountChange{Password: ptr("another horse battery")}, nil},
		"a bad password":         {manage.AccountChange{Password: ptr("short")}, auth.ErrInvalid},
		"the rights of an admin": {manage.AccountChange{Admin: ptr(true)}, nil},
	} {
		_, err := h.UpdateAccount(t.Context(), id, row.v)
		wantKind(t, name, err, row.kind)
	}
	_, err := h.UpdateAccount(t.Context(), id, manage.AccountChange{Admin: ptr(true)})
	wantKind(t, "make an admin", err, nil)
	_, err = h.UpdateAccount(t.Context(), id, manage.AccountChange{Disabled: ptr(true)})
	wantKind(t, "disable the last admin", err, auth.ErrConflict)
	wantKind(t, "delete the last admin", h.DeleteAccount(id, db.By{}), auth.ErrConflict)
}
