package api

// Message is one published message, in replies, histories and streams alike.
// ID is 12 lower-case Crockford base32 characters that sort by time.
type Message struct {
	ID        string   `json:"id"`
	Topic     string   `json:"topic"`
	Title     *string  `json:"title"`
	Message   string   `json:"message"`
	Priority  int      `json:"priority"`
	Tags      []string `json:"tags"`
	Timestamp Time     `json:"timestamp"`
	Markdown  bool     `json:"markdown,omitempty"`
	URL       string   `json:"url,omitempty"`
	URLTitle  string   `json:"url_title,omitempty"`
	Actions   []Action `json:"actions,omitempty"`
	Sender    *Sender  `json:"sender,omitempty"`       // for those who may manage the topic, where it is known
	Key       string   `json:"alert_key,omitempty"`    // what the message is about
	Status    string   `json:"alert_status,omitempty"` // of a message with a key: open or resolved
	Damaged   bool     `json:"damaged,omitempty"`      // what was stored cannot be read: the texts say so instead
	Messages  []string `json:"messages,omitempty"`     // of a publish whose body became several: their ids
	Warnings  []string `json:"warnings,omitempty"`     // of a publish: what was corrected
}

// Sender is who sent a message. Kind is token, key or account. The name stays when the sender is deleted.
type Sender struct {
	Kind string `json:"kind"`
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Action is a button under a message: a view, http or broadcast with a label.
type Action struct {
	Type    string            `json:"type"`
	Label   string            `json:"label"`
	URL     string            `json:"url,omitempty"`
	Options map[string]string `json:"options,omitempty"`
}

// PublishRequest is the JSON form of a publish.
type PublishRequest struct {
	Message  string   `json:"message"`
	Title    *string  `json:"title,omitempty"`
	Priority *int     `json:"priority,omitempty"`
	Tags     []string `json:"tags,omitempty"`
	Markdown *bool    `json:"markdown,omitempty"`
	URL      *string  `json:"url,omitempty"`
	URLTitle *string  `json:"url_title,omitempty"`
	Actions  []Action `json:"actions,omitempty"`
	Strict   bool     `json:"-"` // sent as X-Strict: refuse the message instead of correcting its fields
}

// Found is the reply of a search. Next, when set, is the `before` of the page that follows.
type Found struct {
	Messages []Message `json:"messages"`
	Total    int       `json:"total"`
	Next     string    `json:"next,omitempty"`
}

// MessageEdit is the body of PATCH /api/{topic}/messages/{id}.
type MessageEdit struct {
	Message  *string  `json:"message,omitempty"`
	Title    *string  `json:"title,omitempty"`
	Priority *int     `json:"priority,omitempty"`
	Tags     []string `json:"tags,omitempty"`
}

// StreamSession is the reply of POST /api/sse/sessions: a short address for a long list of topics.
type StreamSession struct {
	SessionID string `json:"session_id"`
	URL       string `json:"url"`
	ExpiresAt Time   `json:"expires_at"`
}

// StreamSessionRequest asks for a short address.
type StreamSessionRequest struct {
	Topics []string `json:"topics"`
}

// Activity is the number of messages of one day, UTC.
type Activity struct {
	Day   string `json:"day"`
	Count int64  `json:"count"`
}
