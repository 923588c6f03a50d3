package account

import (
	"strings"
	"time"

	"notifer/web"
)

// SecondFactor is the reader's second factor.
type SecondFactor struct {
	On       bool
	Since    time.Time
	Left     int  // recovery codes
	Required bool // the server demands one
	Owed     bool // and nothing else can be reached before

	Secret string // for an app, while it is off
	QR     QR
	Form   web.Form // values: code
	Codes  string   // recovery codes to show, once
}

// QR is a QR code: the outline of its dark parts, in a square of so many units.
type QR struct {
	Size int
	Path string
}

// FactorQuestion asks for password and code before a second factor is changed; verb is "off" or "codes".
type FactorQuestion struct {
	Verb string
	Left int
	Form web.Form
}

func (v FactorQuestion) question() web.Question {
	q := web.Question{No: "Cancel", Action: "/settings/second-factor/" + v.Verb, Back: "/settings/second-factor"}
	if v.Verb == "codes" {
		q.Title, q.Yes, q.Kind, q.Glyph = "New recovery codes", "Create new codes", "main", "rotate"
		q.Body = []string{"You get ten new recovery codes. The old ones (" + web.Number(v.Left) + " left) stop working."}
		return q
	}
	q.Title, q.Yes, q.Kind, q.Glyph = "Turn off the second factor", "Turn off", "bad", "shield"
	q.Body = []string{"Afterwards, your password alone is enough to sign in. Your other sessions end."}
	return q
}

// JoinCodes is how recovery codes are shown and copied.
func JoinCodes(codes []string) string { return strings.Join(codes, "\n") }
