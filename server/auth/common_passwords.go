package auth

import (
	"slices"
	"strings"
)

// commonPasswords are passwords of eight characters and more that lead the public lists of leaked ones, sorted.
var commonPasswords = strings.Fields(`
	00000000 11111111 12341234 12345678 123123123 123456789 1234567890 12345678910 123qweasd 147258369 1q2w3e4r
	1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc 66666666 87654321 88888888 987654321 99999999 aa123456 abc12345 abcd1234
	admin123 administrator asdfasdf asdfghjkl baseball changeme computer dragon123 facebook football iloveyou
	internet letmein1 letmein123 liverpool master123 michelle monkey123 nullnull p@ssw0rd pass1234 passw0rd
	password password! password1 password12 password123 password1234 princess q1w2e3r4 qazwsxedc qwer1234 qwerty12
	qwerty123 qwertyui qwertyuiop starwars sunshine superman test1234 trustno1 undefined welcome1 welcome123
	whatever zaq12wsx zxcvbnm1 zxcvbnm123`)

func common(password string) bool {
	return slices.Contains(commonPasswords, strings.ToLower(password))
}
