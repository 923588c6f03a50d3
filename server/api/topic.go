package api

// Topic is a topic as its readers see it.
type Topic struct {
	ID              string  `json:"id"`
	Name            string  `json:"name"`
	DisplayName     *string `json:"display_name"`
	OwnerID         string  `json:"owner_id"`
	TeamID          *string `json:"team_id"`
	AccessLevel     string  `json:"access_level"`
	Description     *string `json:"description"`
	IsDiscoverable  bool    `json:"is_discoverable"`
	IconName        string  `json:"icon_name"`
	IconColor       string  `json:"icon_color"`
	AlertMode       bool    `json:"alert_mode"`
	MessageCount    int64   `json:"message_count"`
	SubscriberCount int     `json:"subscriber_count"`
	RetentionHours  *int64  `json:"retention_hours"`
	RetentionBytes  *int64  `json:"retention_bytes"`
	CreatedAt       Time    `json:"created_at"`
	LastMessageAt   *Time   `json:"last_message_at"`
}

// ListedTopic is a topic as those see it who may not read it.
type ListedTopic struct {
	ID             string  `json:"id"`
	Name           string  `json:"name"`
	DisplayName    *string `json:"display_name"`
	AccessLevel    string  `json:"access_level"`
	Description    *string `json:"description"`
	IsDiscoverable bool    `json:"is_discoverable"`
	IconName       string  `json:"icon_name"`
	IconColor      string  `json:"icon_color"`
}

// TopicRequest creates or changes a topic; a field that is absent stays as it is.
type TopicRequest struct {
	Name           *string `json:"name,omitempty"`
	DisplayName    *string `json:"display_name,omitempty"`
	AccessLevel    *string `json:"access_level,omitempty"`
	Description    *string `json:"description,omitempty"`
	IsDiscoverable *bool   `json:"is_discoverable,omitempty"`
	IconName       *string `json:"icon_name,omitempty"`
	IconColor      *string `json:"icon_color,omitempty"`
	RetentionHours *int64  `json:"retention_hours,omitempty"`
	RetentionBytes *int64  `json:"retention_bytes,omitempty"`
}

// TopicStats is the reply of GET /api/topics/{name}/stats.
type TopicStats struct {
	Name            string     `json:"name"`
	MessageCount    int64      `json:"message_count"`
	SubscriberCount int        `json:"subscriber_count"`
	LastMessageAt   *Time      `json:"last_message_at"`
	Activity        []Activity `json:"activity"`
}
