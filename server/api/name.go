package api

import "strings"

// IsTopicID reports whether s reads as a topic's id, which the API takes in place of its name: topic_ and 16 characters. No topic may have such
// a name.
func IsTopicID(s string) bool { return strings.HasPrefix(s, "topic_") && len(s) == len("topic_")+16 }

// IsTopicName reports whether s is a well-formed topic name. Whether it may be created is another question.
func IsTopicName(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return len(s) >= 3 && len(s) <= 64
}
