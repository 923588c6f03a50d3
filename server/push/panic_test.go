package push_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"notifer/db"
)

// restartWith lets the pusher of a world begin again with other options.
func (w *world) restartWith() {
	w.p.Close()
	w.start()
}

// TestATextThatCannotBeMadePlain: the message is pushed as it is written, and so are those behind it.
func TestATextThatCannotBeMadePlain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.o.Plain = func(text string) string {
		if strings.Contains(text, "bad") {
			panic("injected")
		}
		return text
	}
	w.restartWith()
	w.device("/phone", 1)
	var ids []string
	for _, text := range []string{"good", "bad", "good again"} {
		m := &db.Message{TopicID: w.topic.ID, Topic: w.topic.Name, Body: text, Priority: 3}
		m.SetExtras(db.Extras{Markdown: true})
		if err := w.d.Publish(m, nil); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m.ID.String())
	}
	w.wait("three pushes", func() bool { return slices.Equal(w.s.got("/phone"), ids) })
}

// TestPanicInADelivery: it ends neither the server nor the device's turn for ever.
func TestPanicInADelivery(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var armed, fired atomic.Bool
	w.o.Now = func() time.Time {
		if armed.CompareAndSwap(true, false) {
			fired.Store(true)
			panic("injected")
		}
		return time.Now()
	}
	w.restartWith()
	w.device("/phone", 1)
	armed.Store(true)
	ids := w.publish(1, 3)
	w.wait("a panic", fired.Load)
	w.wait("a push after it", func() bool {
		if err := w.p.RefreshFollowers(); err != nil { // which ends the pause
			t.Fatal(err)
		}
		return slices.Equal(w.s.got("/phone"), ids)
	})
}
