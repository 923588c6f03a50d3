package server

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
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

// readExtra reads it as it is stored. What cannot be read says nothing.
func readExtra(stored string) (e extra) {
	if stored != "" && json.Unmarshal([]byte("{"+stored+"}"), &e) != nil {
		return extra{}
	}
	return e
}

func headerExtra(h http.Header) (e extra, err error) {
	v, err := headerText(h, "X-Markdown")
	if err == nil {
		e.Markdown, err = readMarkdown(v)
	}
	if err == nil {
		e.URL, err = headerText(h, "X-Url")
	}
	if err == nil {
		e.URLTitle, err = headerText(h, "X-Url-Title")
	}
	if err == nil {
		v, err = headerText(h, "X-Actions")
	}
	if err == nil && v != "" {
		e.Actions, err = parseActions(v)
	}
	if err != nil {
		return e, err
	}
	return e, e.check()
}

// headerText is a header as text: UTF-8 as curl sends it, else Latin-1.
func headerText(h http.Header, name string) (string, error) {
	v, err := once(h, name)
	if !utf8.ValidString(v) {
		v = fromLatin1(v)
	}
	return v, err
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

var linkSchemes = []string{"http", "https", "tel", "mailto", "slack", "sms"}

func checkLink(link, what string) error {
	u, err := url.Parse(link)
	if err != nil || len(link) > maxURL || !slices.Contains(linkSchemes, strings.ToLower(u.Scheme)) {
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
