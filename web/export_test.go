package web

import (
	"regexp"
	"strings"
)

var keyShape = regexp.MustCompile(`^[a-z]+(\.[a-z0-9_*:]+)+$`)

// LooksLikeKey reports whether a word on a page is a message id that has no text.
func LooksLikeKey(word string) bool {
	first, _, _ := strings.Cut(word, ".")
	if !keyShape.MatchString(word) || strings.HasSuffix(word, ".example") {
		return false
	}
	for _, words := range tables {
		for key := range words {
			if strings.HasPrefix(key, first+".") {
				return true
			}
		}
	}
	return false
}

// HasIcon reports whether there is an icon of that name.
func HasIcon(name string) bool { return shapes[name] != "" }
