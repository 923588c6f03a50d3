package api

// Key is a user's API key. Key holds the secret and is set in the reply to create only.
type Key struct {
	ID           string   `json:"id"`
	UserID       string   `json:"user_id"`
	Name         string   `json:"name"`
	Key          string   `json:"key,omitempty"`
	KeyPrefix    string   `json:"key_prefix"`
	Hint         string   `json:"hint"`
	Description  string   `json:"description"`
	Scopes       []string `json:"scopes"`
	Topics       []string `json:"topics"` // null: all
	Paired       bool     `json:"paired"` // the key of a paired device
	RequestCount int64    `json:"request_count"`
	IsActive     bool     `json:"is_active"`
	IsValid      bool     `json:"is_valid"`
	CreatedAt    Time     `json:"created_at"`
	LastUsed     *Time    `json:"last_used"`
	ExpiresAt    *Time    `json:"expires_at"`
}

// KeyRequest creates a key. Topics are names and patterns such as backup-*, absent for all. ExpiresAt is RFC 3339, a date, or
// absent for never.
type KeyRequest struct {
	Name        string   `json:"name"`
	Description string   `json:"description,omitempty"`
	Scopes      []string `json:"scopes,omitempty"`
	Topics      []string `json:"topics,omitempty"`
	ExpiresAt   *string  `json:"expires_at,omitempty"`
}

// Keys is the reply of GET /api/keys.
type Keys struct {
	Keys []Key `json:"keys"`
}
