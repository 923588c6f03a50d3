package db_test

import (
	"testing"

	"notifer/db"
)

func TestRightsOfAKeyInWords(t *testing.T) {
	for want, k := range map[string]db.Key{
		"everything":                  {Scopes: "*"},
		"publish, subscribe":          {Scopes: "publish,subscribe"},
		"subscribe in backup-*, door": {Scopes: "subscribe", Topics: []string{"backup-*", "door"}},
		"everything in backup-*":      {Scopes: "*", Topics: []string{"backup-*"}},
	} {
		if got := k.Rights(); got != want {
			t.Errorf("Rights of %q in %q = %q, want %q", k.Scopes, k.Topics, got, want)
		}
	}
}
