package web

import (
	"cmp"
	"context"
	"encoding/json"
	"slices"
	"strings"
	"sync"
)

// OpenAPI is the description of the HTTP interface, written by hand and served as it is.
func OpenAPI() []byte {
	text, err := docFiles.ReadFile("docs/openapi.json")
	if err != nil {
		panic(err)
	}
	return text
}

// APIGroup is a group of operations with one tag.
type APIGroup struct {
	Name, Text string
	Operations []APIOperation
}

// APIOperation is one method of one path.
type APIOperation struct {
	Method, Path, Summary, Text string
	Inputs                      []APIInput
	Body                        string // name of the body's schema, or what kind of text it is
	Example                     string
	Replies                     []APIReply
	Auth                        string // what it is called with: "Topic token", "API key", "Session", or nothing
	Plain                       bool   // the body is text
	Reply                       string // an example of what comes back
}

// APIInput is a parameter in the path, the query or a header.
type APIInput struct{ Name, In, Text string }

// APIReply is one status an operation answers with.
type APIReply struct{ Status, Text, Schema string }

// APISchema is one kind of object.
type APISchema struct {
	Name   string
	Fields []APIField
}

// APIField is one field of an object.
type APIField struct {
	Name, Type, Text string
	Required         bool
}

// openAPI is as much of the description as the page shows.
type openAPI struct {
	Tags  []struct{ Name, Description string }
	Paths map[string]map[string]struct {
		Tags                 []string
		Summary, Description string
		Parameters           []struct{ Name, In, Description string }
		RequestBody          struct{ Content map[string]openMedia }
		Responses            map[string]openReply
		Security             []map[string][]string
	}
	Components struct {
		Responses map[string]openReply
		Schemas   map[string]openSchema
	}
}

type openReply struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]openMedia
}

type openMedia struct {
	Schema  openSchema
	Example json.RawMessage
}

type openSchema struct {
	Ref         string `json:"$ref"`
	Type        any
	Format      string
	Description string
	Enum        []any
	Items       *openSchema
	Properties  map[string]openSchema
	Required    []string
}

// APIDoc is what the reference page shows.
type APIDoc struct {
	Groups  []APIGroup
	Schemas []APISchema
}

// Reference is the reference made from the description, once.
var Reference = sync.OnceValue(func() APIDoc {
	var o openAPI
	if err := json.Unmarshal(OpenAPI(), &o); err != nil {
		panic(err)
	}
	return APIDoc{Groups: o.groups(), Schemas: o.schemas()}
})

func (o *openAPI) groups() []APIGroup {
	var groups []APIGroup
	for _, tag := range o.Tags {
		g := APIGroup{Name: tag.Name, Text: tag.Description}
		for _, path := range sortedKeys(o.Paths) {
			for _, method := range []string{"get", "post", "put", "patch", "delete"} {
				if op, ok := o.Paths[path][method]; ok && slices.Contains(op.Tags, tag.Name) {
					g.Operations = append(g.Operations, o.operation(path, method))
				}
			}
		}
		// The call that everything else is there for comes first.
		slices.SortStableFunc(g.Operations, func(a, b APIOperation) int { return cmp.Compare(a.rank(), b.rank()) })
		groups = append(groups, g)
	}
	return groups
}

func (op APIOperation) rank() int {
	switch {
	case op.First():
		return 0
	case strings.HasPrefix(op.Path, "/{topic}"):
		return 1
	}
	return 2
}

// First reports whether an operation is the one that a newcomer looks for.
func (op APIOperation) First() bool { return op.Method == "POST" && op.Path == "/{topic}" }

// ID names an operation within the page.
func (op APIOperation) ID() string {
	return strings.ToLower(op.Method) + strings.NewReplacer("/", "-", "{", "", "}", "", ".", "-").Replace(op.Path)
}

func (op APIOperation) verb() string {
	switch op.Method {
	case "POST", "PUT":
		return "post"
	case "DELETE":
		return "del"
	case "PATCH":
		return "patch"
	}
	return "get"
}

func (r APIReply) kind() string {
	if r.Status < "300" {
		return "good"
	}
	return "bad"
}

// Curl is a request that runs as is, once the credential is set.
func (op APIOperation) Curl(ctx context.Context) string {
	line := "curl -fsS"
	if strings.HasSuffix(op.Path, "/sse") {
		line = "curl -fsSN"
	}
	if op.Method != "GET" && !(op.Method == "POST" && (op.Plain || op.Example != "")) {
		line += " -X " + op.Method
	}
	switch {
	case op.Plain:
		line += " -d \"It works\""
	case op.Example != "":
		line += " -H \"Content-Type: application/json\" \\\n  -d '" + strings.ReplaceAll(op.Example, "'", "'\\''") + "'"
	}
	switch op.Auth {
	case "Topic token":
		line += " \\\n  -H \"X-Topic-Token: $TOPIC_TOKEN\""
	case "API key":
		line += " \\\n  -H \"X-API-Key: $API_KEY\""
	case "Session":
		line += " \\\n  -H \"Authorization: Bearer $JWT\""
	}
	path := strings.NewReplacer("{topic}", "server-alerts", "{id}", "ID").Replace(op.Path)
	if strings.HasSuffix(op.Path, "/ws") {
		return "websocat " + strings.Replace(public(ctx, path), "http", "ws", 1) + " \\\n  -H \"X-Topic-Token: $TOPIC_TOKEN\""
	}
	return line + " \\\n  " + public(ctx, path)
}

// auth is the narrowest credential that an operation takes.
func auth(security []map[string][]string) string {
	for _, c := range [][2]string{{"topicToken", "Topic token"}, {"apiKey", "API key"}, {"bearer", "Session"}} {
		for _, s := range security {
			if _, ok := s[c[0]]; ok {
				return c[1]
			}
		}
	}
	return ""
}

// sample is an example of a kind of object, made from its description.
func (o *openAPI) sample(s openSchema, depth int) any {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		s = o.Components.Schemas[name]
	}
	if len(s.Enum) > 0 {
		return s.Enum[0]
	}
	if s.Items != nil {
		if depth > 2 {
			return []any{}
		}
		return []any{o.sample(*s.Items, depth+1)}
	}
	if s.Properties != nil {
		out := map[string]any{}
		for name, p := range s.Properties {
			if slices.Contains(s.Required, name) || len(s.Required) == 0 {
				out[name] = o.sampleField(name, p, depth+1)
			}
		}
		return out
	}
	kind := s.word()
	switch {
	case strings.HasPrefix(kind, "date-time"):
		return "2026-11-28T08:00:00Z"
	case strings.HasPrefix(kind, "integer"), strings.HasPrefix(kind, "number"):
		return 1
	case strings.HasPrefix(kind, "boolean"):
		return true
	}
	return "..."
}

// sampleField knows what the fields that everybody meets look like.
func (o *openAPI) sampleField(name string, s openSchema, depth int) any {
	if s.Ref == "" && s.Items == nil && s.Properties == nil && len(s.Enum) == 0 {
		if v, ok := sampleValues[name]; ok {
			return v
		}
	}
	return o.sample(s, depth)
}

var sampleValues = map[string]any{
	"id": "0c9k2m4p7r1t", "topic": "server-alerts", "name": "server-alerts", "title": "Nightly job", "message": "It works", "priority": 3, "token": "tk_...",
	"key": "noti_...", "hint": "tk_FjZT…REFc", "status": "active", "access_level": "private", "username": "ann", "email": "ann@home.example",
	"detail": "what went wrong", "next": nil, "last_used_ip": "192.168.1.20",
}

func (o *openAPI) operation(path, method string) APIOperation {
	op := o.Paths[path][method]
	out := APIOperation{Method: strings.ToUpper(method), Path: path, Summary: op.Summary, Text: op.Description}
	for _, p := range op.Parameters {
		out.Inputs = append(out.Inputs, APIInput{p.Name, p.In, p.Description})
	}
	out.Auth = auth(op.Security)
	_, out.Plain = op.RequestBody.Content["text/plain"]
	if media, ok := op.RequestBody.Content["application/json"]; ok {
		out.Body = media.Schema.word()
		out.Example = string(media.Example)
	}
	for _, status := range sortedKeys(op.Responses) {
		r := op.Responses[status]
		if name, ok := strings.CutPrefix(r.Ref, "#/components/responses/"); ok {
			r = o.Components.Responses[name]
		}
		reply := APIReply{Status: status, Text: r.Description}
		if media, ok := r.Content["application/json"]; ok {
			reply.Schema = media.Schema.word()
			if status < "300" && out.Reply == "" {
				if text, err := json.MarshalIndent(o.sample(media.Schema, 0), "", "  "); err == nil {
					out.Reply = string(text)
				}
			}
		}
		out.Replies = append(out.Replies, reply)
	}
	return out
}

func (o *openAPI) schemas() []APISchema {
	var list []APISchema
	for _, name := range sortedKeys(o.Components.Schemas) {
		schema := o.Components.Schemas[name]
		out := APISchema{Name: name}
		for _, field := range sortedKeys(schema.Properties) {
			p := schema.Properties[field]
			out.Fields = append(out.Fields, APIField{field, p.word(), p.Description, slices.Contains(schema.Required, field)})
		}
		list = append(list, out)
	}
	return list
}

// word names a schema in a word or two.
func (s openSchema) word() string {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return name
	}
	if s.Items != nil {
		return "list of " + s.Items.word()
	}
	var words []string
	switch t := s.Type.(type) {
	case string:
		words = append(words, t)
	case []any:
		for _, w := range t {
			words = append(words, w.(string))
		}
	}
	if s.Format != "" {
		words[0] = s.Format
	}
	return strings.Join(words, " or ")
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// schemaOf is the name of an object's schema in a word made by word, or empty.
func schemaOf(word string) string {
	name := strings.TrimPrefix(word, "list of ")
	for _, s := range Reference().Schemas {
		if s.Name == name {
			return name
		}
	}
	return ""
}
