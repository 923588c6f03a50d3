package daemon

import (
	"fmt"
	"net/url"
	"time"

	"notifer/db"
	"notifer/server"
	"notifer/server/config"
	"notifer/server/manage"
)

// Rules are the settings that decide what may be made and changed.
func Rules(c *config.Config) manage.Rules {
	base, _ := url.Parse(c.BaseURL) // checked before; without it there is no path
	return manage.Rules{DefaultExpiry: time.Duration(c.Tokens.DefaultExpiry), MaxExpiry: time.Duration(c.Tokens.MaxExpiry),
		KeepEnded: time.Duration(c.Tokens.KeepEnded), Reserved: server.Reserved(pathOf(base))}
}

func pathOf(u *url.URL) string {
	if u == nil {
		return ""
	}
	return u.Path
}

// CheckDeclared proves that the declared topics and tokens are what a server would make.
func CheckDeclared(c *config.Config) error {
	m := manage.New(nil, nil, Rules(c))
	for _, t := range c.Topics {
		if err := checkTopic(c, m, t); err != nil {
			return err
		}
	}
	return nil
}

func checkTopic(c *config.Config, m *manage.Manager, t config.Topic) error {
	made, err := m.NewTopic(manage.Actor{}, t.Name, topicValues(t))
	if err != nil {
		return c.DeclaredError("[[topic]] %q: %v", t.Name, err)
	}
	if t.Owner == "" {
		return c.DeclaredError("[[topic]] %s: owner is missing", t.Name)
	}
	for _, k := range t.Tokens {
		if err := checkToken(m, &made, k); err != nil {
			return c.DeclaredError("[[topic]] %s: [[topic.token]] %q: %v", t.Name, k.Name, err)
		}
	}
	return nil
}

func checkToken(m *manage.Manager, topic *db.Topic, k config.TopicToken) error {
	if (k.TokenFile == "") == (k.Hash == "") {
		return fmt.Errorf("set exactly one of token_file and hash")
	}
	_, err := m.NewDeclaredToken(manage.Actor{}, topic, tokenValues(k))
	return err
}

// topicValues are the declared fields of a topic. What is not declared stays.
func topicValues(t config.Topic) manage.TopicValues {
	var v manage.TopicValues
	declared := func(to **string, text string) {
		if text != "" {
			*to = &text
		}
	}
	declared(&v.AccessLevel, t.AccessLevel)
	declared(&v.Description, t.Description)
	declared(&v.DisplayName, t.DisplayName)
	if t.Discoverable {
		v.Discoverable = &t.Discoverable
	}
	if keep := time.Duration(t.Retention); keep != 0 {
		v.Retention = &keep
	}
	return v
}

func tokenValues(k config.TopicToken) manage.TokenValues {
	return manage.TokenValues{Name: &k.Name, Permissions: k.Permissions}
}
