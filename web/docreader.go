package web

// Reading is for whom a page of the documentation is shown: the topic that its examples name, and the others to choose from.
// Both are empty for a reader who has none.
type Reading struct {
	Topic  string
	Topics []string
}

// SampleOr is the reader's topic, or the one of the examples.
func (r Reading) SampleOr(sample string) string {
	if r.Topic == "" {
		return sample
	}
	return r.Topic
}
