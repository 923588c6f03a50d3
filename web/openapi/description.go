package openapi

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// description is as much of the text as the reference shows.
type description struct {
	Tags  []struct{ Name, Description string }
	Paths map[string]map[string]struct {
		Tags                 []string
		Summary, Description string
		Parameters           []struct{ Name, In, Description string }
		RequestBody          struct{ Content map[string]media }
		Responses            map[string]reply
		Security             []map[string][]string
	}
	Components struct {
		Responses map[string]reply
		Schemas   map[string]schema
	}
}

type reply struct {
	Ref         string `json:"$ref"`
	Description string
	Content     map[string]media
}

type media struct {
	Schema  schema
	Example json.RawMessage
}

type schema struct {
	Ref         string `json:"$ref"`
	Type        any
	Format      string
	Description string
	Enum        []any
	Items       *schema
	Properties  map[string]schema
	Required    []string
	Example     any
}

func (o *description) groups() []Group {
	var groups []Group
	for _, tag := range o.Tags {
		g := Group{Name: tag.Name, Text: tag.Description}
		for _, path := range slices.Sorted(maps.Keys(o.Paths)) {
			for _, method := range []string{"get", "post", "put", "patch", "delete"} {
				if op, ok := o.Paths[path][method]; ok && slices.Contains(op.Tags, tag.Name) {
					g.Operations = append(g.Operations, o.operation(path, method))
				}
			}
		}
		// The call that everything else is there for comes first.
		slices.SortStableFunc(g.Operations, func(a, b Operation) int { return cmp.Compare(a.rank(), b.rank()) })
		g.Operations = merged(g.Operations)
		groups = append(groups, g)
	}
	return groups
}

// merged leaves the first of the operations with one summary, which are different ways to do the same.
func merged(list []Operation) []Operation {
	var out []Operation
	for _, op := range list {
		i := slices.IndexFunc(out, func(o Operation) bool { return o.Summary == op.Summary })
		if i < 0 {
			out = append(out, op)
		} else {
			out[i].Also = append(out[i].Also, op.Method+" "+op.Path)
		}
	}
	return out
}

func (op Operation) rank() int {
	switch {
	case op.First():
		return 0
	case strings.HasPrefix(op.Path, "/{topic}"):
		return 1
	}
	return 2
}

func (o *description) operation(path, method string) Operation {
	op := o.Paths[path][method]
	out := Operation{Method: strings.ToUpper(method), Path: path, Summary: op.Summary, Text: op.Description}
	for _, p := range op.Parameters {
		out.Inputs = append(out.Inputs, Input{p.Name, p.In, p.Description})
	}
	out.Auth = auth(op.Security)
	_, out.Plain = op.RequestBody.Content["text/plain"]
	if media, ok := op.RequestBody.Content["application/json"]; ok {
		out.Body = media.Schema.word()
		out.Example = string(media.Example)
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		r := op.Responses[status]
		if name, ok := strings.CutPrefix(r.Ref, "#/components/responses/"); ok {
			r = o.Components.Responses[name]
		}
		reply := Reply{Status: status, Text: r.Description}
		if media, ok := r.Content["application/json"]; ok {
			reply.Schema = media.Schema.word()
			if status < "300" && out.Reply == "" {
				if text, err := json.MarshalIndent(o.sample(media.Schema, 0), "", "  "); err == nil {
					out.Reply, out.ReplyStatus = string(text), status
				}
			}
		}
		out.Replies = append(out.Replies, reply)
	}
	return out
}

func (o *description) schemas() []Schema {
	var list []Schema
	for _, name := range slices.Sorted(maps.Keys(o.Components.Schemas)) {
		schema := o.Components.Schemas[name]
		out := Schema{Name: name}
		for _, field := range slices.Sorted(maps.Keys(schema.Properties)) {
			p := schema.Properties[field]
			out.Fields = append(out.Fields, Field{field, p.word(), p.Description})
		}
		list = append(list, out)
	}
	return list
}

// word names a schema in a word or two.
func (s schema) word() string {
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
