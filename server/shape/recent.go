package shape

import (
	"container/list"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"
)

// Bounds of the payloads that are remembered.
const (
	recentEach  = 10              // of a token
	RecentBytes = 32 << 10        // of one payload; a longer one is shortened
	RecentRead  = 8 * RecentBytes // of a payload that is shortened; a longer one is not kept
	RecentTotal = 8 << 20         // of all tokens together, with what each payload costs beside its text
	RecentFor   = 24 * time.Hour
	recentCost  = 512
	shortList   = 3   // elements of a list in a payload that was shortened
	shortText   = 500 // bytes of a text in it
)

// Recent remembers the last payloads of each token in memory, so that a template can be written for them. Secrets in them are masked
// before. Where all of them would take more than RecentTotal, the oldest go. The zero value is ready; its methods may be called
// from any goroutine.
type Recent struct {
	mu    sync.Mutex
	all   list.List                  // of *kept, the oldest first
	by    map[string][]*list.Element // by token, the newest first
	bytes int
}

// Sample is one payload as it came.
type Sample struct {
	At      time.Time
	Body    string
	Form    bool                // the body is a form
	Short   bool                // lists and texts in it were shortened
	Headers map[string][]string // those that a template may read are kept

	Topic       int64
	First, Last int64 // the messages that were made of it
}

type kept struct {
	token  string
	sample Sample
}

func (k *kept) size() int {
	n := recentCost + len(k.token) + len(k.sample.Body)
	for name, values := range k.sample.Headers {
		n += len(name) + len(values[0]) + 64
	}
	return n
}

// Header is a header of the request, empty where it was not kept.
func (s Sample) Header(name string) string {
	for key, values := range s.Headers {
		if strings.EqualFold(key, name) {
			return values[0]
		}
	}
	return ""
}

// Keep remembers a payload of a token.
func (r *Recent) Keep(token string, s Sample) {
	if len(s.Body) > RecentBytes && !s.shorten() {
		return
	}
	s.Body, s.Headers = masked(s.Body, s.Form), readable(s.Headers)
	k := &kept{token, s}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[string][]*list.Element{}
	}
	if of := r.by[token]; len(of) >= recentEach {
		r.drop(of[len(of)-1])
	}
	r.by[token] = append([]*list.Element{r.all.PushBack(k)}, r.by[token]...)
	r.bytes += k.size()
	r.sweep(s.At)
}

// Of are the last payloads of a token, the newest first.
func (r *Recent) Of(token string, now time.Time) []Sample {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sweep(now)
	var out []Sample
	for _, e := range r.by[token] {
		out = append(out, e.Value.(*kept).sample)
	}
	return out
}

// Forget drops the payloads of which a message of a topic was made that is gone or changed: one with an id in from to upTo.
func (r *Recent) Forget(topic, from, upTo int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for e := r.all.Front(); e != nil; {
		next := e.Next()
		if s := &e.Value.(*kept).sample; s.Topic == topic && s.First <= upTo && s.Last >= from {
			r.drop(e)
		}
		e = next
	}
}

// shorten cuts lists and texts of a payload, and reports whether it is short enough then.
func (s *Sample) shorten() bool {
	if len(s.Body) > RecentRead {
		return false
	}
	v, err := Read(s.Body, s.Form)
	if err != nil {
		return false
	}
	r := &run{most: 1 << 20}
	text, err := r.json(shortened(v), "")
	s.Body, s.Form, s.Short = text, false, true
	return err == nil && len(text) <= RecentBytes
}

func shortened(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = shortened(v[key])
		}
		return v
	case []any:
		v = v[:min(len(v), shortList)]
		for i := range v {
			v[i] = shortened(v[i])
		}
		return v
	case string:
		return cut(v, shortText)
	}
	return v
}

// Bytes is how much memory the payloads take.
func (r *Recent) Bytes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bytes
}

// sweep drops what is too old or too much.
func (r *Recent) sweep(now time.Time) {
	for e := r.all.Front(); e != nil && (r.bytes > RecentTotal || now.Sub(e.Value.(*kept).sample.At) >= RecentFor); e = r.all.Front() {
		r.drop(e)
	}
}

func (r *Recent) drop(e *list.Element) {
	k := r.all.Remove(e).(*kept)
	r.bytes -= k.size()
	of := r.by[k.token]
	for i := range of {
		if of[i] == e {
			of = append(of[:i:i], of[i+1:]...)
			break
		}
	}
	if r.by[k.token] = of; len(of) == 0 {
		delete(r.by, k.token)
	}
}

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
	secretText = regexp.MustCompile(`\b(?:(?:tk|noti|whsec|gh[opsur]|github_pat|glpat|glsa|npm|xox[a-z]|xapp|sk)[_-][0-9A-Za-z+/=_-]{8,}|eyJ[\w-]{8,}\.[\w.-]{8,}|(?i:bearer) [\w.~+/=-]{8,}` +
		`|A(?:KI|SI)A[0-9A-Z]{16}|AIza[\w-]{30,}|SG\.[\w-]{16,}\.[\w-]{16,}|\d{6,}:AA[\w-]{30,})|-----BEGIN [A-Z ]*PRIVATE KEY-----[^-]*(?:-----END [A-Z ]*-----)?`)
	secretHook  = regexp.MustCompile(`(hooks\.slack\.com/\w+/|/api/webhooks/\d+/)[^\s"'<>]+`)
	secretBasic = regexp.MustCompile(`(?i:basic) ([A-Za-z0-9+/]{6,}={0,2})`)
	secretUser  = regexp.MustCompile(`(://(?:[^/\s:@]*:)?)[^/\s@]+@`)
	secretLogin = regexp.MustCompile(`((?:^|\s)(?:-u|--user)[ =]["']?[^\s:"']+:)[^\s"']+`)
	secretQuery = regexp.MustCompile(`(?i)([?&](?:key|` + strings.Join(secretNames, "|") + `)=)[^&#\s"']+`)
	secretPair  = regexp.MustCompile(`(?i)((?:(?:` + strings.Join(secretWords, "|") + `)[\w.-]*|\b(?:` + strings.Join(secretNames, "|") + `))[\\"']*\s*[=:]\s*[\\"']*)(?:(?:basic|bearer|digest) )?[^&\s"'\\,;]+`)
)

func hasAny(s string, parts []string) bool {
	return slices.ContainsFunc(parts, func(part string) bool { return strings.Contains(s, part) })
}

// masked is a body without its secrets. JSON is written anew: a secret may be any value below a name.
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
		s = secretHook.ReplaceAllString(secretText.ReplaceAllString(s, Mask), "${1}"+Mask)
		s = secretBasic.ReplaceAllStringFunc(s, func(found string) string {
			if plain, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(found[len("basic "):], "=")); err != nil || !strings.Contains(string(plain), ":") {
				return found // basic authentication
			}
			return Mask
		})
	}
	if strings.Contains(s, "://") {
		if strings.Contains(s, "@") {
			s = secretUser.ReplaceAllString(s, "${1}"+Mask+"@")
		}
		if strings.ContainsAny(s, "?&") {
			s = secretQuery.ReplaceAllString(s, "${1}"+Mask)
		}
	}
	if strings.Contains(s, "-u") {
		s = secretLogin.ReplaceAllString(s, "${1}"+Mask)
	}
	if strings.ContainsAny(s, "=:") && (hasAny(lower, secretWords) || hasAny(lower, secretNames)) {
		s = secretPair.ReplaceAllString(s, "${1}"+Mask)
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

// readable are the headers that a template may read and that say something about the payload.
func readable(headers map[string][]string) map[string][]string {
	var out map[string][]string
	for name, values := range headers {
		lower := strings.ToLower(name)
		if !strings.HasPrefix(lower, "x-") || strings.HasPrefix(lower, "x-forwarded-") || lower == "x-real-ip" || isCredential(name) ||
			len(values) == 0 || len(name) > 60 || len(values[0]) > 200 || len(out) >= 20 {
			continue
		}
		if out == nil {
			out = map[string][]string{}
		}
		out[strings.Clone(name)] = []string{maskedText(strings.Clone(values[0]))}
	}
	return out
}
