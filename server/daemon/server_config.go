package daemon

import (
	"fmt"
	"log/slog"
	"net/url"
	"time"

	"notifer/server"
	"notifer/server/auth"
	"notifer/server/auth/argon"
	"notifer/server/config"
)

// noticeInterval is how often the server checks for what owners of tokens should know.
const noticeInterval = 10 * time.Second

// ServerConfig is the part of the configuration that the HTTP side reads.
func ServerConfig(c *config.Config, log *slog.Logger, version string) (server.Config, error) {
	out := server.Config{
		Log: log, Version: version, MessageBytes: c.Limits.MessageBytes, BodyBytes: c.Limits.BodyBytes, AnonymousPerMinute: c.Limits.AnonymousPerMinute,
		AnonymousBytes: int64(c.Limits.AnonymousBytesPerDay), TokenBytes: int64(c.Limits.TokenBytesPerDay),
		MaxTopics: c.Limits.TopicsPerAccount, Changes: c.Limits.ChangesPerDay,
		AnonymousReads: c.Limits.AnonymousReadsPerSecond, InFlight: int(c.Limits.InFlightBytes),
		Registration: c.Auth.Registration, Streams: c.Limits.Streams,
		StreamsPerAddress: c.Limits.StreamsPerAddress, StreamsPerKey: c.Limits.StreamsPerCredential,
		Heartbeat: time.Duration(c.Stream.Heartbeat), WriteTimeout: time.Duration(c.Stream.WriteTimeout),
		ReauthAfter: time.Duration(c.Auth.ReauthAfter), NoticeInterval: noticeInterval,
		DefaultExpiry: time.Duration(c.Tokens.DefaultExpiry), MaxExpiry: time.Duration(c.Tokens.MaxExpiry),
		KeepEnded: time.Duration(c.Tokens.KeepEnded), Retention: time.Duration(c.Retention.Age), Auth: AuthOptions(c),
		Push: c.Push.Enabled, PushHosts: c.Push.Hosts, PushContact: c.Push.Contact,
	}
	var err error
	if c.BaseURL != "" {
		if out.BaseURL, err = url.Parse(c.BaseURL); err != nil {
			return out, fmt.Errorf("base_url: %w", err)
		}
	}
	if out.TrustedProxies, err = config.Networks(c.TrustedProxies); err != nil {
		return out, fmt.Errorf("trusted_proxies: %w", err)
	}
	return out, nil
}

// AuthOptions is the part of the configuration that checks credentials.
func AuthOptions(c *config.Config) auth.Options {
	return auth.Options{
		Params:    argon.Params{Memory: uint32(c.Auth.Argon2Memory), Time: uint32(c.Auth.Argon2Time), Threads: uint8(c.Auth.Argon2Threads)},
		AccessTTL: time.Duration(c.Auth.AccessTTL), RefreshTTL: time.Duration(c.Auth.RefreshTTL), SessionMax: time.Duration(c.Auth.SessionMax), MaxTokens: c.Tokens.MaxPerTopic, MaxKeys: c.Limits.KeysPerAccount,
		OpenPublish: c.Limits.OpenPublish, RefuseInURLs: c.Tokens.RefuseInURLs, SecondFactor: auth.Demand(c.Auth.RequireSecondFactor),
	}
}
