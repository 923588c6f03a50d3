package daemon

import (
	"fmt"
	"slices"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
	"notifer/server/config"
)

// CheckDeclared proves that the declared topics and tokens are what a server would make.
func CheckDeclared(c *config.Config) error {
	for _, t := range c.Topics {
		if err := checkTopic(c, t); err != nil {
			return err
		}
	}
	return nil
}

func checkTopic(c *config.Config, t config.Topic) error {
	if err := server.CheckTopicName(t.Name); err != nil {
		return c.DeclaredError("[[topic]] %q: %v", t.Name, err)
	}
	if t.Owner == "" {
		return c.DeclaredError("[[topic]] %s: owner is missing", t.Name)
	}
	made := db.Topic{AccessLevel: db.Private}
	fill(t, &made)
	if err := server.CheckTopic(&made, api.TopicRequest{}); err != nil {
		return c.DeclaredError("[[topic]] %s: %v", t.Name, err)
	}
	if len(t.Tokens) > 0 && made.AccessLevel != db.Private {
		return c.DeclaredError("[[topic]] %s: tokens are for private topics only, and it is %s", t.Name, made.AccessLevel)
	}
	for _, k := range t.Tokens {
		if err := checkToken(k); err != nil {
			return c.DeclaredError("[[topic]] %s: [[topic.token]] %q: %v", t.Name, k.Name, err)
		}
	}
	return nil
}

func checkToken(k config.TopicToken) error {
	_, err := server.CheckName(k.Name)
	switch {
	case err != nil:
		return err
	case len(k.Permissions) == 0:
		return fmt.Errorf(`permissions are missing; write ["publish"], ["subscribe"] or both`)
	case (k.TokenFile == "") == (k.Hash == ""):
		return fmt.Errorf("set exactly one of token_file and hash")
	}
	for _, p := range k.Permissions {
		if !slices.Contains([]string{"publish", "subscribe"}, p) {
			return fmt.Errorf("%q is none of publish, subscribe", p)
		}
	}
	return nil
}
