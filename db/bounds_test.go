package db

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// bounded is a store with an account and a topic, for tests of what may grow.
func bounded(t *testing.T) (*DB, User, Topic) {
	t.Helper()
	d, err := Open(t.TempDir(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	u := User{Email: "ann@home.example", Username: "ann", PasswordHash: "x"}
	if err := d.CreateUser(&u); err != nil {
		t.Fatal(err)
	}
	topic := NewTopic("door", u)
	if err := d.CreateTopic(&topic, By{Name: "ann"}); err != nil {
		t.Fatal(err)
	}
	return d, u, topic
}

// fill runs an insert with i from 1 to n.
func fill(t *testing.T, d *DB, n int, insert string, args ...any) {
	t.Helper()
	err := d.write(func(tx *Tx) error {
		_, err := tx.exec("with recursive row (i) as (select 1 union all select i + 1 from row where i < "+marks(1)+") "+insert, append([]any{n}, args...)...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func rowsOf(t *testing.T, d *DB, table string) (n int) {
	t.Helper()
	if err := d.read.QueryRowContext(context.Background(), "select count(*) from "+table).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSessionsAreBounded: an account that signs in without end keeps its newest sessions, those of browsers beside those of the API,
// and what follows an ended one ends with it.
func TestSessionsAreBounded(t *testing.T) {
	t.Parallel()
	d, u, _ := bounded(t)
	later := d.Now().Add(time.Hour).UnixMilli()
	for _, refresh := range []string{"null", "randomblob(16)"} {
		fill(t, d, 600, `
			insert into session (id, sid_hash, user_id, created_at, password_at, last_used_at, expires_at, refresh_hash)
			select lower(hex(randomblob(8))), randomblob(16), ?, i, i, i, ?, `+refresh+" from row", u.ID, later)
	}
	fill(t, d, 1, `
		insert into device (id, user_id, name, endpoint, p256dh, secret, base, created_at, session_id)
		select 'old', ?, 'old', 'https://push.example/1', x'00', x'00', '', 1, (select id from session where last_used_at = 1 and refresh_hash is null)
		from row`, u.ID)
	for _, refresh := range [][]byte{nil, []byte("refresh")} {
		s := Session{UserID: u.ID, SIDHash: append([]byte("new"), refresh...), RefreshHash: refresh, ExpiresAt: d.Now().Add(time.Hour)}
		if err := d.CreateSession(&s, u.PasswordHash); err != nil {
			t.Fatal(err)
		}
		if n := rowsOf(t, d, "session where id = '"+s.ID+"'"); n != 1 {
			t.Errorf("the new session has ended")
		}
	}
	if n := rowsOf(t, d, "session where refresh_hash is null"); n != browserSessions {
		t.Errorf("%d sessions of browsers, want %d", n, browserSessions)
	}
	if n := rowsOf(t, d, "session where refresh_hash is not null"); n != apiSessions {
		t.Errorf("%d sessions of the API, want %d", n, apiSessions)
	}
	if n := rowsOf(t, d, "device"); n != 0 {
		t.Error("the device of an ended session stays")
	}
}

// TestANewSessionStaysWhenTheClockWasSetBack: sessions that seem to have been used later do not keep an account from signing in.
func TestANewSessionStaysWhenTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	d, u, _ := bounded(t)
	later := d.Now().Add(time.Hour).UnixMilli()
	fill(t, d, browserSessions, `
		insert into session (id, sid_hash, user_id, created_at, password_at, last_used_at, expires_at)
		select lower(hex(randomblob(8))), randomblob(16), ?, 1, 1, ?, ? from row`, u.ID, later, later)
	s := Session{UserID: u.ID, SIDHash: []byte("new"), ExpiresAt: d.Now().Add(time.Hour)}
	if err := d.CreateSession(&s, u.PasswordHash); err != nil {
		t.Fatal(err)
	}
	if rowsOf(t, d, "session where id = '"+s.ID+"'") != 1 || rowsOf(t, d, "session") != browserSessions {
		t.Errorf("the new session has ended, or %d are not %d", rowsOf(t, d, "session"), browserSessions)
	}
}

// TestEndedCredentialsAreBounded: of revoked and expired keys and tokens the oldest give way, and no live one does.
func TestEndedCredentialsAreBounded(t *testing.T) {
	t.Parallel()
	d, u, topic := bounded(t)
	live := Key{UserID: u.ID, Name: "live", Scopes: "*", Fingerprint: []byte("live")}
	if err := d.CreateKey(&live, 0); err != nil {
		t.Fatal(err)
	}
	kept := Token{TopicID: topic.ID, Topic: topic.Name, Name: "live", CanPublish: true, Fingerprint: []byte("live")}
	if err := d.CreateToken(&kept, 10); err != nil {
		t.Fatal(err)
	}
	fill(t, d, endedKept+50, `
		insert into key (id, user_id, name, scopes, fingerprint, hash, hint, created_at, revoked_at)
		select 'ended' || i, ?, 'ended', '*', randomblob(16), '', '', i, i from row`, u.ID)
	fill(t, d, endedKept+50, `
		insert into token (id, topic_id, name, can_publish, can_subscribe, fingerprint, hash, hint, created_at, created_by_name, expires_at)
		select 'ended' || i, ?, 'ended', 1, 0, randomblob(16), '', '', i, 'ann', i from row`, topic.ID)
	k := Key{UserID: u.ID, Name: "new", Scopes: "*", Fingerprint: []byte("new")}
	if err := d.CreateKey(&k, 0); err != nil {
		t.Fatal(err)
	}
	token := Token{TopicID: topic.ID, Topic: topic.Name, Name: "new", CanPublish: true, Fingerprint: []byte("new")}
	if err := d.CreateToken(&token, 10); err != nil {
		t.Fatal(err)
	}
	for _, table := range []string{"key", "token"} {
		if n := rowsOf(t, d, table); n != endedKept+2 {
			t.Errorf("%d rows of %s, want %d that have ended and two that live", n, table, endedKept)
		}
		if n := rowsOf(t, d, table+" where id = 'ended50'"); n != 0 {
			t.Errorf("the oldest %s stays", table)
		}
	}
}

// TestEndedSecretsAreBounded: of the secrets that must not come back the million newest are known.
func TestEndedSecretsAreBounded(t *testing.T) {
	t.Parallel()
	d, _, _ := bounded(t)
	fill(t, d, 60, "insert into token_ended (id, fingerprint) select case when i <= 50 then i else i + 1000000 - 10 end, randomblob(16) from row")
	if n := rowsOf(t, d, "token_ended where id <= 50"); n != 0 {
		t.Errorf("%d of the oldest ended secrets stay", n)
	}
	if n := rowsOf(t, d, "token_ended where id > 1000000"); n != 10 {
		t.Errorf("%d of the newest ended secrets stay, want 10", n)
	}
}

// TestTopicsAndKeysAreBounded: the bounds of an account are kept in the transaction that stores, and an ended key makes room.
func TestTopicsAndKeysAreBounded(t *testing.T) {
	d, u, _ := bounded(t)
	for i, want := range []error{nil, ErrLimit, ErrLimit} {
		topic := NewTopic("second"+string(rune('a'+i)), u)
		if err := d.CreateTopicWithin(&topic, 2, By{Name: "ann"}); !errors.Is(err, want) {
			t.Errorf("topic %d of 2: %v, want %v", i+2, err, want)
		}
	}
	var first Key
	for i, want := range []error{nil, nil, ErrLimit} {
		k := Key{UserID: u.ID, Name: "k", Scopes: "*", Fingerprint: []byte{byte(i)}}
		if err := d.CreateKey(&k, 2); !errors.Is(err, want) {
			t.Errorf("key %d of 2: %v, want %v", i+1, err, want)
		}
		if i == 0 {
			first = k
		}
	}
	if err := d.RevokeKey(u.ID, first.ID); err != nil {
		t.Fatal(err)
	}
	if err := d.CreateKey(&Key{UserID: u.ID, Name: "k", Scopes: "*", Fingerprint: []byte("after")}, 2); err != nil {
		t.Errorf("after a revocation: %v", err)
	}
}

// TestStreamSessionsAreBounded: lists of topics are kept for a day, and not without end.
func TestStreamSessionsAreBounded(t *testing.T) {
	t.Parallel()
	d, _, _ := bounded(t)
	fill(t, d, streamSessions+10, "insert into stream_session (id, topics, expires_at) select 'old' || i, 'door', ? + i from row", d.Now().Add(time.Hour).UnixMilli())
	id, err := d.CreateStreamSession([]string{"door"}, d.Now().Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if n := rowsOf(t, d, "stream_session"); n != streamSessions {
		t.Errorf("%d lists, want %d", n, streamSessions)
	}
	if _, err := d.StreamSession(t.Context(), id); err != nil {
		t.Errorf("the new list: %v", err)
	}
}

// TestReadMarksEndWithMessages: what was read singly is forgotten once the messages are gone.
func TestReadMarksEndWithMessages(t *testing.T) {
	d, u, topic := bounded(t)
	old := &Message{TopicID: topic.ID, Body: "old", Priority: 3}
	if err := d.Publish(old, nil); err != nil {
		t.Fatal(err)
	}
	if err := d.MarkRead(u.ID, nil, []ID{old.ID}); err != nil {
		t.Fatal(err)
	}
	if n := rowsOf(t, d, "message_read"); n != 1 {
		t.Fatalf("%d marks, want 1", n)
	}
	if n, err := d.Sweep(t.Context(), Retention{Bytes: 1}); err != nil || n != 1 {
		t.Fatalf("Sweep = %d, %v, want the message deleted", n, err)
	}
	if n := rowsOf(t, d, "message_read"); n != 0 {
		t.Errorf("%d marks of messages that are gone", n)
	}
}

// TestUsedPairingStaysUsed: the code of a pairing fits no second device, also when the key that it made is deleted.
func TestUsedPairingStaysUsed(t *testing.T) {
	t.Parallel()
	d, u, _ := bounded(t)
	p := Pairing{UserID: u.ID, Name: "phone", Scopes: "subscribe", Topics: []string{"door"}, Fingerprint: []byte("of a code")}
	if err := d.CreatePairing(&p, time.Minute); err != nil {
		t.Fatal(err)
	}
	pair := func(device string) error {
		k := Key{Fingerprint: []byte("key of " + device)}
		s := Session{SIDHash: []byte("cookie of " + device), CreatedAt: d.Now(), ExpiresAt: d.Now().Add(time.Hour)}
		return d.Pair(p.Fingerprint, &k, &s)
	}
	if err := pair("first"); err != nil {
		t.Fatal(err)
	}
	var id string
	if err := d.read.QueryRowContext(t.Context(), "select key_id from pairing").Scan(&id); err != nil {
		t.Fatal(err)
	}
	if err := d.DeleteKey(u.ID, id); err != nil {
		t.Fatal(err)
	}
	if err := pair("second"); !errors.Is(err, ErrNotFound) {
		t.Errorf("a used code pairs a second device: %v", err)
	}
}

// TestUnusedPairedDevicesEnd: a paired device that is neither opened nor reached for half a year is signed out; one that is stays,
// and so does one that there was nothing to send to.
func TestUnusedPairedDevicesEnd(t *testing.T) {
	t.Parallel()
	d, u, _ := bounded(t)
	long, now := d.Now().Add(-pairedIdle-time.Hour).UnixMilli(), d.Now().UnixMilli()
	for _, v := range []struct {
		key             string
		used, delivered int64
		failures        int
	}{{"lost", long, long, 3}, {"opened", now, long, 3}, {"reached", long, now, 1}, {"silent", long, long, 0}} {
		fill(t, d, 1, `
			insert into key (id, user_id, name, scopes, topics, paired, fingerprint, hash, hint, created_at)
			select ?, ?, 'phone', 'subscribe', 'door', 1, randomblob(16), '', '', ? from row`, v.key, u.ID, long)
		fill(t, d, 1, `
			insert into session (id, sid_hash, user_id, created_at, password_at, last_used_at, expires_at, key_id)
			select ?, randomblob(16), ?, 1, 1, ?, ?, ? from row`, v.key, u.ID, v.used, now+1000*3600, v.key)
		fill(t, d, 1, `
			insert into device (id, user_id, name, endpoint, p256dh, secret, base, created_at, key_id, delivered_at, failures)
			select ?, ?, 'phone', ?, x'00', x'00', '', 1, ?, ?, ? from row`, v.key, u.ID, v.key, v.key, v.delivered, v.failures)
	}
	fill(t, d, 1, `
		insert into key (id, user_id, name, scopes, topics, paired, fingerprint, hash, hint, created_at)
		select 'no notifications', ?, 'phone', 'subscribe', 'door', 1, randomblob(16), '', '', ? from row`, u.ID, long)
	if _, err := d.Sweep(t.Context(), Retention{}); err != nil {
		t.Fatal(err)
	}
	if n := rowsOf(t, d, "key where revoked_at is not null and id in ('lost', 'no notifications')"); n != 2 {
		t.Error("an unused device keeps its key")
	}
	for table, want := range map[string]int{"key where revoked_at is null": 3, "session": 3, "device": 3,
		"audit where verb = 'key.revoke' and actor = 'the server'": 2} {
		if n := rowsOf(t, d, table); n != want {
			t.Errorf("%d rows of %s, want %d", n, table, want)
		}
	}
}

// TestPairingOffersAreBounded: of the codes of an account that wait, the oldest give way.
func TestPairingOffersAreBounded(t *testing.T) {
	t.Parallel()
	d, u, _ := bounded(t)
	for i := range byte(mostPairings + 3) {
		p := Pairing{UserID: u.ID, Name: "phone", Scopes: "subscribe", Fingerprint: []byte{i}}
		if err := d.CreatePairing(&p, time.Minute); err != nil {
			t.Fatal(err)
		}
	}
	if n := rowsOf(t, d, "pairing"); n != mostPairings {
		t.Errorf("%d codes wait, want %d", n, mostPairings)
	}
}

// TestTokenAddressesAreBounded: a token that is used from everywhere fills neither the list of its addresses nor that of its networks.
func TestTokenAddressesAreBounded(t *testing.T) {
	t.Parallel()
	d, _, topic := bounded(t)
	k := Token{TopicID: topic.ID, Topic: topic.Name, Name: "job", CanPublish: true, Fingerprint: []byte("job")}
	if err := d.CreateToken(&k, 10); err != nil {
		t.Fatal(err)
	}
	use := &tokenUse{last: d.Now(), addresses: map[netip.Addr]int64{}}
	for i := range 400 {
		use.addresses[netip.AddrFrom4([4]byte{10, byte(i / 200), byte(i % 200), 1})]++
	}
	err := d.write(func(tx *Tx) error { return errors.Join(tx.flushAddresses(k.ID, use), tx.flushNetworks(k.ID, use)) })
	if err != nil {
		t.Fatal(err)
	}
	if a, n := rowsOf(t, d, "token_address"), rowsOf(t, d, "token_network"); a != addressesKept || n != networksKept {
		t.Errorf("%d addresses and %d networks, want %d and %d", a, n, addressesKept, networksKept)
	}
}

// TestDevicesAtOnceAreBounded: subscriptions that come at the same time do not pass the bound together, and a known one may come again.
func TestDevicesAtOnceAreBounded(t *testing.T) {
	t.Parallel()
	const most = 5
	d, u, _ := bounded(t)
	var all sync.WaitGroup
	var refused atomic.Int64
	save := func(endpoint string) {
		v := Device{UserID: u.ID, Name: "phone", Endpoint: endpoint, P256dh: []byte{1}, Secret: []byte{1}}
		switch err := d.SaveDevice(&v, most, nil); {
		case errors.Is(err, ErrLimit):
			refused.Add(1)
		case err != nil:
			t.Error(err)
		}
	}
	for i := range 20 {
		all.Go(func() { save("https://push.example/" + strconv.Itoa(i)) })
	}
	all.Wait()
	if n := rowsOf(t, d, "device"); n != most || refused.Load() != 20-most {
		t.Errorf("%d devices and %d refusals, want %d and %d", n, refused.Load(), most, 20-most)
	}
	var known string
	if err := d.read.QueryRowContext(t.Context(), "select endpoint from device").Scan(&known); err != nil {
		t.Fatal(err)
	}
	if save(known); refused.Load() != 20-most {
		t.Error("a known subscription is refused")
	}
}
