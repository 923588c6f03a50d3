package wire

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"notifer/db"
	"notifer/server/manage"
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
		e.Actions, err = manage.ParseActions(v)
	}
	if err != nil {
		return e, err
	}
	return e, manage.CheckExtras(&e)
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
