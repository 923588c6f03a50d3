package secrets

import "strings"

// Find lists the sound tokens and keys in a text, of whatever server. What stands directly before or behind one does not matter: a script
// may have put it there, or an archive. The checksum decides, so hardly any other text is taken for one.
func Find(text string) []string {
	var out []string
	for at := 0; ; at++ {
		i := strings.IndexByte(text[at:], '_')
		if i < 0 {
			return out
		}
		at += i
		if found := secretAt(text, at); found != "" {
			out = append(out, found)
		}
	}
}

// secretAt is the secret whose prefix ends with the character at a place, empty when there is none.
func secretAt(text string, at int) string {
	for _, kind := range [...]struct {
		prefix string
		body   int
		check  func(string) Fault
	}{{TokenPrefix, tokenBody, CheckToken}, {KeyPrefix, keyBody, CheckKey}} {
		begin, end := at+1-len(kind.prefix), at+1+kind.body+checkDigits
		if begin >= 0 && end <= len(text) && strings.HasPrefix(text[begin:], kind.prefix) && kind.check(text[begin:end]) == Sound {
			return text[begin:end]
		}
	}
	return ""
}
