package server_test

import (
	"context"
	"database/sql"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server"
	"notifer/server/auth"
	"notifer/server/test/inprocess"
)

// kinds of topic in the rights tables; "listed" is a private one that the catalog shows.
var kinds = []string{"private", "public", "protected", "listed", "unknown"}

const (
	elsewhere     = "t-elsewhere"
	worldPassword = "correct horse"
)

// world is a store with one of everything that the rights tables name, and a server over it.
type world struct {
	*inprocess.Server
	dir string
	d   *db.DB

	ids     map[string]string // of users, tokens, messages, keys and sessions, by what they are for
	secrets map[string]string // by the name of the credential
	file    []byte            // the store, of a world that is closed
}

// openWorld serves a store that exists, or an empty one.
func openWorld(t testing.TB, dir string) *world {
	t.Helper()
	d, err := db.Open(dir, db.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return &world{Server: serveWorld(t, d), dir: dir, d: d, ids: map[string]string{}, secrets: map[string]string{}}
}

func serveWorld(t testing.TB, d *db.DB) *inprocess.Server {
	t.Helper()
	return inprocess.Start(t, d, server.Config{
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")},
		Streams:        1 << 20, StreamsPerAddress: 1 << 20, StreamsPerKey: 1 << 20,
	})
}

func (w *world) close(t testing.TB) {
	t.Helper()
	w.Stop()
	if err := w.d.Close(); err != nil {
		t.Error(err)
	}
}

// copied serves a copy of the world's store, which must be closed.
func (w *world) copied(t testing.TB) *world {
	t.Helper()
	dir := dbtest.Dir(t)
	if err := os.WriteFile(filepath.Join(dir, db.FileName), w.file, 0o600); err != nil {
		t.Fatal(err)
	}
	c := openWorld(t, dir)
	c.ids, c.secrets = w.ids, w.secrets
	return c
}

// rewinder puts the rows of a copied world back as they were, by a connection of its own.
type rewinder struct {
	close func()
	steps []*sql.Stmt
}

func openRewinder(t testing.TB, w *world, file []byte) *rewinder {
	t.Helper()
	origin := filepath.Join(w.dir, "origin.db")
	if err := os.WriteFile(origin, file, 0o600); err != nil {
		t.Fatal(err)
	}
	conn, done := connect(t, w.dir, "mode=rw&_pragma=busy_timeout(5000)")
	r := &rewinder{close: done}
	prepare := func(text string) {
		step, err := conn.PrepareContext(context.Background(), text)
		if err != nil {
			t.Fatal(err)
		}
		r.steps = append(r.steps, step)
	}
	if _, err := conn.ExecContext(t.Context(), "attach ? as origin", "file:"+origin+"?immutable=1"); err != nil {
		t.Fatal(err)
	}
	prepare("begin immediate")
	for table := range tables(t, conn) {
		prepare(fmt.Sprintf(`delete from main."%s"`, table))
		prepare(fmt.Sprintf(`insert into main."%s" select * from origin."%[1]s"`, table))
	}
	prepare("delete from main.token_ended") // which triggers wrote to meanwhile
	prepare("insert into main.token_ended select * from origin.token_ended")
	prepare("commit")
	return r
}

// rewind puts the rows back and serves them by a server that remembers nothing: what another copy of the world would be, without another
// store. Only the ids of topics go on.
func (w *world) rewind(t testing.TB, r *rewinder) {
	t.Helper()
	w.Stop()
	for _, step := range r.steps {
		if _, err := step.ExecContext(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	key, err := w.d.Setting(t.Context(), "jwt_key")
	if err == nil {
		err = w.d.SetSetting("jwt_key", key) // the store finds another program's write before the next call, not by it
	}
	if err != nil {
		t.Fatal(err)
	}
	w.Server = serveWorld(t, w.d)
}

// builder fills a world; the first error fails the test.
type builder struct {
	t     testing.TB
	w     *world
	users map[string]db.User
}

func (b *builder) check(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// built is the newest world of buildWorld. It is made again after a while, so that what it grants lasts for the test that copies it.
var built struct {
	sync.Mutex
	world *world
	at    time.Time
}

// buildWorld is the world that all cells start from, closed. Tests share it, and change only copies.
func buildWorld(t testing.TB) *world {
	t.Helper()
	built.Lock()
	defer built.Unlock()
	if built.world == nil || time.Since(built.at) > time.Minute {
		built.world, built.at = makeWorld(t), time.Now()
	}
	return built.world
}

func makeWorld(t testing.TB) *world {
	t.Helper()
	b := &builder{t: t, w: openWorld(t, dbtest.Dir(t)), users: map[string]db.User{}}
	for _, name := range []string{"root", "root-two", "owner", "other", "changed", "disabled", "victim", "due"} {
		add := inprocess.AddUser
		if strings.HasPrefix(name, "root") {
			add = inprocess.AddAdmin
		}
		u := add(t, b.w.d, b.w.Server.Server, name, worldPassword)
		b.users[name], b.w.ids[name] = u, u.ID
	}
	b.topics()
	b.keys()
	b.sessions()
	b.devices()
	b.forgeries()
	_, err := b.w.d.UpdateUser(b.w.ids["disabled"], func(u *db.User) error { u.Disabled = true; return nil })
	b.check(err)
	b.w.close(t)
	b.w.file, err = os.ReadFile(filepath.Join(b.w.dir, db.FileName))
	b.check(err)
	return b.w
}

func (b *builder) topic(name, level string, listed bool) db.Topic {
	t := db.Topic{Name: name, OwnerID: b.users["owner"].ID, AccessLevel: level, Discoverable: listed, IconName: "bell", IconColor: "blue"}
	b.check(b.w.d.CreateTopic(&t, db.By{Name: "owner"}))
	return t
}

func (b *builder) token(topic db.Topic, name string, publish, subscribe bool) db.Token {
	k := db.Token{TopicID: topic.ID, Topic: topic.Name, Name: name, CanPublish: publish, CanSubscribe: subscribe, CreatedByName: "owner"}
	if name == "expired" {
		k.ExpiresAt = time.Now().Add(-time.Hour)
	}
	secret, err := b.w.Server.Auth().IssueToken(b.t.Context(), &k)
	b.check(err)
	if name == "expired" {
		b.check(b.w.d.WarnToken(k.ID, b.w.d.Now())) // the first refusal after an expiry writes a message to the owner, once
	}
	b.w.secrets[topic.Name+" "+name], b.w.ids[topic.Name+" "+name] = secret, k.ID
	return k
}

// topics makes one of each kind, with tokens of every state, a message, and the token of an earlier topic of that name.
func (b *builder) topics() {
	for _, kind := range append(kinds, "elsewhere") {
		name, level := "t-"+kind, kind
		if kind == "listed" || kind == "unknown" || kind == "elsewhere" {
			level = db.Private
		}
		t := b.topic(name, level, kind == "listed")
		b.token(t, "deleted", true, true)
		b.check(b.w.d.DeleteTopic(t, db.By{Name: "owner"}))
		if kind == "unknown" {
			continue
		}
		t = b.topic(name, level, kind == "listed")
		b.token(t, "publish", true, false)
		b.token(t, "subscribe", false, true)
		b.token(t, "both", true, true)
		b.token(t, "expired", true, true)
		b.token(t, "victim", true, true)
		_, err := b.w.d.RevokeToken(t.ID, b.token(t, "revoked", true, true).ID, db.By{Name: "owner"})
		b.check(err)
		m := db.Message{TopicID: t.ID, Topic: name, Body: "hello", Priority: 3}
		b.check(b.w.d.Publish(&m, nil))
		b.w.ids[name+" message"] = m.ID.String()
	}
}

func (b *builder) key(user, name, scopes string, expires time.Time, topics ...string) db.Key {
	k := db.Key{UserID: b.users[user].ID, Name: name, Scopes: scopes, ExpiresAt: expires, Topics: topics}
	secret, err := b.w.Server.Auth().IssueKey(b.t.Context(), &k)
	b.check(err)
	b.w.secrets[user+" "+name], b.w.ids[user+" "+name] = secret, k.ID
	return k
}

func (b *builder) keys() {
	for _, user := range []string{"owner", "other"} {
		for _, scope := range []string{"*", "publish", "subscribe", "topics:read", "topics:write"} {
			b.key(user, scope, scope, time.Time{})
		}
		b.key(user, "victim key", "publish", time.Time{})
	}
	for _, scope := range []string{"*", "publish", "subscribe", "topics:write"} {
		b.key("owner", scope+" limited", scope, time.Time{}, "t-p*", "t-listed", "*known")
		b.key("owner", scope+" elsewhere", scope, time.Time{}, elsewhere, "x-*")
	}
	b.key("root", "victim key", "publish", time.Time{})
	b.key("disabled", "*", "*", time.Time{})
	b.key("owner", "expired key", "*", time.Now().Add(-time.Hour))
	b.check(b.w.d.RevokeKey(b.users["owner"].ID, b.key("owner", "revoked key", "*", time.Time{}).ID))
}

// session signs in as an API client, which it returns, and as a browser, and keeps the secrets of both.
func (b *builder) session(user, name string) auth.Grant {
	g, err := b.w.Server.Auth().SignIn(b.t.Context(), b.users[user], "test", "127.0.0.1", auth.APISession)
	b.check(err)
	k, err := b.w.Server.Auth().SignIn(b.t.Context(), b.users[user], "test", "127.0.0.1", auth.BrowserCookie)
	b.check(err)
	b.w.secrets[name+" JWT"], b.w.secrets[name+" cookie"], b.w.secrets[name+" refresh"] = g.Access, k.SID, g.Refresh
	b.w.ids[name+" cookie session"] = k.Session.ID
	b.w.ids[user+" session"] = g.Session.ID
	return g
}

func (b *builder) sessions() {
	for _, user := range []string{"owner", "other", "root", "disabled"} {
		b.session(user, user)
	}
	due, err := b.w.d.UpdateUser(b.w.ids["due"], func(u *db.User) error { u.MustChange = true; return nil })
	b.check(err)
	b.users["due"] = due
	b.session("due", "due")
	g := b.session("other", "logged out")
	b.check(b.w.d.EndSession(g.Session.UserID, g.Session.ID))
	b.check(b.w.d.EndSession(g.Session.UserID, b.w.ids["logged out cookie session"]))
	g = b.session("changed", "old password")
	hash, err := b.w.Server.Auth().HashPassword(b.t.Context(), worldPassword)
	b.check(err)
	_, err = b.w.d.ChangeUser(g.Session.UserID, func(u *db.User) error { u.PasswordHash = hash; return nil }, db.Ends{})
	b.check(err)
	b.session("owner", "owner") // the ids of sessions are of those that live
	b.session("other", "other")
}

// devices pairs some, and removes one of them.
func (b *builder) devices() {
	pair := func(name, scopes string, topics ...string) db.Session {
		offer := db.Pairing{UserID: b.users["owner"].ID, Name: name, Scopes: scopes, Topics: topics}
		code, err := b.w.Server.Auth().IssuePairing(&offer)
		b.check(err)
		sid, s, err := b.w.Server.Auth().Pair(code, "test", "127.0.0.1", nil)
		b.check(err)
		b.w.secrets["paired "+name] = sid
		return s
	}
	pair("subscribe", "subscribe", "t-p*", "t-listed", "*known")
	pair("publish", "publish,subscribe", "t-p*", "t-listed", "*known")
	pair("elsewhere", "subscribe", elsewhere)
	b.check(b.w.d.RevokeKey(b.users["owner"].ID, pair("removed", "subscribe", "t-*").KeyID))
}

// forgeries signs what a thief of nothing but the claims could, and what a thief of the key must not.
func (b *builder) forgeries() {
	key, err := b.w.d.Setting(b.t.Context(), "jwt_key")
	b.check(err)
	claims := func(audience string, expires time.Time) jwt.MapClaims {
		return jwt.MapClaims{"sid": b.w.secrets["owner cookie"], "sub": b.w.ids["owner"], "iss": "notifer", "aud": audience,
			"iat": time.Now().Unix(), "exp": expires.Unix()}
	}
	soon := time.Now().Add(time.Hour)
	for _, f := range []struct {
		name   string
		method jwt.SigningMethod
		key    any
		claims jwt.MapClaims
	}{
		{"alg none", jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, claims("notifer-api", soon)},
		{"wrong signature", jwt.SigningMethodHS256, []byte("another key of thirty-two bytes!"), claims("notifer-api", soon)},
		{"expired JWT", jwt.SigningMethodHS256, key, claims("notifer-api", time.Now().Add(-time.Hour))},
		{"wrong audience", jwt.SigningMethodHS256, key, claims("another-api", soon)},
	} {
		text, err := jwt.NewWithClaims(f.method, f.claims).SignedString(f.key)
		b.check(err)
		b.w.secrets[f.name] = text
	}
}

// usage are the columns and tables that a refused call may change: when and how often credentials were seen.
var usage = map[string]bool{
	"message_day": true, "topic.message_count": true, "topic.counted_to": true, // counts of messages, which are watched themselves
	"token_day": true, "token_address": true, "token_network": true, "token.last_used_at": true, "token.last_used_ip": true, "token.last_used_via": true,
	"token.request_count": true, "token.refused_count": true, "token.url_seen_at": true, "token.prev_last_used_at": true,
	"key.last_used_at": true, "key.request_count": true, "session.last_used_at": true, "session.address": true,
}

// ledger watches a store's file for changes, from a connection of its own.
type ledger struct {
	close   func()
	conn    *sql.Conn
	tables  map[string]*sql.Stmt // reads the rows of a table, usage left out
	commits *sql.Stmt            // reads a number that each commit by another connection changes
	version int64
	digest  map[string]string
}

// openLedger watches a store, until the test ends at the latest.
func openLedger(t testing.TB, dir string) *ledger {
	t.Helper()
	conn, done := connect(t, dir, "mode=ro")
	l := &ledger{conn: conn, tables: map[string]*sql.Stmt{}, close: done}
	for table, columns := range tables(t, conn) {
		if columns = slices.DeleteFunc(columns, func(c string) bool { return usage[table] || usage[table+"."+c] }); len(columns) > 0 {
			l.prepare(t, table, columns)
		}
	}
	var err error
	if l.commits, err = conn.PrepareContext(context.Background(), "pragma data_version"); err != nil {
		t.Fatal(err)
	}
	l.changed(t)
	return l
}

// connect opens a store's file beside the store, until the test ends at the latest.
func connect(t testing.TB, dir, how string) (conn *sql.Conn, done func()) {
	t.Helper()
	pool, err := sql.Open("sqlite", "file:"+filepath.Join(dir, db.FileName)+"?"+how)
	if err != nil {
		t.Fatal(err)
	}
	if conn, err = pool.Conn(context.Background()); err != nil {
		t.Fatal(err)
	}
	done = sync.OnceFunc(func() { conn.Close(); pool.Close() })
	t.Cleanup(done)
	return conn, done
}

// changed names the tables whose rows, usage left out, differ from the last call's.
func (l *ledger) changed(t testing.TB) []string {
	t.Helper()
	var version int64
	if err := l.commits.QueryRowContext(t.Context()).Scan(&version); err != nil {
		t.Fatal(err)
	}
	if version == l.version {
		return nil
	}
	now := map[string]string{}
	for table, rows := range l.tables {
		var count int
		var content string
		if err := rows.QueryRowContext(t.Context()).Scan(&count, &content); err != nil {
			t.Fatal(err)
		}
		now[table] = fmt.Sprintf("%d rows: %s", count, content)
	}
	var names []string
	for name, content := range now {
		if l.digest != nil && l.digest[name] != content {
			names = append(names, name)
		}
	}
	l.version, l.digest = version, now
	return names
}

// tables are the columns of each table.
func tables(t testing.TB, conn *sql.Conn) map[string][]string {
	t.Helper()
	list := map[string][]string{}
	rows, err := conn.QueryContext(t.Context(), `select m.name, c.name from main.sqlite_master m, pragma_table_info(m.name) c
		where m.type = 'table' and m.name not like 'sqlite%' order by 1, c.cid`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		list[table] = append(list[table], column)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return list
}

func (l *ledger) prepare(t testing.TB, table string, columns []string) {
	t.Helper()
	where := ""
	if table == "setting" {
		where = "where name <> 'usage_flush'" // counts the writes of usage, which come by a timer
	}
	var err error
	l.tables[table], err = l.conn.PrepareContext(t.Context(), fmt.Sprintf(`select count(*), coalesce(group_concat(row, char(10)), '')
		from (select %s as row from "%s" %s order by 1)`, `quote("`+strings.Join(columns, `") || ',' || quote("`)+`")`, table, where))
	if err != nil {
		t.Fatal(err)
	}
}
