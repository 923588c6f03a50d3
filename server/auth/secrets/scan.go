package secrets

import "regexp"

// secretForm finds texts of the form of our secrets; the checksum decides whether they are some.
var secretForm = regexp.MustCompile(`\b(?:tk_[0-9A-Za-z]{43}|noti_[0-9A-Za-z]{32})\b`)

// Find lists the sound tokens and keys in a text, of whatever server.
func Find(text string) []string {
	if !mayHoldSecret(text) {
		return nil
	}
	var out []string
	for _, found := range secretForm.FindAllString(text, -1) {
		if CheckToken(found) == Sound || CheckKey(found) == Sound {
			out = append(out, found)
		}
	}
	return out
}

// mayHoldSecret is a quick no for nearly all texts: both prefixes end in "k_" or "i_" and a secret is long.
func mayHoldSecret(s string) bool {
	if len(s) < 37 {
		return false
	}
	for i := 1; i < len(s); i++ {
		if s[i] == '_' && (s[i-1] == 'k' || s[i-1] == 'i') {
			return true
		}
	}
	return false
}
