package web

import (
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
		groups = append(groups, g)
	}
	return groups
}

func (o *openAPI) operation(path, method string) APIOperation {
	op := o.Paths[path][method]
	out := APIOperation{Method: strings.ToUpper(method), Path: path, Summary: op.Summary, Text: op.Description}
	for _, p := range op.Parameters {
		out.Inputs = append(out.Inputs, APIInput{p.Name, p.In, p.Description})
	}
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

func (d APIDoc) parts() []DocPart {
	parts := make([]DocPart, len(d.Groups))
	for i, g := range d.Groups {
		parts[i] = DocPart{ID: g.Name, Title: g.Name}
	}
	return parts
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
