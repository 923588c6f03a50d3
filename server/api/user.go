package api

// User is an account.
type User struct {
	ID               string `json:"id"`
	Email            string `json:"email"`
	Username         string `json:"username"`
	IsAdmin          bool   `json:"is_admin"`
	Disabled         bool   `json:"disabled"`
	SubscriptionTier string `json:"subscription_tier"`
	CreatedAt        Time   `json:"created_at"`
	LastLoginAt      *Time  `json:"last_login_at"`
}

// Tier is the constant every account reports: there are no plans.
const Tier = "self-hosted"

// LoginRequest is the body of POST /auth/login.
type LoginRequest struct {
	Email    string `json:"email"`
	Password string `json:"password"`
}

// Login is the reply of login, register and refresh. ExpiresIn is in seconds.
type Login struct {
	AccessToken  string `json:"access_token"`
	RefreshToken string `json:"refresh_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int64  `json:"expires_in"`
	User         User   `json:"user"`
}

// RefreshRequest is the body of POST /auth/refresh.
type RefreshRequest struct {
	RefreshToken string `json:"refresh_token"`
}

// UserRequest creates or changes an account; absent fields stay.
type UserRequest struct {
	Email    *string `json:"email,omitempty"`
	Username *string `json:"username,omitempty"`
	Password *string `json:"password,omitempty"`
	IsAdmin  *bool   `json:"is_admin,omitempty"`
	Disabled *bool   `json:"disabled,omitempty"`
}

// PasswordRequest is the body of POST /auth/password.
type PasswordRequest struct {
	CurrentPassword string `json:"current_password"`
	NewPassword     string `json:"new_password"`
	RevokeKeys      bool   `json:"revoke_keys,omitempty"` // the account's API keys end too
}

// SetupRequest makes the first admin with the code of the setup link.
type SetupRequest struct {
	Code     string `json:"code"`
	Email    string `json:"email"`
	Username string `json:"username"`
	Password string `json:"password"`
}

// DeleteAccountRequest confirms DELETE /api/users/me.
type DeleteAccountRequest struct {
	Password string `json:"password"`
}
