package daemon

import (
	"fmt"
	"slices"
	"time"

	"notifer/db"
	"notifer/server/config"
	"notifer/server/manage"
)

// Rules are the settings that decide what may be made and changed.
func Rules(c *config.Config) (manage.Rules, error) {
	s, err := ServerConfig(c, nil, "")
	return s.Rules(), err
}

// CheckDeclared proves that the declared topics and tokens are what a server would make, and that nothing is declared twice.
func CheckDeclared(c *config.Config) error {
	rules, err := Rules(c)
	if err != nil {
		return err
	}
	for i, u := range c.Users {
		if slices.ContainsFunc(c.Users[:i], func(o config.User) bool { return db.FoldEmail(o.Email) == db.FoldEmail(u.Email) }) {
			return c.DeclaredError("[[user]] %s is declared twice", u.Email)
		}
	}
	m := manage.New(nil, nil, rules)
	for i, t := range c.Topics {
		if slices.ContainsFunc(c.Topics[:i], func(o config.Topic) bool { return o.Name == t.Name }) {
			return c.DeclaredError("[[topic]] %s is declared twice", t.Name)
		}
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
	for i, k := range t.Tokens {
		err := checkToken(m, &made, k)
		if slices.ContainsFunc(t.Tokens[:i], func(o config.TopicToken) bool { return db.SameTokenName(o.Name, k.Name) }) {
			err = fmt.Errorf("two tokens have this name")
		}
		if err != nil {
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
	declared(&v.IconName, t.IconName)
	declared(&v.IconColor, t.IconColor)
	if t.Discoverable {
		v.Discoverable = &t.Discoverable
	}
	if keep := time.Duration(t.Retention); keep != 0 {
		v.Retention = &keep
	}
	return v
}

func tokenValues(k config.TopicToken) manage.TokenValues {
	v := manage.TokenValues{Name: &k.Name, Permissions: k.Permissions}
	if k.Shape != "" {
		v.Shape = &k.Shape
	}
	return v
}
