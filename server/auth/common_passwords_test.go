package auth_test

import (
	"strings"
	"testing"

	"notifer/server/auth"
)

func TestPasswordsThatAreEasyToGuess(t *testing.T) {
	own := []string{"u7.miller@example.org", "user0"}
	for _, bad := range strings.Fields(`
		user0user0 notifer1 notifer123 Notifer!!! qwerty12345 password2 12345678a football1 iloveyou1 abcdefgh aaaaaaaa letmein!
		u7.miller@example.org user0miller example.org1 password Password1! P@ssw0rd sunshine qwertyuiop asdfghjkl zyxwvuts
		poiuytrewq 1qaz2wsx 12341234 abcabcabc 98765432 qwertz123 11111111 iloveyou princess2024 dragon123 trustno1 millermiller`) {
		if err := auth.CheckPassword(bad, own...); err == nil {
			t.Errorf("CheckPassword(%q) took it", bad)
		}
	}
	for _, good := range []string{"correct horse", "correct horse battery", "user0 has a fine garden", "Tr0ub4dor&3x", "öäüßöäüßx", "x7#kP2mQ",
		"blue-lamp-under-the-stairs", "notifer rings at noon", strings.Repeat("ab3", 3) + "x!"} {
		if err := auth.CheckPassword(good, own...); err != nil {
			t.Errorf("CheckPassword(%q) = %v", good, err)
		}
	}
}
