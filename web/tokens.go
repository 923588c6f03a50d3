package web

import (
	"context"
	"time"
)

// Tokens is the access tokens page of a topic.
type Tokens struct {
	Settings
	Tokens []Token
	Reveal *Reveal // a secret to show, once
	Gone   string  // name of a token whose secret was shown already
	New    Form    // values: name, publish, subscribe, expires
	Open   bool    // the create form is asked for
	Once   string  // single-use id of the create form
}

// Token is one live token in the list.
type Token struct {
	ID, Name, Hint     string
	Publish, Subscribe bool
	CreatedBy          string
	CreatedAt          time.Time
	LastUsedAt         time.Time // zero: never
	LastUsedFrom       string
	Requests           int
	ExpiresAt          time.Time // zero: never
	Streams            int       // open now
}

// Reveal is a secret in the one answer that holds it.
type Reveal struct{ Name, Secret string }

// RevokeToken is the token a reader is about to revoke.
type RevokeToken struct {
	Settings
	Token Token
}

func expiryChoice(ctx context.Context, value string) Choice {
	c := Choice{ID: "expires", Label: Say(ctx, "expires"), Value: value}
	for _, days := range []string{"", "7", "30", "90", "365"} {
		c.Options = append(c.Options, Option{Value: days, Label: Say(ctx, "expires."+days)})
	}
	return c
}

func tokenCurl(ctx context.Context, v Tokens) string {
	return `curl -fsS -d "It works" -H "X-Topic-Token: ` + v.Reveal.Secret + `" ` + public(ctx, "/"+v.Topic)
}

func revokeQuestion(ctx context.Context, v RevokeToken) Question {
	body := []string{Say(ctx, "revoke.unused")}
	if !v.Token.LastUsedAt.IsZero() {
		body = []string{Say(ctx, "revoke.body", count(ctx, "streams", v.Token.Streams)),
			Say(ctx, "revoke.last", ago(ctx, v.Token.LastUsedAt), v.Token.LastUsedFrom, Number(v.Token.Requests)), Say(ctx, "revoke.final")}
	}
	return Question{
		Title: Say(ctx, "revoke.title", v.Token.Name), Body: body, Yes: Say(ctx, "revoke.yes"), No: Say(ctx, "keep"),
		Action: v.path("/tokens/" + v.Token.ID + "/revoke"), Back: v.path("/tokens"), Kind: "danger", Glyph: "x", Alert: true,
	}
}
