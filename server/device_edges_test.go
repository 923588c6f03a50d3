package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"notifer/db"
	"notifer/server"
)

// TestTwoDevicesOfOneKind: two phones of one kind have two names, and one that subscribes again keeps its own.
func TestTwoDevicesOfOneKind(t *testing.T) {
	service := newPushed(t)
	h := newHome(t, server.Config{Push: true, PushHosts: []string{service.URL}})
	h.topic("door", db.Private)
	b := h.signedInBrowser()
	for _, path := range []string{"/a", "/b", "/c", "/b"} {
		if status, text := b.post("/devices", append(service.subscription(path), "name", "Chrome on Android", "topic", "door")...); status != 200 {
			t.Fatal(status, text)
		}
	}
	list, err := h.d.Devices(t.Context(), h.ann())
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range list {
		names = append(names, v.Name)
	}
	slices.Sort(names)
	if want := []string{"Chrome on Android", "Chrome on Android 2", "Chrome on Android 3"}; !slices.Equal(names, want) {
		t.Errorf("the devices are %q, want %q", names, want)
	}
}

// TestQuietHoursMoveWithTheirOwner: they follow the time zone of the preferences also when it changes after they were set.
func TestQuietHoursMoveWithTheirOwner(t *testing.T) {
	service := newPushed(t)
	h := newHome(t, server.Config{Push: true, PushHosts: []string{service.URL}})
	h.topic("door", db.Private)
	b := h.signedInBrowser()
	if status, text := b.post("/devices", append(service.subscription("/a"), "topic", "door")...); status != 200 {
		t.Fatal(status, text)
	}
	device := func() db.Device {
		list, err := h.d.Devices(t.Context(), h.ann())
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return list[0]
	}
	zone := func(name string) {
		if status, _ := b.post("/settings/preferences", "zone", name); status != 200 {
			t.Fatal("preferences: ", status)
		}
	}
	zone("Europe/Berlin")
	b.post("/devices/"+device().ID, "name", "Phone", "quiet_from", "22:30", "quiet_to", "07:00")
	if status, page := b.post("/devices/"+device().ID, "name", "Phone", "quiet_from", "23:00", "quiet_to", ""); status != 422 || !strings.Contains(page, "fill in both") {
		t.Errorf("quiet hours without an end answer %d", status)
	}
	for least, option := range map[string]string{"4": "High and above", "0": "Nothing"} { // what was chosen stays beside what is wrong
		_, page := b.post("/devices/"+device().ID, "name", "Phone", "quiet_from", "23:00", "quiet_to", "", "least_door", least)
		if !strings.Contains(page, `<option value="`+least+`" selected>`+option) || strings.Contains(page, `<option value="1" selected>`) {
			t.Errorf("the form has lost the choice of %q", option)
		}
	}
	zone("Asia/Tokyo")
	if v := device(); v.Zone != "Asia/Tokyo" || v.QuietFrom != 22*60+30 {
		t.Errorf("the quiet hours are from %d in %q", v.QuietFrom, v.Zone)
	}
	b.post("/devices/"+device().ID, "name", "Phone", "mute", "8")
	until := device().MutedUntil
	if _, page := b.get("/devices"); !strings.Contains(page, "Muted until ") || time.Until(until) < 7*time.Hour {
		t.Errorf("the page does not say until when the device is muted: %s", until)
	}
}

// TestPairingGuesses: an address has thirty guesses of codes, then one a minute; the right code still gets in.
func TestPairingGuesses(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("door", db.Private)
	code := h.signedInBrowser().offer("name", "Kitchen", "topic", "door")
	counts := map[int]int{}
	for range 31 {
		status, _ := h.browser().post("/devices/join", "code", strings.Repeat("abcd", 8))
		counts[status]++
	}
	if counts[422] != 30 || counts[429] != 1 {
		t.Errorf("31 wrong codes are answered %v, want 422 thirty times, then 429", counts)
	}
	if status, _ := h.browser().post("/devices/join", "code", code); status != 200 {
		t.Errorf("the right code is answered %d", status)
	}
}

// TestPairingWithALongURL: where cameras could not read the QR code, the page says so and shows the URL and the code.
func TestPairingWithALongURL(t *testing.T) {
	for n, drawn := range map[int]bool{300: true, 1500: false, 4000: false} {
		path := "/" + strings.Repeat("p", n)
		front := httptest.NewUnstartedServer(nil)
		base := &url.URL{Scheme: "http", Host: front.Listener.Addr().String(), Path: path}
		h := newHome(t, server.Config{BaseURL: base})
		front.Config.Handler = h.s
		front.Start()
		t.Cleanup(front.Close)
		h.topic("door", db.Private)
		b := h.browser()
		b.base = front.URL
		if status, _ := b.post(path+"/login", "email", "ann", "password", pagePassword); status != 200 {
			t.Fatal("sign in: ", status)
		}
		status, page := b.post(path+"/devices/pair", "name", "Kitchen", "topic", "door")
		if status != 200 || strings.Contains(page, "<svg class=\"qr") != drawn || strings.Contains(page, "too long for a QR code") == drawn || !shownCode.MatchString(page) {
			t.Errorf("with %d characters: %d, %.3000s", n, status, page)
		}
	}
}

// TestRemovedDuringItsTest: a device that is removed while its test is under way is gone, whatever the push service answers.
func TestRemovedDuringItsTest(t *testing.T) {
	for _, status := range []int{201, 410, 503} {
		entered, hold := make(chan struct{}), make(chan struct{})
		service := &pushed{Server: httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			close(entered)
			<-hold
			w.WriteHeader(status)
		}))}
		t.Cleanup(service.Close)
		h := newHome(t, server.Config{Push: true, PushHosts: []string{service.URL}})
		h.topic("door", db.Private)
		b, other := h.signedInBrowser(), h.signedInBrowser()
		if status, text := b.post("/devices", append(service.subscription("/a"), "topic", "door")...); status != 200 {
			t.Fatal(status, text)
		}
		list, err := h.d.Devices(t.Context(), h.ann())
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		answered := make(chan int)
		go func() {
			status, _ := b.post("/devices/" + list[0].ID + "/test")
			answered <- status
		}()
		<-entered
		if status, _ := other.post("/devices/" + list[0].ID + "/remove"); status != 200 {
			t.Errorf("removing answers %d", status)
		}
		close(hold)
		if got := <-answered; got != 200 {
			t.Errorf("the test answers %d after %d", got, status)
		}
		if list, err := h.d.Devices(t.Context(), h.ann()); err != nil || len(list) != 0 {
			t.Errorf("after %d the devices are %v %v", status, list, err)
		}
	}
}

// TestARenewedDeviceLeadsToTheServersURL: when the server's URL changes, notifications lead there once the page has been opened at it.
func TestARenewedDeviceLeadsToTheServersURL(t *testing.T) {
	service := newPushed(t)
	h := newHome(t, server.Config{Push: true, PushHosts: []string{service.URL}})
	h.topic("door", db.Private)
	b, sub := h.signedInBrowser(), service.subscription("/a")
	if status, text := b.post("/devices", append(sub, "topic", "door")...); status != 200 {
		t.Fatal(status, text)
	}
	u, err := url.Parse(b.base)
	if err != nil {
		t.Fatal(err)
	}
	moved := h.browser()
	moved.base = "http://localhost:" + u.Port()
	if status, _ := moved.post("/login", "email", "ann", "password", pagePassword); status != 200 {
		t.Fatal("sign in: ", status)
	}
	if status, text := moved.post("/devices/renew", append(sub, "old", sub[1])...); status != 200 {
		t.Fatal(status, text)
	}
	if list, err := h.d.Devices(t.Context(), h.ann()); err != nil || len(list) != 1 || list[0].Base != moved.base {
		t.Errorf("the devices are %+v %v, want one that leads to %s", list, err, moved.base)
	}
}

// TestPairedDeviceSeesItselfOnly: a paired device neither lists the others of its account nor follows a topic of another account, and
// where it does not mark messages as read it shows none as unread.
func TestPairedDeviceSeesItselfOnly(t *testing.T) {
	service := newPushed(t)
	h := newHome(t, server.Config{Push: true, PushHosts: []string{service.URL}})
	h.topic("door", db.Private)
	h.call("POST", "/api/topics", h.user("ben").AccessToken, map[string]any{"name": "square", "access_level": "public"}, 201, nil)
	owner, phone := h.signedInBrowser(), h.browser()
	if status, text := owner.post("/devices", append(service.subscription("/laptop"), "name", "Laptop")...); status != 200 {
		t.Fatal("subscribe: ", status, text)
	}
	if status, _ := phone.post("/devices/join", "code", owner.offer("name", "Kitchen", "topic", "door")); status != 200 {
		t.Fatal("pair: ", status)
	}
	status, text := phone.post("/devices", service.subscription("/phone")...)
	var own struct{ ID string }
	if err := json.Unmarshal([]byte(text), &own); status != 200 || err != nil {
		t.Fatal("subscribe: ", status, text, err)
	}
	for b, want := range map[*browser][2]bool{owner: {true, true}, phone: {false, true}} {
		_, page := b.get("/devices")
		if got := [2]bool{strings.Contains(page, "Laptop"), strings.Contains(page, own.ID)}; got != want {
			t.Errorf("the page lists the laptop and the paired device: %v, want %v", got, want)
		}
	}
	for topic, want := range map[string]int{"door": 200, "square": 404} {
		if status, _ := phone.post("/devices/"+own.ID+"/topics", "topic", topic, "least", "3"); status != want {
			t.Errorf("the device follows %s: %d, want %d", topic, status, want)
		}
	}
	owner.get("/topic/door")
	h.publish("door", "ring")
	for b, want := range map[*browser]bool{owner: true, phone: false} {
		if _, page := b.get("/"); strings.Contains(page, `<span class="count`) != want {
			t.Errorf("the page shows an unread message: %v, want %v", !want, want)
		}
	}
}

// TestPairingPageFetchedInAdvance: a browser that fetches the page of a code before anybody looks at it is refused, and the code waits.
func TestPairingPageFetchedInAdvance(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("door", db.Private)
	b := h.signedInBrowser()
	var path string
	b.client.CheckRedirect = func(r *http.Request, _ []*http.Request) error {
		path = r.URL.Path
		return http.ErrUseLastResponse
	}
	b.post("/devices/pair", "name", "Kitchen", "topic", "door")
	ask, err := http.NewRequest("GET", b.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	ask.Header.Set("Sec-Purpose", "prefetch")
	res, err := b.client.Do(ask)
	if status, page := b.read(res, err); status != http.StatusServiceUnavailable || strings.Contains(page, "was shown before") {
		t.Errorf("%s in advance answers %d: %.200s", path, status, page)
	}
	if status, page := b.get(path); status != 200 || !shownCode.MatchString(page) {
		t.Errorf("%s answers %d without the code", path, status)
	}
}

// TestRevokingNoKey: the page says of no key that it is revoked.
func TestRevokingNoKey(t *testing.T) {
	h := newHome(t, server.Config{})
	if status, page := h.signedInBrowser().post("/settings/keys/key_000000000000/revoke"); status != http.StatusNotFound {
		t.Errorf("revoking a key that does not exist answers %d: %.200s", status, page)
	}
}
