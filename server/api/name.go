package api

import "regexp"

// topicID is what the API takes in place of a topic's name.
var topicID = regexp.MustCompile(`^topic_[a-z2-7]{16}$`)

// IsTopicID reports whether s has the form of a topic's id.
func IsTopicID(s string) bool { return topicID.MatchString(s) }

// IsTopicName reports whether s is a well-formed topic name. Whether it may be created is another question.
func IsTopicName(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' && c != '-' {
			return false
		}
	}
	return len(s) >= 3 && len(s) <= 64
}
