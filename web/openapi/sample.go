package openapi

import (
	"slices"
	"strings"
)

// Curl is a request to the server at a public URL that runs as is for a topic, once the credential is set.
func (op Operation) Curl(public, topic string) string {
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
		line += " \\\n  -H \"X-Topic-Token: $NOTIFER_TOPIC_TOKEN\""
	case "API key":
		line += " \\\n  -H \"X-API-Key: $NOTIFER_API_KEY\""
	case "Session":
		line += " \\\n  -H \"Authorization: Bearer $JWT\""
	}
	path := strings.NewReplacer("{topic}", topic, "{id}", "ID").Replace(op.Path)
	if strings.HasSuffix(op.Path, "/ws") {
		return "websocat " + strings.Replace(public, "http", "ws", 1) + path + " \\\n  -H \"X-Topic-Token: $NOTIFER_TOPIC_TOKEN\""
	}
	return line + " \\\n  " + public + path
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
func (o *description) sample(s schema, depth int) any {
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		s = o.Components.Schemas[name]
	}
	if s.Example != nil {
		return s.Example
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

// sampleField knows examples of the most common fields.
func (o *description) sampleField(name string, s schema, depth int) any {
	if s.Ref == "" && s.Items == nil && s.Properties == nil && len(s.Enum) == 0 {
		if v, ok := sampleValues[name]; ok {
			return v
		}
	}
	return o.sample(s, depth)
}
