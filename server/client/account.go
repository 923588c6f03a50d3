package client

import (
	"context"
	"net/http"

	"notifer/server/api"
)

// Me returns the credential's account.
func (c *Client) Me(ctx context.Context) (api.User, error) {
	return call[api.User](ctx, c, http.MethodGet, "/auth/me", nil)
}

// Health asks the server whether it can store messages; it answers an *Error with status 503 if it cannot.
func (c *Client) Health(ctx context.Context) (api.Health, error) {
	return call[api.Health](ctx, c, http.MethodGet, "/healthz", nil)
}

// call is Do with the reply as its result.
func call[T any](ctx context.Context, c *Client, method, path string, in any) (T, error) {
	var out T
	err := c.Do(ctx, method, path, in, &out)
	return out, err
}
