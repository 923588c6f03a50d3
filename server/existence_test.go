package server_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"notifer/server/test/inprocess"
)

// hiding are the credentials to which a private topic of somebody else must look like a name that does not exist.
var hiding = []string{"none", "token of another topic", "other's key *", "other's key publish", "JWT of another user", "cookie of another user"}

// ask sends a request straight to the handler, so that no network blurs its time.
func ask(w *world, method, path, row string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(""))
	r.RemoteAddr = "192.0.2.7:4000"
	r.AddCookie(&http.Cookie{Name: "notifer-form", Value: strings.Repeat("x", 22)}) // else each form has another proof
	credentials[row](w, strings.Split(path, "/")[1], r)
	rec := httptest.NewRecorder()
	w.Server.ServeHTTP(rec, r)
	return rec
}

// TestHiddenTopicsLookUnknown compares status, headers and body byte by byte.
func TestHiddenTopicsLookUnknown(t *testing.T) {
	t.Parallel()
	w := buildWorld(t).copied(t)
	defer w.close(t)
	compared := 0
	for _, row := range hiding {
		for _, c := range []struct{ method, path string }{
			{"POST", "/%s"}, {"PUT", "/%s"}, {"GET", "/%s"}, {"GET", "/%s/sse"}, {"GET", "/%s/ws"}, {"GET", "/%s/json"}, {"GET", "/sse?topics=%s"},
			{"GET", "/api/topics/%s"}, {"GET", "/api/topics/%s/stats"}, {"GET", "/api/topics/%s/messages"}, {"PATCH", "/api/topics/%s"},
			{"DELETE", "/api/topics/%s"}, {"DELETE", "/api/%s/messages/d1vnqjz3r000"}, {"GET", "/api/topics/%s/access-tokens"},
			{"POST", "/api/topics/%s/access-tokens"}, {"DELETE", "/api/topics/%s/access-tokens/token_aaaaaaaaaaaaaaaa"},
			{"GET", "/topic/%s"}, {"GET", "/topic/%s/settings"}, {"POST", "/topic/%s/messages"},
		} {
			there := ask(w, c.method, fmt.Sprintf(c.path, "t-private"), row)
			nowhere := ask(w, c.method, fmt.Sprintf(c.path, "t-unknown"), row)
			name := fmt.Sprintf("%s %s with %s", c.method, c.path, row)
			if there.Code != nowhere.Code || there.Code < 300 {
				t.Errorf("%s: %d for a hidden topic, %d for an unknown one", name, there.Code, nowhere.Code)
			}
			a, b := there.Result(), nowhere.Result()
			textA, _ := io.ReadAll(a.Body)
			textB, _ := io.ReadAll(b.Body)
			// The page and the redirect repeat the address that was asked for; nothing else may differ.
			if strings.ReplaceAll(string(textA), "t-private", "t-unknown") != string(textB) {
				t.Errorf("%s: the bodies differ:\n%s\n%s", name, textA, textB)
			}
			if x, y := headers(a), headers(b); !reflect.DeepEqual(x, y) {
				t.Errorf("%s: the headers differ:\n%v\n%v", name, x, y)
			}
			compared++
		}
	}
	t.Logf("%d pairs of answers compared", compared)
}

func headers(r *http.Response) map[string]string {
	out := map[string]string{}
	for k, v := range r.Header {
		if k != "Date" {
			out[k] = strings.ReplaceAll(strings.Join(v, ","), "t-private", "t-unknown")
		}
	}
	return out
}

// TestHiddenTopicsAnswerInTheSameTime compares medians of alternating tries, warm and right after the caches were
// emptied. A machine that is busy blurs both alike, so one attempt of several has to come within a tenth.
func TestHiddenTopicsAnswerInTheSameTime(t *testing.T) {
	w := buildWorld(t).copied(t)
	defer w.close(t)
	for _, row := range []string{"none", "JWT of another user", "other's key *", "unknown token"} {
		for _, path := range []string{"/%s/json", "/%s/sse"} {
			sameTime(t, path+" with "+row,
				func() { ask(w, "GET", fmt.Sprintf(path, "t-private"), row) },
				func() { ask(w, "GET", fmt.Sprintf(path, "t-unknown"), row) })
		}
	}
}

// TestSignInTellsNothingByTimeOrText: unknown, disabled and wrong cost one hash each and read the same.
func TestSignInTellsNothingByTimeOrText(t *testing.T) {
	w := buildWorld(t).copied(t)
	defer w.close(t)
	address := 0
	signIn := func(email, password string) string {
		address++
		r := httptest.NewRequest("POST", "/auth/login", strings.NewReader(fmt.Sprintf(`{"email":%q,"password":%q}`, email, password)))
		r.RemoteAddr = fmt.Sprintf("198.51.%d.%d:1000", address>>8&255, address&255)
		rec := httptest.NewRecorder()
		w.Server.ServeHTTP(rec, r)
		return fmt.Sprint(rec.Code, headers(rec.Result()), rec.Body.String())
	}
	want := signIn("owner@home.example", "wrong password")
	if !strings.HasPrefix(want, "401") {
		t.Fatalf("a wrong password: %s", want)
	}
	for _, c := range [][2]string{{"nobody@home.example", "wrong password"}, {"disabled@home.example", worldPassword}, {"disabled@home.example", "wrong"},
		{"owner", "wrong password"}, {"x", strings.Repeat("y", 200)}} {
		if got := signIn(c[0], c[1]); got != want {
			t.Errorf("sign-in as %s:\n%s\nwant\n%s", c[0], got, want)
		}
	}
	const accounts = 100 // one that was guessed at often is slowed down
	for i := range accounts {
		inprocess.AddUser(t, w.d, w.Server.Server, fmt.Sprintf("known%02d", i), worldPassword)
	}
	tried := 0
	sameTime(t, "known and unknown accounts",
		func() { tried++; signIn(fmt.Sprintf("known%02d@home.example", tried%accounts), "wrong password") },
		func() { tried++; signIn(fmt.Sprintf("other%02d@home.example", tried%accounts), "wrong password") })
}

func sameTime(t *testing.T, what string, first, second func()) {
	t.Helper()
	const attempts, tries = 20, 200
	var all []string
	for range attempts {
		var a, b []time.Duration
		for i := range tries {
			if i%2 == 0 { // each goes first as often as the other: the one before leaves its garbage
				a = append(a, timed(first))
			}
			b = append(b, timed(second))
			if i%2 == 1 {
				a = append(a, timed(first))
			}
		}
		slices.Sort(a)
		slices.Sort(b)
		x, y := a[tries/2], b[tries/2]
		if all = append(all, fmt.Sprintf("%v/%v", x, y)); max(x, y)-min(x, y) <= min(x, y)/10 {
			t.Logf("%s: %v", what, all)
			return
		}
	}
	t.Errorf("%s: medians %v, never within a tenth", what, all)
}

func timed(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}

// TestTokenIDsOfOtherTopics: an id is looked up in its topic only, and nothing changes.
func TestTokenIDsOfOtherTopics(t *testing.T) {
	w := buildWorld(t).copied(t)
	defer w.close(t)
	l := openLedger(t, w.dir)
	for _, id := range slices.Sorted(maps.Values(map[string]string{"another topic": w.ids[elsewhere+" victim"], "nobody": "token_aaaaaaaaaaaaaaaa"})) {
		for _, c := range [][2]string{{"GET", ""}, {"PATCH", ""}, {"DELETE", ""}, {"POST", "/rotate"}, {"GET", "/usage"}} {
			path := "/api/topics/t-private/access-tokens/" + id + c[1]
			r := httptest.NewRequest(c[0], path, strings.NewReader(`{}`))
			credentials["JWT of the owner"](w, "t-private", r)
			rec := httptest.NewRecorder()
			w.Server.ServeHTTP(rec, r)
			if rec.Code != http.StatusNotFound {
				t.Errorf("%s %s = %d, want 404", c[0], path, rec.Code)
			}
		}
	}
	if changed := l.changed(t); len(changed) > 0 {
		t.Errorf("the refused calls changed %v", changed)
	}
}
