package auth

import "errors"

// The kinds of refusal. A refusal wraps exactly one of them.
var (
	ErrUnauthenticated = errors.New("not authenticated")
	ErrForbidden       = errors.New("forbidden")
	ErrNotFound        = errors.New("not found")
	ErrTwoCredentials  = errors.New("conflicting credentials")
)

// Reason is why a credential was refused, in one word that is safe for logs and metrics.
type Reason string

// The reasons of refusals.
const (
	NoCredential   Reason = "no_credential"
	WrongHeader    Reason = "wrong_header"
	MistypedText   Reason = "mistyped"
	ExtraText      Reason = "extra_character"
	UnknownSecret  Reason = "unknown"
	OtherTopic     Reason = "other_topic"
	Revoked        Reason = "revoked"
	Expired        Reason = "expired"
	OwnerDisabled  Reason = "owner_disabled"
	Permission     Reason = "permission"
	Network        Reason = "network"
	InURL          Reason = "in_url"
	NotPrivate     Reason = "not_private"
	BadSession     Reason = "bad_session"
	BadSignature   Reason = "signature"
	NoScope        Reason = "scope"
	NotYours       Reason = "not_yours"
	OtherSite      Reason = "other_site"
	TwoCredentials Reason = "conflict"
	BadCode        Reason = "bad_code"
	CodeNeeded     Reason = "code_needed"
	OwesPassword   Reason = "owes_password" // a new one has to be chosen
	OwesFactor     Reason = "owes_factor"   // a second factor has to be turned on
)

// Refusal is why a request may not go on. Detail is for the caller and holds no secret; Hint says more where that
// is safe. TokenID is set when the credential was recognised.
type Refusal struct {
	Kind       error
	Reason     Reason
	Detail     string
	Hint       string
	SecretHint string // the hint of the secret, never the secret
	TokenID    string

	UserID, Username string // of the account that a wrong password or code was for
}

func (r *Refusal) Error() string { return r.Detail }
func (r *Refusal) Unwrap() error { return r.Kind }

func refused(err error) bool {
	_, ok := errors.AsType[*Refusal](err)
	return ok
}

func unauthenticated(reason Reason, detail string) *Refusal {
	return &Refusal{Kind: ErrUnauthenticated, Reason: reason, Detail: detail}
}

func forbidden(reason Reason, detail string) *Refusal {
	return &Refusal{Kind: ErrForbidden, Reason: reason, Detail: detail}
}
