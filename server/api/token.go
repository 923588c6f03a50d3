package api

// Token is a topic access token. Token holds the secret and is set in the replies to create and rotate only.
type Token struct {
	ID           string    `json:"id"`
	Token        string    `json:"token,omitempty"`
	Name         string    `json:"name"`
	Note         string    `json:"note,omitempty"`
	Topic        string    `json:"topic"`
	TopicID      string    `json:"topic_id"`
	UserID       string    `json:"user_id"`
	Permissions  []string  `json:"permissions"`
	AccessLevel  string    `json:"access_level"`
	TokenPrefix  string    `json:"token_prefix"`
	Hint         string    `json:"hint"`
	Status       Status    `json:"status"`
	IsActive     bool      `json:"is_active"`
	IsValid      bool      `json:"is_valid"`
	CanRead      bool      `json:"can_read"`
	CanWrite     bool      `json:"can_write"`
	CreatedAt    Time      `json:"created_at"`
	CreatedBy    Creator   `json:"created_by"`
	ExpiresAt    *Time     `json:"expires_at"`
	RevokedAt    *Time     `json:"revoked_at,omitempty"`
	LastUsedAt   *Time     `json:"last_used_at"`
	LastUsed     *Time     `json:"last_used"`
	LastUsedIP   string    `json:"last_used_ip,omitempty"`
	LastUsedVia  string    `json:"last_used_via,omitempty"`
	RequestCount int64     `json:"request_count"`
	RefusedCount int64     `json:"refused_count"`
	URLSeenAt    *Time     `json:"url_seen_at,omitempty"`
	WarningCount int64     `json:"warning_count"` // messages published with it that had to be corrected
	LastWarning  string    `json:"last_warning,omitempty"`
	WarningAt    *Time     `json:"last_warning_at,omitempty"`
	RefuseInURL  bool      `json:"refuse_in_url"`
	Networks     []string  `json:"networks,omitempty"`
	Priority     *int      `json:"default_priority,omitempty"`
	Tags         []string  `json:"default_tags,omitempty"`
	Shape        string    `json:"shape"`              // how bodies that come with it are read; empty: as they are
	Template     *Template `json:"template,omitempty"` // of the shape custom
	Signed       bool      `json:"signed"`             // requests with it must be signed
	SecretHint   string    `json:"signing_secret_hint,omitempty"`
	PrevHint     string    `json:"previous_hint,omitempty"`
	PrevUntil    *Time     `json:"previous_until,omitempty"`
	PrevLastUsed *Time     `json:"previous_last_used_at,omitempty"`
}

// Template says with templates which fields of a payload are those of a message.
type Template struct {
	Each      string `json:"each,omitempty"` // a list in the payload: one message for each of its elements
	Title     string `json:"title,omitempty"`
	Text      string `json:"text,omitempty"`
	Priority  string `json:"priority,omitempty"`
	Tags      string `json:"tags,omitempty"`
	Link      string `json:"link,omitempty"`
	LinkTitle string `json:"link_title,omitempty"`
	Key       string `json:"key,omitempty"`
	Resolved  string `json:"resolved,omitempty"`
	Markdown  bool   `json:"markdown,omitempty"`
}

// Creator names the user who made a token.
type Creator struct {
	ID       string `json:"id"`
	Username string `json:"username"`
}

// TokenRequest creates or changes a token. Permissions and AccessLevel are two spellings of one thing.
// ExpiresAt is RFC 3339 or null for never. Permissions cannot be changed later.
type TokenRequest struct {
	Name        *string   `json:"name,omitempty"`
	Note        *string   `json:"note,omitempty"`
	Permissions []string  `json:"permissions,omitempty"`
	AccessLevel *string   `json:"access_level,omitempty"`
	ExpiresAt   *string   `json:"expires_at,omitempty"`
	RefuseInURL *bool     `json:"refuse_in_url,omitempty"`
	Networks    *[]string `json:"networks,omitempty"`
	Priority    *int      `json:"default_priority,omitempty"`
	Tags        *[]string `json:"default_tags,omitempty"`
	Shape       *string   `json:"shape,omitempty"`
	Template    *Template `json:"template,omitempty"`
	Secret      *string   `json:"signing_secret,omitempty"`
}

// RotateRequest gives the old secret GraceSeconds more; 0 ends it at once.
type RotateRequest struct {
	GraceSeconds *int64 `json:"grace_seconds,omitempty"`
}

// TokenReport answers the finder of a token.
type TokenReport struct {
	Live bool   `json:"live"`
	Hint string `json:"hint"`
}

// TokenUsage is the reply of GET .../access-tokens/{id}/usage.
type TokenUsage struct {
	Days      []UsageDay     `json:"days"`
	Addresses []UsageAddress `json:"addresses"`
}

// UsageDay counts one day, UTC.
type UsageDay struct {
	Day     string `json:"day"`
	OK      int64  `json:"ok"`
	Refused int64  `json:"refused"`
}

// UsageAddress is one address a token was used from.
type UsageAddress struct {
	Address string `json:"address"`
	LastAt  Time   `json:"last_at"`
	Count   int64  `json:"count"`
}
