package client

import (
	"context"
	"net/http"
	"net/url"

	"notifer/server/api"
)

// Setup makes the first administrator with the code of the setup link.
func (c *Client) Setup(ctx context.Context, r api.SetupRequest) (api.Login, error) {
	return call[api.Login](ctx, c, http.MethodPost, "/setup", r)
}

// Login trades e-mail and password for tokens.
func (c *Client) Login(ctx context.Context, email, password string) (api.Login, error) {
	return call[api.Login](ctx, c, http.MethodPost, "/auth/login", api.LoginRequest{Email: email, Password: password})
}

// Refresh trades a refresh token for a new pair.
func (c *Client) Refresh(ctx context.Context, token string) (api.Login, error) {
	return call[api.Login](ctx, c, http.MethodPost, "/auth/refresh", api.RefreshRequest{RefreshToken: token})
}

// Logout ends the session of the credential.
func (c *Client) Logout(ctx context.Context) error {
	return c.Do(ctx, http.MethodPost, "/auth/logout", nil, nil)
}

// Me returns the credential's account.
func (c *Client) Me(ctx context.Context) (api.User, error) {
	return call[api.User](ctx, c, http.MethodGet, "/auth/me", nil)
}

// ChangePassword sets a new password and ends all other sessions.
func (c *Client) ChangePassword(ctx context.Context, old, new string) error {
	return c.Do(ctx, http.MethodPost, "/auth/password", api.PasswordRequest{CurrentPassword: old, NewPassword: new}, nil)
}

// Users lists the accounts; administrators only.
func (c *Client) Users(ctx context.Context) ([]api.User, error) {
	return call[[]api.User](ctx, c, http.MethodGet, "/api/users", nil)
}

// CreateUser makes an account; administrators only.
func (c *Client) CreateUser(ctx context.Context, r api.UserRequest) (api.User, error) {
	return call[api.User](ctx, c, http.MethodPost, "/api/users", r)
}

// UpdateUser changes an account; administrators only.
func (c *Client) UpdateUser(ctx context.Context, id string, r api.UserRequest) (api.User, error) {
	return call[api.User](ctx, c, http.MethodPatch, "/api/users/"+url.PathEscape(id), r)
}

// DeleteUser deletes an account with its topics; administrators only.
func (c *Client) DeleteUser(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodDelete, "/api/users/"+url.PathEscape(id), nil, nil)
}

// Keys lists the caller's API keys.
func (c *Client) Keys(ctx context.Context) ([]api.Key, error) {
	keys, err := call[api.Keys](ctx, c, http.MethodGet, "/api/keys", nil)
	return keys.Keys, err
}

// CreateKey makes an API key; the reply alone holds its text.
func (c *Client) CreateKey(ctx context.Context, r api.KeyRequest) (api.Key, error) {
	return call[api.Key](ctx, c, http.MethodPost, "/api/keys", r)
}

// RevokeKey ends an API key.
func (c *Client) RevokeKey(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodPost, "/api/keys/"+url.PathEscape(id)+"/revoke", nil, nil)
}

// DeleteKey deletes an API key.
func (c *Client) DeleteKey(ctx context.Context, id string) error {
	return c.Do(ctx, http.MethodDelete, "/api/keys/"+url.PathEscape(id), nil, nil)
}

// Health asks whether the server is well; an error says it is not.
func (c *Client) Health(ctx context.Context) (api.Health, error) {
	return call[api.Health](ctx, c, http.MethodGet, "/healthz", nil)
}

// call is Do with the reply as its result.
func call[T any](ctx context.Context, c *Client, method, path string, in any) (T, error) {
	var out T
	err := c.Do(ctx, method, path, in, &out)
	return out, err
}
