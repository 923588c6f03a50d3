package manage_test

import (
	"errors"
	"testing"

	"notifer/server/auth"
	"notifer/server/manage"
)

// A store that does not answer is no account that is not there.
func TestEventsOfAStoreThatFails(t *testing.T) {
	h := newHouse(t, manage.Rules{})
	if err := h.d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.Events(t.Context(), manage.EventQuery{User: "ann"}); err == nil || errors.Is(err, auth.ErrInvalid) {
		t.Errorf("a closed store: %v", err)
	}
}
