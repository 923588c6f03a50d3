package manage

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"notifer/db"
	"notifer/server/plaintext"
	"notifer/server/shape"
)

// Bounds of a signing secret in bytes. GitHub's may be short.
const (
	minSigningSecret = 8
	maxSigningSecret = 200
)

// checkShape refuses the name of a shape that does not exist.
func checkShape(id string) error {
	if shape.Valid(id) {
		return nil
	}
	names := []string{shape.Custom}
	for _, s := range shape.All() {
		names = append(names, s.ID)
	}
	slices.Sort(names)
	return invalid("shape", "unknown shape %.40q: use one of %s, or leave it empty", id, strings.Join(names, ", "))
}

// CheckSigningSecret returns a signing secret as it is kept.
func CheckSigningSecret(text string) (string, error) {
	secret := strings.TrimSpace(text)
	switch {
	case secret == "":
		return "", nil
	case len(secret) < minSigningSecret || len(secret) > maxSigningSecret || plaintext.HasControl(secret):
		return "", invalid("signing_secret", "a signing secret has %d to %d characters", minSigningSecret, maxSigningSecret)
	}
	switch prefix, _, _ := strings.Cut(secret, "_"); {
	case prefix == "whsec" && len(SigningKeys(secret)) == 0:
		return "", invalid("signing_secret", "a signing secret that begins with whsec_ continues in base64 of %d bytes or more: copy it again", minSigningSecret)
	case prefix == "whpk" || prefix == "whsk":
		return "", invalid("signing_secret", "a signing secret begins with whsec_: signatures with a key pair (whpk_ and whsk_) are not supported")
	}
	return secret, nil
}

// SigningKeys are what a signing secret may stand for with Standard Webhooks: base64 after whsec_, and without that prefix base64 or
// the text itself, since senders differ.
func SigningKeys(secret string) (keys [][]byte) {
	text, isStandard := strings.CutPrefix(secret, "whsec_")
	plain := strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	if key, err := base64.RawStdEncoding.DecodeString(plain); err == nil && len(key) >= minSigningSecret {
		keys = append(keys, key)
	}
	if !isStandard {
		keys = append(keys, []byte(secret))
	}
	return keys
}

// applyShape takes over how bodies are read, as applyToken does.
func applyShape(v TokenValues, t *db.Token, p *Errors) {
	if v.Templates != nil {
		if _, err := v.Templates.Compile(); err != nil {
			field := "template"
			if e, ok := errors.AsType[*shape.FieldError](err); ok {
				field = "template." + e.Field
			}
			p.add(invalid(field, "template: %s", err))
		}
		t.Template = writeTemplates(*v.Templates)
	}
	if v.Shape != nil {
		p.add(checkShape(*v.Shape))
		t.Shape = *v.Shape
	}
	if t.Shape == shape.Custom && t.Template == "" && v.Shape != nil {
		p.add(invalid("template", "the shape custom needs a template: its title or text at least"))
	}
	if v.SigningSecret != nil {
		secret, err := CheckSigningSecret(*v.SigningSecret)
		p.add(err)
		t.SigningSecret = secret
	}
}

// writeTemplates is the stored form of a token's own templates, empty when they say nothing.
func writeTemplates(t shape.Templates) string {
	if t == (shape.Templates{}) {
		return ""
	}
	text, err := json.Marshal(t)
	if err != nil {
		panic(err) // texts always have a JSON form
	}
	return string(text)
}

// ReadTemplates reads what writeTemplates wrote.
func ReadTemplates(text string) (t shape.Templates, err error) {
	if text == "" {
		return t, nil
	}
	return t, json.Unmarshal([]byte(text), &t)
}

// MaskedSecret is a signing secret as it is shown: its head, by which it is told from another.
func MaskedSecret(secret string) string {
	if secret == "" {
		return ""
	}
	return plaintext.Cut(secret, min(len(secret)/4, 6)) + "…"
}
