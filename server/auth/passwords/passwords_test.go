package passwords_test

import (
	"strings"
	"testing"

	"notifer/server/auth/passwords"
)

func TestPasswordsThatAreEasyToGuess(t *testing.T) {
	own := []string{"u7.miller@example.org", "user0"}
	for _, bad := range strings.Fields(`
		user0user0 notifer1 notifer123 Notifer!!! qwerty12345 password2 12345678a football1 iloveyou1 abcdefgh aaaaaaaa letmein!
		u7.miller@example.org user0miller example.org1 password Password1! P@ssw0rd sunshine qwertyuiop asdfghjkl zyxwvuts
		poiuytrewq 1qaz2wsx 12341234 abcabcabc 98765432 qwertz123 11111111 iloveyou princess2024 dragon123 trustno1 millermiller
		N0tifer2026 n0t1f3r! Us3r0us3r0 １２３４５６７８ ｐａｓｓｗｏｒｄ m1ll3r2026 5un5h1ne`) {
		if passwords.Weakness(bad, own...) == "" {
			t.Errorf("Weakness(%q) finds none", bad)
		}
	}
	for _, good := range []string{"correct horse", "correct horse battery", "user0 has a fine garden", "Tr0ub4dor&3x", "öäüßöäüßx", "x7#kP2mQ",
		"blue-lamp-under-the-stairs", "notifer rings at noon", strings.Repeat("ab3", 3) + "x!"} {
		if got := passwords.Weakness(good, own...); got != "" {
			t.Errorf("Weakness(%q) = %q", good, got)
		}
	}
}

func TestPasswordRules(t *testing.T) {
	for password, fine := range map[string]bool{
		"correct horse": true, "12 chars, ok": true, strings.Repeat("x7Kq9m-L", 16): true, strings.Repeat("äxü7ö+éz", 16): true, "  . a  /": true,
		"": false, "null": false, "short": false, "1234567": false, "12345678": false, "Password1": false, "passw0rd": false, "iloveyou": false,
		"changeme": false, strings.Repeat("x", 129): false,
	} {
		if got := passwords.Weakness(password); (got == "") != fine {
			t.Errorf("Weakness(%.20q, %d characters) = %q, want fine %v", password, len(password), got, fine)
		}
	}
}
