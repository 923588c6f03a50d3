package shape

import (
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// Mask stands where a secret was.
const Mask = "•••"

// Words and beginnings that a secret is found by. Looking for them is cheap; the expressions are not.
var (
	secretWords = []string{"passw", "passphrase", "pass_phrase", "pass-phrase", "passcode", "secret", "token", "authorization", "api_key", "api-key", "api key", "apikey",
		"access_key", "access-key", "accesskey", "private_key", "private-key", "private key", "privatekey", "encryption_key", "encryptionkey", "signing_key", "signingkey",
		"ssh_key", "sshkey", "auth_key", "authkey", "session_id", "sessionid", "session_key", "cookie", "credential", "signature", "kennwort"}
	// secretNames are too short to be looked for in longer ones, and name a secret only where a text is: {"pass": 12, "fail": 0} counts.
	secretNames = []string{"auth", "pass", "pwd", "pin", "otp", "totp", "jwt", "bearer", "sig", "sid", "hmac", "session"}
	secretHeads = []string{"tk_", "noti_", "whsec_", "gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_", "glpat-", "glsa_", "npm_", "xox", "xapp-", "sk-", "sk_", "eyj", "bearer ", "basic ",
		"akia", "asia", "aiza", "sg.", "private key-----", "hooks.slack.com", "/api/webhooks/", ":aa", "?key=", "&key="}
	secretText = onUse(`\b(?:(?:tk|noti|whsec|gh[opsur]|github_pat|glpat|glsa|npm|xox[a-z]|xapp|sk)[_-][0-9A-Za-z+/=_-]{8,}|eyJ[\w-]{8,}\.[\w.-]{8,}|(?i:bearer) [\w.~+/=-]{8,}` +
		`|A(?:KI|SI)A[0-9A-Z]{16}|AIza[\w-]{30,}|SG\.[\w-]{16,}\.[\w-]{16,}|\d{6,}:AA[\w-]{30,})` +
		`|(?:tk_[0-9A-Za-z]{43}|noti_[0-9A-Za-z]{32}|gh[opsur]_[0-9A-Za-z]{36})|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*-----)?`)
	secretHook  = onUse(`(hooks\.slack\.com/\w+/|/api/webhooks/\d+/)[^\s"'<>]+`)
	secretBasic = onUse(`(?i:basic) ([A-Za-z0-9+/]{6,}={0,2})`)
	secretUser  = onUse(`(://(?:[^/\s:@]*:)?)[^/\s@]+@`)
	secretLogin = onUse(`((?:^|\s)(?:-u|--user)[ =]["']?[^\s:"']+:)[^\s"']+`)
	secretQuery = onUse(`(?i)([?&](?:key|` + strings.Join(secretNames, "|") + `)=)[^&#\s"']+`)
	secretPair  = onUse(`(?i)((?:(?:` + strings.Join(secretWords, "|") + `)[\w.-]*|\b(?:` + strings.Join(secretNames, "|") + `))[\\"']*\s*[=:]\s*[\\"']*)(?:(?:basic|bearer|digest) )?[^&\s"'\\,;]+`)
)

// onUse compiles an expression when it is first used: most processes mask nothing.
func onUse(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

func hasAny(s string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}

// masked returns a body without its secrets. JSON is written again, since any value below a name may be a secret.
func masked(body string, form bool) string {
	if !form && !strings.Contains(body, `\u`) && !suspicious(strings.ToLower(body)) { // escapes may hide a word
		return body
	}
	v, err := Read(body, form)
	if err != nil {
		return maskedText(body)
	}
	r := &run{most: 1 << 20}
	text, err := r.json(maskedValue(v, false), "")
	if err != nil {
		return maskedText(body)
	}
	return text
}

// suspicious reports whether there may be a secret in a text in lower case. It looks at each byte once.
func suspicious(lower string) bool {
	for i := 0; i+1 < len(lower); i++ {
		start := uint16(lower[i])<<8 | uint16(lower[i+1])
		if secretStarts.set[start/64]&(1<<(start%64)) == 0 {
			continue
		}
		for _, word := range secretStarts.words[start] {
			if strings.HasPrefix(lower[i:], word) {
				return true
			}
		}
	}
	return strings.Contains(lower, "://") && strings.Contains(lower, "@")
}

// secretStarts are the words that make a text suspicious, by their first two bytes.
var secretStarts = func() (s struct {
	set   [1 << 10]uint64
	words map[uint16][]string
}) {
	all := slices.Concat(secretWords, secretHeads, []string{"-u ", "-u=", "--user"})
	for _, name := range secretNames {
		for _, end := range []string{`"`, "'", "=", ":", `\`} {
			all = append(all, name+end)
		}
	}
	s.words = map[uint16][]string{}
	for _, word := range all {
		start := uint16(word[0])<<8 | uint16(word[1])
		s.set[start/64] |= 1 << (start % 64)
		s.words[start] = append(s.words[start], word)
	}
	return s
}()

func maskedText(s string) string {
	lower := strings.ToLower(s)
	if !suspicious(lower) {
		return s
	}
	if hasAny(lower, secretHeads) {
		s = secretHook().ReplaceAllString(secretText().ReplaceAllString(s, Mask), "${1}"+Mask)
		s = secretBasic().ReplaceAllStringFunc(s, func(found string) string {
			if plain, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(found[len("basic "):], "=")); err != nil || !strings.Contains(string(plain), ":") {
				return found // basic authentication
			}
			return Mask
		})
	}
	if strings.Contains(s, "://") {
		if strings.Contains(s, "@") {
			s = secretUser().ReplaceAllString(s, "${1}"+Mask+"@")
		}
		if strings.ContainsAny(s, "?&") {
			s = secretQuery().ReplaceAllString(s, "${1}"+Mask)
		}
	}
	if strings.Contains(s, "-u") {
		s = secretLogin().ReplaceAllString(s, "${1}"+Mask)
	}
	if strings.ContainsAny(s, "=:") && (hasAny(lower, secretWords) || hasAny(lower, secretNames)) {
		s = secretPair().ReplaceAllString(s, "${1}"+Mask)
	}
	return s
}

func maskedValue(v any, secret bool) any {
	switch v := v.(type) {
	case map[string]any:
		named := false // {"name": "Authorization", "value": "..."}
		for _, key := range []string{"name", "key", "header", "field"} {
			if name, isText := v[key].(string); isText && len(name) < 60 {
				named = named || isSecretName(strings.ToLower(name))
			}
		}
		for key := range v {
			lower := strings.ToLower(key)
			_, isText := v[key].(string)
			v[key] = maskedValue(v[key], secret || hasAny(lower, secretWords) || isText && slices.Contains(secretNames, lower) || named && lower == "value")
		}
		return v
	case []any:
		for i := range v {
			v[i] = maskedValue(v[i], secret)
		}
		return v
	case string:
		if secret && v != "" {
			return Mask
		}
		return maskedText(v)
	case nil, bool:
		return v
	}
	if secret { // a number
		return Mask
	}
	return v
}

func isSecretName(lower string) bool {
	return hasAny(lower, secretWords) || slices.Contains(secretNames, lower)
}
