package e2e_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"
	"time"
)

// schemas checks values against the JSON Schema subset that openapi.json uses. A keyword it does not know is a fault, so
// that nothing written there is silently without effect.
type schemas struct{ root map[string]any }

// annotations say nothing about the value.
var annotations = map[string]bool{"description": true, "example": true, "default": true, "contentMediaType": true, "contentSchema": true}

func (s schemas) check(schema map[string]any, value any, at string) []string {
	if ref, ok := schema["$ref"].(string); ok {
		return s.check(s.resolve(ref), value, at)
	}
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, at+": "+fmt.Sprintf(format, args...)) }
	for keyword, want := range schema {
		switch keyword {
		case "type":
			if !isType(value, want) {
				fault("%v is no %v", value, want)
			}
		case "enum":
			if !oneOf(value, want.([]any)) {
				fault("%v is none of %v", value, want)
			}
		case "const":
			if !reflect.DeepEqual(value, want) {
				fault("%v is not %v", value, want)
			}
		case "properties", "required", "additionalProperties":
			// objects are checked as a whole below
		case "items":
			list, _ := value.([]any)
			for i, item := range list {
				faults = append(faults, s.check(want.(map[string]any), item, fmt.Sprintf("%s[%d]", at, i))...)
			}
		default:
			if !annotations[keyword] && !fits(keyword, want, value) {
				fault("%v does not fit %s %v", value, keyword, want)
			}
		}
	}
	if object, ok := value.(map[string]any); ok {
		faults = append(faults, s.checkObject(schema, object, at)...)
	}
	return faults
}

func (s schemas) checkObject(schema, object map[string]any, at string) []string {
	var faults []string
	required, _ := schema["required"].([]any)
	for _, name := range required {
		if _, there := object[name.(string)]; !there {
			faults = append(faults, fmt.Sprintf("%s: %s is missing", at, name))
		}
	}
	properties, _ := schema["properties"].(map[string]any)
	for name, value := range object {
		if property, known := properties[name].(map[string]any); known {
			faults = append(faults, s.check(property, value, at+"."+name)...)
		} else if schema["additionalProperties"] == false {
			faults = append(faults, fmt.Sprintf("%s: %s is not in the description", at, name))
		}
	}
	return faults
}

func (s schemas) resolve(ref string) map[string]any {
	node := s.root
	for word := range strings.SplitSeq(strings.TrimPrefix(ref, "#/"), "/") {
		node = node[word].(map[string]any)
	}
	return node
}

// fits checks the keywords for strings and numbers.
func fits(keyword string, want, value any) bool {
	text, isText := value.(string)
	number, isNumber := value.(float64)
	switch keyword {
	case "pattern":
		return !isText || regexp.MustCompile(want.(string)).MatchString(text)
	case "minLength":
		return !isText || len([]rune(text)) >= int(want.(float64))
	case "maxLength":
		return !isText || len([]rune(text)) <= int(want.(float64))
	case "minimum":
		return !isNumber || number >= want.(float64)
	case "maximum":
		return !isNumber || number <= want.(float64)
	case "format":
		return !isText || isFormat(text, want.(string))
	}
	return false
}

func isFormat(text, format string) bool {
	switch format {
	case "date-time":
		_, err := time.Parse(time.RFC3339Nano, text)
		return err == nil && strings.HasSuffix(text, "Z")
	case "date":
		_, err := time.Parse(time.DateOnly, text)
		return err == nil
	}
	return false
}

func isType(value, want any) bool {
	if list, ok := want.([]any); ok {
		for _, w := range list {
			if isType(value, w) {
				return true
			}
		}
		return false
	}
	switch v := value.(type) {
	case nil:
		return want == "null"
	case string:
		return want == "string"
	case bool:
		return want == "boolean"
	case float64:
		return want == "number" || want == "integer" && v == math.Trunc(v)
	case []any:
		return want == "array"
	case map[string]any:
		return want == "object"
	}
	return false
}

func oneOf(value any, list []any) bool {
	for _, v := range list {
		if reflect.DeepEqual(v, value) {
			return true
		}
	}
	return false
}

func decodeAny(text string) (any, error) {
	var v any
	err := json.Unmarshal([]byte(text), &v)
	return v, err
}
