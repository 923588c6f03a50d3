package server_test

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"notifer/db"
	"notifer/db/dbtest"
	"notifer/server"
	"notifer/server/test/htmltest"
	"notifer/server/test/inprocess"
)

const pagePassword = "correct horse battery"

// site is a server and somebody who looks at its pages, with a cookie jar and no script.
type site struct {
	t      *testing.T
	d      *db.DB
	server *server.Server
	url    string
	client *http.Client
	status int
	header http.Header
	*htmltest.Node
}

func newSite(t *testing.T, change ...func(*server.Config)) *site {
	t.Helper()
	return siteOver(t, dbtest.New(t), change...)
}

// siteOver is newSite over a store of one's own.
func siteOver(t *testing.T, d *db.DB, change ...func(*server.Config)) *site {
	t.Helper()
	config := server.Config{}
	for _, fn := range change {
		fn(&config)
	}
	s := inprocess.Start(t, d, config)
	inprocess.AddAdmin(t, d, s.Server, "maria", pagePassword)
	inprocess.AddUser(t, d, s.Server, "tom", pagePassword)
	return (&site{t: t, d: d, server: s.Server, url: s.URL}).stranger()
}

// stranger is another reader of the same server, who has not signed in.
func (s *site) stranger() *site {
	jar, _ := cookiejar.New(nil)
	return &site{t: s.t, d: s.d, server: s.server, url: s.url, client: &http.Client{Jar: jar}}
}

func (s *site) signIn(name string) *site {
	s.t.Helper()
	s.post("/login", "email", name+"@home.example", "password", pagePassword)
	s.want(200)
	return s
}

func (s *site) get(path string) *site {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodGet, s.url+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Accept", "text/html")
	res, err := s.client.Do(req)
	return s.read(res, err)
}

// post sends pairs of names and values as a form and follows where it leads.
func (s *site) post(path string, pairs ...string) *site {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	res, err := s.client.PostForm(s.url+path, form)
	return s.read(res, err)
}

func (s *site) read(res *http.Response, err error) *site {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	s.status, s.header = res.StatusCode, res.Header
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
		s.Node = htmltest.Parse(s.t, string(body))
	} else {
		s.Node = &htmltest.Node{Attrs: map[string]string{}}
	}
	return s
}

func (s *site) want(status int) *site {
	s.t.Helper()
	if s.status != status {
		s.t.Fatalf("status %d, want %d: %s", s.status, status, strings.Join(s.Words(), " "))
	}
	return s
}

func (s *site) says(text string) *site {
	s.t.Helper()
	if all := strings.Join(s.Words(), " "); !strings.Contains(all, text) {
		s.t.Fatalf("the page does not say %q: %s", text, all)
	}
	return s
}

// link is where the link with a text leads, empty for none.
func (s *site) link(text string) string {
	for _, a := range s.All("a") {
		if strings.TrimSpace(a.Text()) == text {
			return a.Attrs["href"]
		}
	}
	return ""
}

func (s *site) hides(text string) *site {
	s.t.Helper()
	if all := strings.Join(s.Words(), " "); strings.Contains(all, text) {
		s.t.Fatalf("the page says %q", text)
	}
	return s
}
