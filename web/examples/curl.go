package examples

import "strings"

// Curl is what a person pastes into a shell to publish to the topic at a URL; access is "public", "protected" or "private".
func Curl(url, access string) string {
	line := `curl -fsS -d "Backup finished" `
	if auth := AuthHeader(access); auth != "" {
		line += auth + " "
	}
	return line + url
}

// AuthHeader is the header that a topic asks of a publisher: a token of its own, or, where tokens do not work, a key.
func AuthHeader(access string) string {
	switch access {
	case "private":
		return `-H "X-Topic-Token: $NOTIFER_TOPIC_TOKEN"`
	case "protected":
		return `-H "X-API-Key: $NOTIFER_API_KEY"`
	}
	return ""
}

// VerboseCurl shows all that is sent to the topic at a URL, and all that comes back.
func VerboseCurl(url string) string {
	return `curl -v -d "It works" -H "X-Topic-Token: $NOTIFER_TOPIC_TOKEN" ` + url
}

// Use is what a token or a key may do, and where.
type Use struct {
	Topic              string // URL of the topic; empty for a key that works for none
	Publish, Subscribe bool

	Server     string // URL of the server; of a key only
	ListTopics bool   // of a key only
}

// ForKey are the ways to use an API key.
func ForKey(use Use, secret string) []Example {
	var out []Example
	list := filling{}.one("key-topics", "List topics", "curl -fsS -H \"X-API-Key: "+secret+"\" \\\n  "+use.Server+"/api/topics")
	if use.Topic != "" {
		for _, e := range ForToken(use, secret) {
			if e.ID != "query" && e.ID != "read-browser" { // a key is not taken in URLs
				out = append(out, e.forKey())
			}
		}
	}
	if use.Subscribe {
		out = append(out, filling{}.one("key-all", "Read all topics", "curl -fsSN -H \"X-API-Key: "+secret+"\" \\\n  "+use.Server+"/sse"))
	}
	if use.ListTopics || len(out) == 0 {
		out = append(out, list)
	}
	return out
}

// forKey is an example of a token with a key in its place.
func (e Example) forKey() Example {
	key := strings.NewReplacer("X-Topic-Token", "X-API-Key", "NOTIFER_TOPIC_TOKEN", "NOTIFER_API_KEY", "notifer_topic_token", "notifer_api_key",
		"notifer-token.env", "notifer-key.env", "NOTIFER_TOKEN_FILE", "NOTIFER_KEY_FILE")
	steps := make([]Step, len(e.Steps))
	for i, s := range e.Steps {
		steps[i] = Step{ID: s.ID, Text: key.Replace(s.Text), Code: key.Replace(s.Code)}
	}
	e.Steps = steps
	return e
}
