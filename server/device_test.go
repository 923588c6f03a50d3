package server_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
)

func (h *home) ann() string {
	h.t.Helper()
	u, err := h.d.UserByLogin(h.t.Context(), "ann")
	if err != nil {
		h.t.Fatal(err)
	}
	return u.ID
}

// signedInBrowser is a browser of ann's.
func (h *home) signedInBrowser() *browser {
	h.t.Helper()
	b := h.browser()
	if status, _ := b.post("/login", "email", "ann", "password", pagePassword); status != 200 {
		h.t.Fatal("sign in: ", status)
	}
	return b
}

// TestARevokedDeviceGetsNothingThatWaits: messages that are queued for a device when its key is revoked, or its account is
// disabled, are not sent any more.
func TestARevokedDeviceGetsNothingThatWaits(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(h *home, owner *browser){
		"revoked": func(h *home, owner *browser) {
			keys, err := h.d.Keys(h.t.Context(), h.ann())
			if err != nil || len(keys) != 1 {
				h.t.Fatal(keys, err)
			}
			owner.post("/settings/keys/" + keys[0].ID + "/revoke")
		},
		"topic deleted": func(h *home, _ *browser) { h.call("DELETE", "/api/topics/door", h.jwt, nil, 204, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			entered, hold := make(chan struct{}), make(chan struct{})
			service := &pushed{Server: httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				entered <- struct{}{}
				select {
				case <-hold:
				case <-time.After(time.Minute):
				}
				w.WriteHeader(201)
			}))}
			t.Cleanup(service.Close)
			h := newHome(t, server.Config{Push: true, PushHosts: []string{service.URL}})
			h.topic("door", db.Private)
			owner, phone := h.signedInBrowser(), h.browser()
			if status, _ := phone.post("/devices/join", "code", owner.offer("name", "Kitchen", "topic", "door")); status != 200 {
				t.Fatal("pair: ", status)
			}
			if status, text := phone.post("/devices", service.subscription("/phone")...); status != 200 {
				t.Fatal("subscribe: ", status, text)
			}
			h.publish("door", "first")
			<-entered
			for i := range 10 {
				h.publish("door", fmt.Sprint("message ", i))
			}
			hold <- struct{}{}
			<-entered
			end(h, owner)
			close(hold)
			select {
			case <-entered:
				t.Error("another push was sent")
			case <-time.After(300 * time.Millisecond):
			}
		})
	}
}

// TestDevicesAreBounded: an account has so many devices and no more, but each of them may subscribe again.
func TestDevicesAreBounded(t *testing.T) {
	t.Parallel()
	service := newPushed(t)
	h := newHome(t, server.Config{Push: true, PushHosts: []string{service.URL}})
	b := h.signedInBrowser()
	for i := range 199 {
		v := db.Device{UserID: h.ann(), Name: "phone", Endpoint: fmt.Sprint(service.URL, "/", i), P256dh: make([]byte, 65), Secret: make([]byte, 16)}
		if err := h.d.SaveDevice(&v, 0, nil); err != nil {
			t.Fatal(err)
		}
	}
	last := service.subscription("/last")
	for range 2 {
		if status, text := b.post("/devices", last...); status != 200 {
			t.Errorf("the last device = %d %s", status, text)
		}
	}
	if status, text := b.post("/devices/renew", append(service.subscription("/renewed"), "old", service.URL+"/last")...); status != 200 {
		t.Errorf("a renewed subscription = %d %s", status, text)
	}
	if status, _ := b.post("/devices", service.subscription("/more")...); status != 422 {
		t.Errorf("one device more = %d, want 422", status)
	}
}

// TestSigningOutEndsNotifications: a browser that is signed out, or whose session is ended elsewhere, gets no more notifications; one
// whose session has expired or was replaced by a new one of the same account does, and so does the one that changes the password.
func TestSigningOutEndsNotifications(t *testing.T) {
	t.Parallel()
	service := newPushed(t)
	h := newHome(t, server.Config{Push: true, PushHosts: []string{service.URL}})
	h.topic("door", db.Private)
	h.user("ben")
	h.admin("cleo")
	script := h.token("door", "script", "publish")
	devices := func() int {
		list, err := h.d.Devices(t.Context(), h.ann())
		if err != nil {
			t.Fatal(err)
		}
		return len(list)
	}
	ann, err := h.d.User(t.Context(), h.ann())
	if err != nil {
		t.Fatal(err)
	}
	ok := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	changed := func(change func(u *db.User)) {
		t.Helper()
		_, err := h.d.UpdateUser(ann.ID, func(u *db.User) error { change(u); return nil })
		ok(err)
	}
	newPassword := func(b *browser) {
		t.Helper()
		if status, text := b.post("/settings/password", "current_password", pagePassword, "new_password", pagePassword); status != 200 {
			t.Fatal("change the password: ", status, text)
		}
	}
	factor := db.SecondFactor{Secret: []byte("12345678901234567890")}
	other := h.signedInBrowser()
	for name, c := range map[string]struct {
		act  func(b *browser)
		want int
	}{
		"signs out":              {func(b *browser) { b.post("/logout") }, 0},
		"signs out everywhere":   {func(*browser) { h.signedInBrowser().post("/settings/sessions/end") }, 0},
		"signs in again":         {func(b *browser) { b.post("/login", "email", "ann", "password", pagePassword) }, 1},
		"somebody else signs in": {func(b *browser) { b.post("/login", "email", "ben", "password", pagePassword) }, 0},
		"another signs out":      {func(*browser) { other.post("/logout") }, 1},
		"again, then signs out": {func(b *browser) {
			b.post("/login", "email", "ann", "password", pagePassword)
			b.post("/logout")
		}, 0},
		"password changed":     {func(*browser) { newPassword(h.signedInBrowser()) }, 0},
		"changes the password": {newPassword, 1},
		"another device, of no known session": {func(b *browser) {
			v := db.Device{UserID: ann.ID, Name: "phone", Endpoint: service.URL + "/old", P256dh: make([]byte, 65), Secret: make([]byte, 16)}
			ok(h.d.SaveDevice(&v, 0, nil))
			newPassword(b)
		}, 1},
		"pairs with a code": {func(b *browser) {
			if status, _ := b.post("/devices/join", "code", h.signedInBrowser().offer("name", "Kitchen", "topic", "door")); status != 200 {
				t.Fatal("pair: ", status)
			}
		}, 0},
		"admin reset":      {func(*browser) { changed(func(u *db.User) { u.PasswordHash = "another" }) }, 0},
		"account disabled": {func(*browser) { changed(func(u *db.User) { u.Disabled = true }) }, 0},
		"second factor on": {func(*browser) { ok(h.d.EnableSecondFactor(&ann, factor, nil, "")) }, 0},
		"second factor off": {func(*browser) {
			sessions, err := h.d.Sessions(t.Context(), ann.ID)
			ok(err)
			newest := slices.MaxFunc(sessions, func(a, b db.Session) int { return a.CreatedAt.Compare(b.CreatedAt) })
			ok(h.d.EnableSecondFactor(&ann, factor, nil, newest.ID))
			if n := devices(); n != 1 {
				t.Errorf("the browser that sets the second factor up has %d devices, want 1", n)
			}
			ok(h.d.DisableSecondFactor(&ann, ""))
		}, 0},
	} {
		b, sub := h.signedInBrowser(), service.subscription("/"+strings.ReplaceAll(name, " ", "-"))
		if status, text := b.post("/devices", append(sub, "topic", "door")...); status != 200 {
			t.Fatal(status, text)
		}
		c.act(b)
		if n := devices(); n != c.want {
			t.Errorf("%s: %d devices, want %d", name, n, c.want)
		}
		if c.want == 0 {
			changed(func(u *db.User) { u.PasswordHash, u.Disabled = ann.PasswordHash, false })
			if err := h.d.DisableSecondFactor(&ann, ""); err != nil && !errors.Is(err, db.ErrNotFound) {
				t.Fatal(err)
			}
		}
		before := service.count()
		h.call("POST", "/door", script.Token, name, 200, nil)
		if c.want > 0 {
			eventually(t, "the push", func() bool { return service.count() == before+1 })
		} else if <-time.After(100 * time.Millisecond); service.count() != before {
			t.Errorf("%s: a push was sent", name)
		}
		for _, v := range func() []db.Device { l, _ := h.d.Devices(t.Context(), h.ann()); return l }() {
			if err := h.d.DeleteDevice("", v.ID); err != nil {
				t.Fatal(err)
			}
		}
	}
}
