package server

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/request"
)

func headerExtras(h http.Header) (e db.Extras, err error) {
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
	return e, checkExtras(&e)
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
	return false, request.Unprocessable("X-Markdown must be true or false")
}

// checkExtras checks the extras of a message and gives a link without a title the usual one.
func checkExtras(e *db.Extras) error {
	if e.URL != "" {
		if err := checkLink(e.URL, "the link"); err != nil {
			return err
		}
		if e.URLTitle == "" {
			e.URLTitle = defaultURLTitle
		}
	} else if e.URLTitle != "" {
		return request.Unprocessable("a link title needs a link: send X-URL too")
	}
	if title, err := checkTitle(e.URLTitle); err != nil || utf8.RuneCountInString(title) > maxURLTitle {
		return request.Unprocessable("the link title must be one line of at most %d characters", maxURLTitle)
	}
	return checkActions(e.Actions)
}

var linkSchemes = []string{"http", "https", "tel", "mailto", "slack", "sms"}

func checkLink(link, what string) error {
	u, err := url.Parse(link)
	if err != nil || len(link) > maxURL || !slices.Contains(linkSchemes, strings.ToLower(u.Scheme)) {
		return request.Unprocessable("%s must be a http, https, tel, mailto, slack or sms address of at most %d characters", what, maxURL)
	}
	return nil
}
