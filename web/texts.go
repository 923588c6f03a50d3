package web

import (
	"context"
	"fmt"
	"html"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// Texts that several places share.
const (
	AccountTaken     = "An account with this username or email already exists."
	ChooseOption     = "Choose one of the options."
	ChoosePermission = "Choose at least one permission."
	NotThisTopic     = "That is not the name of this topic."
	TopicNameRule    = "A name has 3 to 64 characters: a-z, 0-9, hyphens and underscores."
	WrongCode        = "Wrong code. A code works once: wait for the next one."
	UsernameRule     = "A username has 3 to 32 characters: a-z, 0-9, hyphens and underscores."
)

// TokenNameTaken is why a token cannot have a name.
func TokenNameTaken(topic, name string) string {
	return fmt.Sprintf("%s already has a live token called \"%s\". Add the machine or job name.", topic, name)
}

// TokensRefused is why a topic that is not private has no use for tokens.
func TokensRefused(topic string) string {
	return topic + " is not private, so tokens are refused with 403 and none can be created."
}

// flashes are what the last action did. A cookie carries the key, never the text: an attacker who can plant a cookie cannot make
// the page say what they like.
var flashes = map[string]string{
	"flash.topic":          "Topic %s is ready.",
	"flash.message":        "Message deleted.",
	"flash.published":      "Published.",
	"flash.saved":          "Saved.",
	"flash.email":          "Email changed. From now on, sign in with %s.",
	"flash.paired":         "This device is paired. Turn notifications on below.",
	"flash.device.removed": "Device removed. It no longer gets messages.",
	"flash.device.tested":  "A test is on its way to %s.",
	"flash.device.failed":  "The test was not delivered: %s.",
	"flash.purged":         "Messages deleted: %s.",
	"flash.deleted":        "Topic %s is deleted.",
	"flash.left":           "Your account, its topics, API keys and sessions are deleted.",
	"flash.password":       "Password changed. All other sessions are signed out.",
	"flash.confirmed":      "Confirmed. You can continue.",
	"flash.recovery":       "Signed in with a recovery code. %s left.",
	"flash.factor.off":     "The second factor is off. All other sessions are signed out.",
	"flash.user.factoroff": "The second factor of %s is off.",
	"flash.session":        "That session is signed out.",
	"flash.sessions":       "You are signed out everywhere.",
	"flash.user.added":     "Account %s is ready.",
	"flash.user.disabled":  "Account %s is disabled.",
	"flash.user.enabled":   "Account %s is enabled.",
	"flash.user.deleted":   "Account %s is deleted.",
	"flash.user.promoted":  "%s is now an admin.",
	"flash.user.signedout": "%s is signed out everywhere.",
	"flash.user.demoted":   "%s is no longer an admin.",
	"flash.endold":         "The old secret of \"%s\" has ended.",
	"flash.token":          "\"%s\" is saved.",
	"flash.revoked":        "\"%s\" is revoked. Anything still using it now gets 401.",
	"flash.revokedall":     "Tokens revoked: %s. Anything still using them now gets 401.",
}

func (f Flash) text() string {
	text := flashes[f.Key]
	if len(f.Args) != strings.Count(text, "%s") {
		return ""
	}
	return fmt.Sprintf(text, f.Args...)
}

// Plural is a number with the right form of its noun.
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return Number(n) + " " + many
}

// Marked shows a sentence in which backquotes enclose code.
func Marked(text string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		parts := strings.Split(text, "`")
		for i, part := range parts {
			part = html.EscapeString(part)
			switch {
			case i%2 == 0:
			case i == len(parts)-1: // nothing closes it
				part = "`" + part
			default:
				part = `<code translate="no">` + part + "</code>"
			}
			if _, err := io.WriteString(w, part); err != nil {
				return err
			}
		}
		return nil
	})
}

// Number is a count with separators between thousands.
func Number(n int) string {
	s := fmt.Sprint(n)
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	return strings.Join(append([]string{s}, parts...), ",")
}

// Bytes is a size in the unit that suits it.
func Bytes(n int64) string {
	size, unit := float64(n), "B"
	for _, next := range []string{"KiB", "MiB", "GiB", "TiB"} {
		if size < 1024 {
			break
		}
		size, unit = size/1024, next
	}
	if size >= 100 || unit == "B" {
		return fmt.Sprintf("%.0f %s", size, unit)
	}
	return fmt.Sprintf("%.1f %s", size, unit)
}
