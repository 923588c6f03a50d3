package tokens

import (
	"strconv"
	"strings"
	"time"

	"notifer/web"
)

// Template is the template of a token beside the last payloads that came with it.
type Template struct {
	web.Settings
	Token    Token
	Form     web.Form // values: into, and template_ with the name of a field
	Payloads []Payload
}

// Payload is one that came with the token recently, and what the template makes of it.
type Payload struct {
	At             time.Time
	Text           string
	Short          bool // lists and texts in it were shortened
	Nodes, Headers []Node
	Messages       []Made
	More           int    // messages that are not shown
	Problem        string // why there are none
}

// Node is a field, a list or an object of a payload, with what a template writes to have it.
type Node struct {
	Name, Expression, Value string
	Each                    string // of a list: its name, where each element may become a message
	Size                    int
	Nodes                   []Node
}

// Made is a message as it would be stored.
type Made struct {
	Title, Text, Tags, Link, Key string
	Priority                     int
	Resolved                     bool
}

// about is the lesser line of a message.
func (m Made) about() string {
	list := []string{"Priority: " + priorityText(m.Priority)}
	for _, part := range []struct{ name, value string }{{"Tags", m.Tags}, {"Link", m.Link}, {"Key", m.Key}} {
		if part.value != "" {
			list = append(list, part.name+": "+part.value)
		}
	}
	if m.Resolved {
		list = append(list, "Resolved")
	}
	return strings.Join(list, " · ")
}

// priorityText is a priority in words.
func priorityText(p int) string {
	return strconv.Itoa(p) + " (" + strings.ToLower(web.PriorityName(p)) + ")"
}

// start is the beginning of a payload.
func (p Payload) start() string {
	text := strings.Join(strings.Fields(p.Text[:min(len(p.Text), 400)]), " ")
	if r := []rune(strings.ToValidUTF8(text, "")); len(r) > 60 {
		return string(r[:60]) + "…"
	}
	return text
}

// count is how much is below a node.
func (n Node) count() string {
	if n.Each != "" {
		return web.Plural(n.Size, "element", "elements")
	}
	return strconv.Itoa(n.Size)
}

type templateField struct{ id, label, help string }

var templateInputs = []templateField{
	{"title", "Title", ""}, {"text", "Text", ""}, {"priority", "Priority", "1 to 5. {{severity .level}} reads words such as critical."},
	{"tags", "Tags", "Separated by commas."}, {"link", "Link", ""}, {"link_title", "Link text", ""},
	{"key", "Key", "What the message is about. The next message with this key supersedes it."},
	{"resolved", "Resolved", "Any value except empty and false says that the alert is over."},
	{"each", "One message for each of", "The name of a list, such as alerts, or a dot where the payload is a list. The fields above are then those of its elements, and $ is the whole payload."},
}

func (v Template) field(x templateField) web.Field {
	attrs := map[string]any{"autocomplete": "off", "spellcheck": "false", "class": "mono", "data-template": x.id, "maxlength": "8192"}
	if x.id == "text" {
		attrs["rows"] = "4"
	}
	return v.Form.Fill(web.Field{ID: "template_" + x.id, Type: "text", Label: x.label, Help: x.help, Optional: x.id != "title" && x.id != "text", Attrs: attrs})
}

// into chooses the field that a pressed field of a payload is added to.
func (v Template) into() web.Choice {
	c := web.Choice{ID: "into", Label: "Insert pressed fields into", Value: v.Form.Value("into"), Help: "Press a field of a payload to add it to the template."}
	for _, x := range templateInputs[:len(templateInputs)-1] {
		c.Options = append(c.Options, web.Option{Value: x.id, Label: x.label})
	}
	return c
}

func (v Template) markdown() web.Check {
	return web.Check{ID: "template_markdown", Name: "template_markdown", Value: "1", Label: "The text is Markdown", On: v.Form.Value("template_markdown") != ""}
}

// warningPages are the pages that warnings name at their end, with what their links are called.
var warningPages = map[string]string{"/docs/publish": "About publishing", "/docs/webhooks": "About webhooks"}

// warningText is the last warning, without the page that it names.
func (t Token) warningText() string {
	if page := t.warningPage(); page != "" {
		return strings.TrimSuffix(t.Warning, "; see "+page) + ". "
	}
	return t.Warning
}

// warningPage is the page that the last warning names at its end, empty for none.
func (t Token) warningPage() string {
	for page := range warningPages {
		if strings.HasSuffix(t.Warning, "; see "+page) {
			return page
		}
	}
	return ""
}

// templateLine says on the page of a token what a template is for.
func (v Details) templateLine() string {
	line := "Define how a program's payloads become messages."
	if v.Token.Shape == customSender {
		line = "This token has its own template."
	}
	if v.Payloads == 0 {
		return line + " None has arrived in the last 24 hours."
	}
	return line + " " + web.Plural(v.Payloads, "payload", "payloads") + " of the last 24 hours can be used as examples."
}
