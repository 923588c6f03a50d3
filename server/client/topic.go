package client

import (
	"context"
	"net/http"
	"net/url"

	"notifer/server/api"
)

// CreateTopic makes a topic, private unless the request says otherwise.
func (c *Client) CreateTopic(ctx context.Context, r api.TopicRequest) (api.Topic, error) {
	return call[api.Topic](ctx, c, http.MethodPost, "/api/topics", r)
}

// Topics lists the caller's own topics.
func (c *Client) Topics(ctx context.Context) ([]api.Topic, error) {
	return call[[]api.Topic](ctx, c, http.MethodGet, "/api/topics/my?limit=100", nil)
}

// Topic reads one topic by name or id.
func (c *Client) Topic(ctx context.Context, name string) (api.Topic, error) {
	return call[api.Topic](ctx, c, http.MethodGet, topicPath(name), nil)
}

// UpdateTopic changes a topic.
func (c *Client) UpdateTopic(ctx context.Context, name string, r api.TopicRequest) (api.Topic, error) {
	return call[api.Topic](ctx, c, http.MethodPatch, topicPath(name), r)
}

// DeleteTopic deletes a topic with its messages and tokens.
func (c *Client) DeleteTopic(ctx context.Context, name string) error {
	return c.Do(ctx, http.MethodDelete, topicPath(name), nil, nil)
}

// CreateToken makes a topic access token; the reply alone holds its text.
func (c *Client) CreateToken(ctx context.Context, topic, name string, permissions ...string) (api.Token, error) {
	return c.CreateTokenWith(ctx, topic, api.TokenRequest{Name: &name, Permissions: permissions})
}

// CreateTokenWith makes a topic access token with every field of the request.
func (c *Client) CreateTokenWith(ctx context.Context, topic string, r api.TokenRequest) (api.Token, error) {
	return call[api.Token](ctx, c, http.MethodPost, topicPath(topic)+"/access-tokens", r)
}

// Tokens lists a topic's access tokens.
func (c *Client) Tokens(ctx context.Context, topic string) ([]api.Token, error) {
	return call[[]api.Token](ctx, c, http.MethodGet, topicPath(topic)+"/access-tokens", nil)
}

// RevokeToken ends a topic access token and its open streams.
func (c *Client) RevokeToken(ctx context.Context, topic, id string) error {
	return c.Do(ctx, http.MethodDelete, topicPath(topic)+"/access-tokens/"+url.PathEscape(id), nil, nil)
}

func topicPath(name string) string { return "/api/topics/" + url.PathEscape(name) }

// ReportToken tells the server that the credential, a topic token, was found in the open.
func (c *Client) ReportToken(ctx context.Context) (api.TokenReport, error) {
	return call[api.TokenReport](ctx, c, http.MethodPost, "/api/access-token/report", nil)
}
