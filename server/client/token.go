package client

import (
	"context"
	"net/http"

	"notifer/server/api"
)

// ReportToken reports to the server that the credential, a topic token, was found in public.
func (c *Client) ReportToken(ctx context.Context) (api.TokenReport, error) {
	return call[api.TokenReport](ctx, c, http.MethodPost, "/api/access-token/report", nil)
}
