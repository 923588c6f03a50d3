package api

// Alerts is the reply of GET /api/topics/{topic}/alerts.
type Alerts struct {
	Alerts []Alert `json:"alerts"`
	Total  int     `json:"total"`
}

// Alert is what the messages of one key are about, with what the last of them says.
type Alert struct {
	Key             string   `json:"alert_key"`
	Status          string   `json:"status"` // open or resolved
	Topic           string   `json:"topic_name"`
	TopicID         string   `json:"topic_id"`
	Title           *string  `json:"title"`
	Message         string   `json:"message"`
	Priority        int      `json:"priority"`
	Tags            []string `json:"tags"`
	URL             string   `json:"url,omitempty"`
	Count           int64    `json:"count"` // messages since it was opened
	FirstID         string   `json:"first_message_id"`
	LastID          string   `json:"last_message_id"`
	FirstReceivedAt Time     `json:"first_received_at"`
	LastReceivedAt  Time     `json:"last_received_at"`
	ResolvedAt      *Time    `json:"resolved_at"`
	Damaged         bool     `json:"damaged,omitempty"` // the last message cannot be read: the texts say so instead
}
