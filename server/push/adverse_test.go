package push_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"notifer/db"
)

// TestTitleIsCutForAServiceOfShortPushes: a service that takes no long pushes is offered a short one even when the title alone is too long for it.
func TestTitleIsCutForAServiceOfShortPushes(t *testing.T) {
	w := newWorld(t)
	w.s.answer = func(_ string, n int) (int, string) {
		if n == 1 {
			return 413, ""
		}
		return 201, ""
	}
	w.device("/a", 1)
	m := &db.Message{TopicID: w.topic.ID, Topic: w.topic.Name, HasTitle: true, Title: strings.Repeat("<", 250), Body: "text", Priority: 3}
	if err := w.d.Publish(m, nil); err != nil {
		t.Fatal(err)
	}
	w.wait("the push", func() bool { return same(w.s.got("/a"), []string{m.ID.String()}) })
}

// TestChangesActWithinABatch: a device that is removed, muted or unfollows while messages wait for it gets none of those any more.
func TestChangesActWithinABatch(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *world, v db.Device) error{
		"removed":  func(w *world, v db.Device) error { return w.d.DeleteDevice(v.UserID, v.ID) },
		"unfollow": func(w *world, v db.Device) error { return w.d.UnfollowTopic(v.ID, w.topic.ID) },
		"muted": func(w *world, v db.Device) error {
			v.MutedUntil, v.QuietFrom, v.QuietTo = time.Now().Add(time.Hour), -1, -1
			return w.d.UpdateDevice(v)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			hold, entered := make(chan struct{}), make(chan struct{})
			slow := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
				entered <- struct{}{}
				select {
				case <-hold:
				case <-time.After(time.Minute):
				}
				out.WriteHeader(201)
			}))
			t.Cleanup(slow.Close)
			w.s.URL = slow.URL
			w.p.Close()
			w.start()
			v := w.device("/a", 1)
			w.publish(1, 3)
			<-entered
			w.publish(10, 3) // they are read together
			hold <- struct{}{}
			<-entered
			if err := change(w, v); err != nil {
				t.Fatal(err)
			}
			if err := w.p.RefreshFollowers(); err != nil {
				t.Fatal(err)
			}
			close(hold)
			select {
			case <-entered:
				t.Error("a second push was sent after the change")
			case <-time.After(300 * time.Millisecond):
			}
		})
	}
}

// TestANewSubscriptionWaitsForNothing: a device that has to wait is served at once when it subscribes again.
func TestANewSubscriptionWaitsForNothing(t *testing.T) {
	w := newWorld(t)
	w.s.answer = func(path string, _ int) (int, string) {
		if path == "/old" {
			return 500, "3600"
		}
		return 201, ""
	}
	v := w.device("/old", 1)
	ids := w.publish(2, 3)
	w.wait("the failure", func() bool {
		now, err := w.d.Device(context.Background(), v.ID)
		return err == nil && !now.RetryAt.IsZero()
	})
	old := v.Endpoint
	v.Endpoint = w.s.URL + "/new"
	if err := w.d.RenewDevice(old, &v); err != nil {
		t.Fatal(err)
	}
	if err := w.p.RefreshFollowers(); err != nil {
		t.Fatal(err)
	}
	w.wait("the new subscription", func() bool { return same(w.s.got("/new"), ids) })
}

// TestANewSubscriptionDuringADelivery: what the old subscription's push service answers then costs the new one neither a wait nor the
// device.
func TestANewSubscriptionDuringADelivery(t *testing.T) {
	for name, status := range map[string]int{"to wait": 503, "gone": 410} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			entered, hold := make(chan struct{}), make(chan struct{})
			w.s.answer = func(path string, _ int) (int, string) {
				if path == "/new" {
					return 201, ""
				}
				close(entered)
				<-hold
				return status, "3600"
			}
			v := w.device("/old", 1)
			ids := w.publish(2, 3)
			<-entered
			old := v.Endpoint
			v.Endpoint = w.s.URL + "/new"
			err := w.d.RenewDevice(old, &v)
			if err == nil {
				err = w.p.RefreshFollowers()
			}
			close(hold)
			if err != nil {
				t.Fatal(err)
			}
			w.wait("the new subscription", func() bool { return same(w.s.got("/new"), ids) })
			if now, err := w.d.Device(t.Context(), v.ID); err != nil || now.Failures > 0 || !now.RetryAt.IsZero() {
				t.Errorf("the device is %+v, %v", now, err)
			}
		})
	}
}

// TestATestEndsTheWait: the push service answers again, as a test shows, so what waits is sent at once.
func TestATestEndsTheWait(t *testing.T) {
	w := newWorld(t)
	w.s.answer = func(_ string, n int) (int, string) {
		if n == 1 {
			return 503, "3600"
		}
		return 201, ""
	}
	v := w.device("/a", 1)
	ids := w.publish(1, 3)
	w.wait("the failure", func() bool {
		now, err := w.d.Device(context.Background(), v.ID)
		return err == nil && !now.RetryAt.IsZero()
	})
	if _, err := w.p.Test(t.Context(), v); err != nil {
		t.Fatal(err)
	}
	w.wait("what waited", func() bool { return same(w.s.got("/a"), append([]string{""}, ids...)) })
}

// TestRedirectsAreTriedAgain: a portal that answers for the push service costs no message.
func TestRedirectsAreTriedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.s.answer = func(_ string, n int) (int, string) {
		if n == 1 {
			return 302, "1"
		}
		return 201, ""
	}
	w.device("/a", 1)
	ids := w.publish(2, 3)
	w.wait("the messages", func() bool { return same(w.s.got("/a"), ids) })
}

// TestFailuresAreExplained: what the Devices page shows of a failure is for people.
func TestFailuresAreExplained(t *testing.T) {
	w := newWorld(t)
	reply := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, _ *http.Request) {
		out.WriteHeader(403)
		fmt.Fprint(out, "{\"reason\":\"BadJwt\\u001bToken\"}")
	}))
	t.Cleanup(reply.Close)
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	for url, want := range map[string]string{
		reply.URL:  `push service 127.0.0.1 answered 403 (BadJwtToken): if this goes on, press "Notify me" on the device again`,
		closed.URL: "cannot connect to push service 127.0.0.1: connection refused",
	} {
		w.s.URL = url
		w.p.Close()
		w.start()
		v := w.device("/a", 1)
		if _, err := w.p.Test(t.Context(), v); err == nil || err.Error() != want {
			t.Errorf("Test = %v, want %s", err, want)
		}
	}
}
