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

	MustChangePassword bool `json:"must_change_password"` // another person has set it: nothing else works before
	SecondFactor       bool `json:"second_factor"`        // a sign-in needs a code beside the password
}

// Tier is the constant every account reports: there are no plans.
const Tier = "self-hosted"

// LoginRequest is the body of POST /auth/login.
type LoginRequest struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Code     string `json:"code,omitempty"` // of the second factor, where the account has one
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
	// CurrentPassword is the account's, which its own user gives to change the email.
	CurrentPassword string `json:"current_password,omitempty"`
	Code            string `json:"code,omitempty"` // of the second factor, where the sign-in is not recent

	MustChangePassword *bool `json:"must_change_password,omitempty"` // of a new password: it is chosen anew at the next sign-in
	RevokeKeys         bool  `json:"revoke_keys,omitempty"`          // with a new password the account's API keys end too
}

// PasswordRequest is the body of POST /auth/password.
type PasswordRequest struct {
	CurrentPassword string `json:"current_password"`
	NewPassword     string `json:"new_password"`
	RevokeKeys      bool   `json:"revoke_keys,omitempty"` // the account's API keys end too
	Code            string `json:"code,omitempty"`        // of the second factor, where the sign-in is not recent
}

// SecondFactor is the state of an account's second factor.
type SecondFactor struct {
	Enabled           bool  `json:"enabled"`
	EnabledAt         *Time `json:"enabled_at"`
	RecoveryCodesLeft int   `json:"recovery_codes_left"`
	Required          bool  `json:"required"` // the server demands one of this account
}

// NewSecondFactor is what an authenticator app needs: the secret as it is typed, and as it is read from a QR code.
type NewSecondFactor struct {
	Secret string `json:"secret"`
	URI    string `json:"uri"`
}

// SecondFactorRequest proves who changes a second factor.
type SecondFactorRequest struct {
	CurrentPassword string `json:"current_password"`
	Code            string `json:"code"`
}

// RecoveryCodes are shown once. Each works once in place of a code.
type RecoveryCodes struct {
	RecoveryCodes []string `json:"recovery_codes"`
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
	Code     string `json:"code,omitempty"` // of the second factor, where the sign-in is not recent
}
