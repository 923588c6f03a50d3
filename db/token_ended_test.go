package db

import (
	"database/sql"
	"errors"
	"fmt"
	"testing"
	"time"
)

// TestEndedSecretsStayEnded: however a secret ended, and whatever deleted its token afterwards, no token is made of it again.
func TestEndedSecretsStayEnded(t *testing.T) {
	t.Parallel()
	by := By{Name: "ann"}
	for name, end := range map[string]func(*DB, User, Topic, Token) error{
		"revoked": func(d *DB, _ User, _ Topic, k Token) error {
			_, err := d.RevokeToken(k.TopicID, k.ID, by)
			return err
		},
		"expired": func(d *DB, _ User, _ Topic, k Token) error {
			return d.write(func(tx *Tx) error {
				_, err := tx.exec("update token set expires_at = 1 where id = ?", k.ID)
				return err
			})
		},
		"rotated once": func(d *DB, _ User, _ Topic, k Token) error { return rotate(d, k, 1) },
		"rotated more": func(d *DB, _ User, _ Topic, k Token) error { return rotate(d, k, 3) },
		"revoked, and deleted with its topic": func(d *DB, _ User, topic Topic, k Token) error {
			_, err := d.RevokeToken(k.TopicID, k.ID, by)
			return errors.Join(err, d.DeleteTopic(topic, by))
		},
		"rotated, and deleted with its topic": func(d *DB, _ User, topic Topic, k Token) error {
			return errors.Join(rotate(d, k, 1), d.DeleteTopic(topic, by))
		},
		"revoked, and deleted with its account": func(d *DB, u User, _ Topic, k Token) error {
			_, err := d.RevokeToken(k.TopicID, k.ID, by)
			admin := User{Email: "eve@home.example", Username: "eve", PasswordHash: "x", IsAdmin: true}
			return errors.Join(err, d.CreateUser(&admin), d.DeleteUser(u.ID, by))
		},
		"dropped for newer ones": func(d *DB, _ User, topic Topic, k Token) error {
			_, err := d.RevokeToken(k.TopicID, k.ID, by)
			fill(t, d, endedKept+50, `
				insert into token (id, topic_id, name, can_publish, can_subscribe, fingerprint, hash, hint, created_at, created_by_name, expires_at)
				select 'ended' || i, ?, 'ended', 1, 0, randomblob(16), '', '', ? + i, 'ann', 1 from row`, topic.ID, d.Now().UnixMilli())
			other := Token{TopicID: topic.ID, Name: "other", CanPublish: true, Fingerprint: []byte("other")}
			return errors.Join(err, d.CreateToken(&other, 10), gone(d, k))
		},
		"pruned": func(d *DB, _ User, _ Topic, k Token) error {
			_, err := d.RevokeToken(k.TopicID, k.ID, by)
			old := d.write(func(tx *Tx) error {
				_, err := tx.exec("update token set revoked_at = 1 where id = ?", k.ID)
				return err
			})
			_, swept := d.Sweep(t.Context(), Retention{Audit: time.Hour})
			return errors.Join(err, old, swept, gone(d, k))
		},
	} {
		t.Run(name, func(t *testing.T) {
			d, u, topic := bounded(t)
			k := Token{TopicID: topic.ID, Topic: topic.Name, Name: "camera", CanPublish: true, Fingerprint: []byte("declared")}
			if err := d.CreateToken(&k, 10); err != nil {
				t.Fatal(err)
			}
			if ended, err := d.TokenEnded(t.Context(), k.Fingerprint); err != nil || ended {
				t.Fatalf("a live secret has ended: %v, %v", ended, err)
			}
			if err := end(d, u, topic, k); err != nil {
				t.Fatal(err)
			}
			if ended, err := d.TokenEnded(t.Context(), k.Fingerprint); err != nil || !ended {
				t.Errorf("the secret has ended: %v, %v", ended, err)
			}
			owner := User{Email: "bob@home.example", Username: "bob", PasswordHash: "x"}
			if err := d.CreateUser(&owner); err != nil {
				t.Fatal(err)
			}
			elsewhere := NewTopic("garage", owner)
			if err := d.CreateTopic(&elsewhere, by); err != nil {
				t.Fatal(err)
			}
			again := Token{TopicID: elsewhere.ID, Topic: elsewhere.Name, Name: "camera", CanPublish: true, Fingerprint: k.Fingerprint}
			if err := d.CreateToken(&again, 10); !errors.Is(err, ErrEnded) {
				t.Errorf("a token of the ended secret = %v, want ErrEnded", err)
			}
		})
	}
}

// TestASecretEndsWithItsExpiry: of a token that was deleted before it expired, the secret may come back until then. The expiry of the token
// that is made of it counts from then on.
func TestASecretEndsWithItsExpiry(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	d, err := Open(t.TempDir(), Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	by := By{Name: "ann"}
	u := User{Email: "ann@home.example", Username: "ann", PasswordHash: "x"}
	if err := d.CreateUser(&u); err != nil {
		t.Fatal(err)
	}
	declare := func(expires time.Time) Topic {
		t.Helper()
		topic := NewTopic("door", u)
		if err := d.CreateTopic(&topic, by); err != nil {
			t.Fatal(err)
		}
		k := Token{TopicID: topic.ID, Topic: topic.Name, Name: "camera", CanPublish: true, Fingerprint: []byte("declared"), ExpiresAt: expires}
		if err := d.CreateToken(&k, 10); err != nil {
			t.Fatal(err)
		}
		return topic
	}
	ended := func(want bool, when string) {
		t.Helper()
		if got, err := d.TokenEnded(t.Context(), []byte("declared")); err != nil || got != want {
			t.Errorf("%s the secret has ended: %v, %v; want %v", when, got, err, want)
		}
	}
	day := 24 * time.Hour
	topic := declare(now.Add(10 * day))
	if err := d.DeleteTopic(topic, by); err != nil {
		t.Fatal(err)
	}
	ended(false, "ten days before its expiry")
	topic = declare(time.Time{})
	now = now.Add(20 * day)
	ended(false, "as that of a token without an expiry")
	if err := d.DeleteTopic(topic, by); err != nil {
		t.Fatal(err)
	}
	ended(false, "as that of a deleted token without an expiry")
	if err := d.DeleteTopic(declare(now.Add(day)), by); err != nil {
		t.Fatal(err)
	}
	now = now.Add(day)
	ended(true, "at the expiry of its deleted token")
}

// rotate gives a token n new secrets, and ends each old one at once.
func rotate(d *DB, k Token, n int) error {
	for i := range n {
		k.Fingerprint = fmt.Appendf(nil, "new %d", i)
		if err := d.RotateToken(k, time.Time{}, By{Name: "ann"}); err != nil {
			return err
		}
	}
	return nil
}

// gone fails while a token is in the store, which would make a test prove nothing.
func gone(d *DB, k Token) error {
	var n int
	err := d.read.QueryRow("select count(*) from token where id = ?", k.ID).Scan(&n)
	if err == nil && n > 0 {
		err = errors.New("the token is still there")
	}
	return err
}

// TestAnOlderStoreRemembersEndedSecrets: of a store from before the table of ended secrets, those whose tokens are still there stay ended
// too.
func TestAnOlderStoreRemembersEndedSecrets(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	d, err := Open(dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	u := User{Email: "ann@home.example", Username: "ann", PasswordHash: "x"}
	if err := d.CreateUser(&u); err != nil {
		t.Fatal(err)
	}
	topic := NewTopic("door", u)
	if err := d.CreateTopic(&topic, By{Name: "ann"}); err != nil {
		t.Fatal(err)
	}
	k := Token{TopicID: topic.ID, Topic: topic.Name, Name: "camera", CanPublish: true, Fingerprint: []byte("declared")}
	if err := errors.Join(d.CreateToken(&k, 10), rotate(d, k, 1)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.RevokeToken(topic.ID, k.ID, By{Name: "ann"}); err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	raw, err := sql.Open("sqlite", d.Path())
	if err != nil {
		t.Fatal(err)
	}
	_, err = raw.Exec(`drop table token_ended; drop trigger token_deleted; drop trigger token_rotated;
		delete from migration where name in ('0035_token_ended.sql', '0036_token_ended_at.sql')`)
	if err := errors.Join(err, raw.Close()); err != nil {
		t.Fatal(err)
	}
	if d, err = Open(dir, Options{}); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for _, when := range []string{"after the upgrade", "without the topic"} {
		for _, secret := range []string{"declared", "new 0"} {
			if ended, err := d.TokenEnded(t.Context(), []byte(secret)); err != nil || !ended {
				t.Errorf("%s the secret %q has ended: %v, %v", when, secret, ended, err)
			}
		}
		if when == "after the upgrade" {
			if err := d.DeleteTopic(topic, By{Name: "ann"}); err != nil {
				t.Fatal(err)
			}
		}
	}
}
