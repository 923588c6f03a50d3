// Package examples holds the lines that readers copy: how programs and services publish and subscribe, and how a proxy in front
// lets everything through.
package examples

import (
	"slices"
	"strings"
)

// Example is one way to use a token, ready to run.
type Example struct {
	ID    string
	Name  string // of the tool
	Steps []Step
}

// Step is one block of an Example: a sentence, and text to copy.
type Step struct {
	ID, Text, Code string
}

// filling is what a snippet is filled with: the address of the topic and how its language writes the secret.
type filling struct {
	url    string
	secret string // empty: the snippet reads the variable NOTIFER_TOPIC_TOKEN
}

func (p filling) either(secret, variable string) string {
	if p.secret != "" {
		return secret
	}
	return variable
}

// shell is the secret inside double quotes of a shell.
func (p filling) shell() string { return p.either(p.secret, "$NOTIFER_TOPIC_TOKEN") }

// value is the line or text that is to be stored outside of the snippet.
func (p filling) value() string { return p.either(p.secret, "tk_...") }

func (p filling) one(id, name, code string) Example {
	return Example{ID: id, Name: name, Steps: []Step{{ID: "snip-" + id, Code: code}}}
}

// storing is a snippet that reads the secret from where its first step puts it, so that pasted files hold none.
type storing struct{ id, name, store, value, use, code string }

func (p filling) stored(s storing) Example {
	return Example{ID: s.id, Name: s.name, Steps: []Step{
		{ID: "snip-" + s.id + "-secret", Text: s.store, Code: s.value}, {ID: "snip-" + s.id, Text: s.use, Code: p.fill(s.code, "")},
	}}
}

// ForToken are the ways to use a token, with its secret inside, or with the variable NOTIFER_TOPIC_TOKEN when that is empty.
func ForToken(use Use, secret string) []Example {
	p := filling{use.Topic, secret}
	var out []Example
	if use.Publish {
		out = append(out, p.programs()...)
		out = append(out, p.services()...)
	}
	if use.Subscribe {
		out = append(out, p.subscribers()...)
	}
	if use.Publish {
		query := p.one("query", "In the URL (last resort)", `curl -fsS -d "It works" "`+p.url+`?token=`+p.shell()+`"`)
		query.Steps[0].Text = "For tools that cannot set headers. URLs end up in proxy logs and browser history."
		out = append(out, query)
	}
	return out
}

func (p filling) programs() []Example {
	return []Example{
		p.one("curl", "curl", p.curl("It works")),
		p.one("wget", "wget", `wget -qO- --header="X-Topic-Token: `+p.shell()+`" --post-data="It works" `+p.url),
		p.one("python", "Python", p.python()),
		p.one("javascript", "JavaScript", p.javascript()),
		p.one("go", "Go", p.golang()),
		p.one("powershell", "PowerShell", "Invoke-RestMethod -Method Post -Uri \""+p.url+"\" `\n"+
			"  -Headers @{ \"X-Topic-Token\" = \""+p.either(p.secret, "$env:NOTIFER_TOPIC_TOKEN")+"\" } `\n  -Body \"It works\""),
	}
}

func (p filling) curl(text string) string {
	return "curl -fsS -d \"" + text + "\" \\\n  -H \"X-Topic-Token: " + p.shell() + "\" \\\n  " + p.url
}

// fill puts the address and the secret into a text.
func (p filling) fill(text, secret string) string {
	return strings.NewReplacer("URL", p.url, "SECRET", secret).Replace(text)
}

func (p filling) python() string {
	return p.fill(p.either("", "import os\n")+`from urllib.request import Request, urlopen

request = Request("URL", data="It works".encode(), headers={
    "X-Topic-Token": SECRET,
    "X-Title": "Python",
})
print(urlopen(request).read().decode())`, p.either(`"`+p.secret+`"`, `os.environ["NOTIFER_TOPIC_TOKEN"]`))
}

func (p filling) javascript() string {
	return p.fill(`fetch('URL', {
  method: 'POST',
  headers: { 'X-Topic-Token': SECRET, 'X-Title': 'JavaScript' },
  body: 'It works',
}).then(reply => console.log(reply.status))`, p.either(`'`+p.secret+`'`, "process.env.NOTIFER_TOPIC_TOKEN"))
}

func (p filling) golang() string {
	return p.fill(`package main

import (
	"fmt"
	"net/http"
`+p.either("", "\t\"os\"\n")+`	"strings"
)

func main() {
	req, err := http.NewRequest("POST", "URL", strings.NewReader("It works"))
	if err != nil {
		panic(err)
	}
	req.Header.Set("X-Topic-Token", SECRET)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		panic(err)
	}
	fmt.Println(res.Status)
}`, p.either(`"`+p.secret+`"`, `os.Getenv("NOTIFER_TOPIC_TOKEN")`))
}

// tabsInRow is how many examples have a tab of their own.
const tabsInRow = 5

// own are the examples that come before the others.
var own = []string{"curl", "python", "github", "docker", "home", "read-curl", "read-websocat", "read-browser", "read-python"}

// Split takes the examples with a tab of their own from the others.
func Split(list []Example) (first, more []Example) {
	for _, e := range list {
		if len(first) < tabsInRow && slices.Contains(own, e.ID) {
			first = append(first, e)
		} else {
			more = append(more, e)
		}
	}
	return first, more
}
