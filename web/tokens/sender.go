package tokens

import (
	"context"
	"strings"

	"notifer/web"
)

// Sender is a program that can be chosen as what sends with a token. In its texts {URL}, {URL_WITH_TOKEN}, {TOKEN} and {TOPIC} stand
// for those of the token, and {APPRISE} for its URL in the notation of Apprise.
type Sender struct {
	ID, Name, Icon, About string
	Also                  []string // further names for the search
	Where, Field, Header  string
	Steps                 []Step
}

// Step is something to do, and perhaps something to copy.
type Step struct{ Text, Code string }

// words are what the search looks at.
func (s Sender) words() string {
	return strings.ToLower(s.Name + " " + strings.Join(s.Also, " ") + " " + s.ID)
}

// customSender is the choice of the token's own template.
const customSender = "custom"

// Filled is the sender with the URL and the secret of a token in its texts. Without a secret its place says where it goes.
func (s Sender) Filled(ctx context.Context, topic, secret string) Sender {
	url := web.PublicURL(ctx, "/"+topic)
	if secret == "" {
		secret = "YOUR_TOKEN"
	}
	r := strings.NewReplacer("{URL}", url, "{URL_WITH_TOKEN}", url+"?token="+secret, "{TOKEN}", secret, "{TOPIC}", topic,
		"{APPRISE}", strings.Replace(url, "http", "json", 1)+"?+X-Topic-Token="+secret)
	s.Header = r.Replace(s.Header)
	steps := s.Steps
	s.Steps = nil
	for _, step := range steps {
		s.Steps = append(s.Steps, Step{r.Replace(step.Text), strings.TrimRight(r.Replace(step.Code), "\n ")})
	}
	return s
}

// senderChoice offers the senders in a list.
func senderChoice(senders []Sender, f web.Form) web.Choice {
	c := web.Choice{ID: "shape", Label: "What sends with this token", Value: f.Value("shape"), Error: f.Problem("shape"),
		Help: "Its payloads become readable messages.", Options: []web.Option{{Label: "Anything: well-known programs are recognised"}}}
	if c.Value == customSender {
		c.Options = append(c.Options, web.Option{Value: customSender, Label: "The template of this token"})
	}
	for _, s := range senders {
		c.Options = append(c.Options, web.Option{Value: s.ID, Label: s.Name})
	}
	return c
}

func signingSecret(f web.Form, hint string) web.Field {
	field := web.Field{ID: "signing_secret", Type: "text", Label: "Signing secret", Optional: true,
		Help:  "For GitHub, Gitea, Grafana and Standard Webhooks (whsec_…): requests that are not signed with it are refused. It is stored in readable form.",
		Attrs: map[string]any{"autocomplete": "off", "spellcheck": "false", "maxlength": "200"}}
	if hint != "" {
		field.Help = "Set: " + hint + ", stored readable. Leave empty to keep it."
	}
	field = f.Fill(field)
	field.Value = "" // a secret never goes back into a page
	return field
}
