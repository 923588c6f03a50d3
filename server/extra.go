package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"notifer/server/api"
)

// extra is what few messages carry. It is stored as the inside of a JSON object, in ASCII, ready for the wire.
type extra struct {
	Markdown bool         `json:"markdown,omitempty"`
	URL      string       `json:"url,omitempty"`
	URLTitle string       `json:"url_title,omitempty"`
	Actions  []api.Action `json:"actions,omitempty"`
}

func headerExtra(h http.Header) (extra, error) {
	var e extra
	var markdown, actions string
	for _, f := range [...]struct {
		name string
		to   *string
	}{{"X-Markdown", &markdown}, {"X-Url", &e.URL}, {"X-Url-Title", &e.URLTitle}, {"X-Actions", &actions}} {
		v, err := once(h, f.name)
		if err != nil {
			return e, err
		}
		if !utf8.ValidString(v) {
			v = fromLatin1(v)
		}
		*f.to = v
	}
	var err error
	if e.Markdown, err = readMarkdown(markdown); err != nil {
		return e, err
	}
	if actions != "" {
		if e.Actions, err = parseActions(actions); err != nil {
			return e, err
		}
	}
	return e, e.check()
}

func readMarkdown(v string) (bool, error) {
	switch strings.ToLower(v) {
	case "", "false", "0", "no":
		return false, nil
	case "true", "1", "yes":
		return true, nil
	}
	return false, unprocessable("X-Markdown must be true or false")
}

func (e *extra) check() error {
	if e.URL != "" {
		if err := checkLink(e.URL, "the link"); err != nil {
			return err
		}
		if e.URLTitle == "" {
			e.URLTitle = defaultURLTitle
		}
	} else if e.URLTitle != "" {
		return unprocessable("a link title needs a link: send X-URL too")
	}
	if title, err := checkTitle(e.URLTitle); err != nil || utf8.RuneCountInString(title) > maxURLTitle {
		return unprocessable("the link title must be one line of at most %d characters", maxURLTitle)
	}
	return checkActions(e.Actions)
}

var linkSchemes = map[string]bool{"http": true, "https": true, "tel": true, "mailto": true, "slack": true, "sms": true}

func checkLink(link, what string) error {
	u, err := url.Parse(link)
	if err != nil || len(link) > maxURL || !linkSchemes[strings.ToLower(u.Scheme)] {
		return unprocessable("%s must be a http, https, tel, mailto, slack or sms address of at most %d characters", what, maxURL)
	}
	return nil
}

func (e extra) encode() (string, error) {
	if !e.Markdown && e.URL == "" && len(e.Actions) == 0 {
		return "", nil
	}
	b, err := json.Marshal(e)
	if err != nil {
		return "", err
	}
	out := make([]byte, 0, len(b))
	for _, r := range string(b[1 : len(b)-1]) {
		if r < 0x7f {
			out = append(out, byte(r))
		} else {
			out = appendEscaped(out, r)
		}
	}
	return string(out), nil
}
