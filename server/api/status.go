package api

// Status is the one word that says how a token or an API key stands. A key is active, expired or revoked.
type Status string

const (
	Active   Status = "active"
	Unused   Status = "unused"
	Idle     Status = "idle"
	Expiring Status = "expiring"
	Rotating Status = "rotating"
	Leaked   Status = "leaked"
	Expired  Status = "expired"
	Revoked  Status = "revoked"
)
