package server_test

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"notifer/server"
)

// line is one line of testdata/rights/routes.txt.
type line struct {
	method, path string
	column       string
	page, member bool
	answer, body string
}

// table is one of the two rights tables: rows by credential, cells by column.
type table struct {
	rows  []string
	cells map[string]map[string]string
}

// readCells reads a file of lines whose cells are parted by " | ".
func readCells(t *testing.T, name string) [][]string {
	t.Helper()
	text, err := os.ReadFile("testdata/rights/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for _, l := range strings.Split(string(text), "\n") {
		if l == "" || l[0] == '#' {
			continue
		}
		cells := strings.Split(l, "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		out = append(out, cells)
	}
	return out
}

func readTable(t *testing.T, name string) table {
	t.Helper()
	list := readCells(t, name)
	out := table{cells: map[string]map[string]string{}}
	for _, cells := range list[1:] {
		if len(cells) != len(list[0]) {
			t.Fatalf("%s: %q has %d cells, want %d", name, cells[0], len(cells), len(list[0]))
		}
		row := map[string]string{}
		for i, c := range cells[1:] {
			row[list[0][i+1]] = c
		}
		out.rows, out.cells[cells[0]] = append(out.rows, cells[0]), row
	}
	return out
}

func readLines(t *testing.T) map[string]line {
	t.Helper()
	out := map[string]line{}
	for _, c := range readCells(t, "routes.txt") {
		method, path, _ := strings.Cut(c[0], " ")
		column, mark, _ := strings.Cut(c[1], " ")
		out[c[0]] = line{method, path, column, mark != "", mark == "member", c[2], c[3]}
	}
	return out
}

// matrix walks every route, credential and kind of topic.
type matrix struct {
	t       *testing.T
	topics  table
	others  table
	w       *world
	ledger  *ledger
	rewind  *rewinder
	began   map[string]string // what the ledger has of an untouched world
	touched bool
	checked int
	wrong   int
	calls   int
	client  *http.Client
}

// TestRightsMatrix proves for every route, credential and kind of topic the answer that the rights tables give, and that a
// refused call leaves the store as it was.
func TestRightsMatrix(t *testing.T) {
	t.Parallel()
	lines := readLines(t)
	var patterns []string
	for _, r := range server.Routes() {
		patterns = append(patterns, r.Pattern)
	}
	for _, p := range patterns {
		if _, ok := lines[p]; !ok {
			t.Errorf("the route %q has no row in testdata/rights/routes.txt", p)
		}
	}
	for p := range lines {
		if !slices.Contains(patterns, p) {
			t.Errorf("the row %q of testdata/rights/routes.txt has no route", p)
		}
	}
	topics, others := readTable(t, "topic.txt"), readTable(t, "manage.txt")
	if !slices.Equal(topics.rows, others.rows) || len(topics.rows) != len(credentials) {
		t.Fatal("the two tables and the credentials of the test do not name the same rows")
	}
	base := buildWorld(t)
	var checked, wrong atomic.Int64
	t.Run("routes", func(t *testing.T) {
		const parts = 4 // at the same time, each in worlds of its own
		for part := range parts {
			t.Run(fmt.Sprint(part), func(t *testing.T) {
				t.Parallel()
				m := &matrix{t: t, topics: topics, others: others, w: base.copied(t),
					client: &http.Client{Transport: &http.Transport{DisableCompression: true},
						CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
				m.ledger, m.rewind = openLedger(t, m.w.dir), openRewinder(t, m.w, base.file)
				m.began = m.ledger.digest
				for i, p := range patterns {
					if l, ok := lines[p]; ok && i%parts == part {
						m.route(l, i)
					}
				}
				m.leave()
				checked.Add(int64(m.checked))
				wrong.Add(int64(m.wrong))
			})
		}
	})
	t.Logf("rights matrix: %d routes, %d credentials, %d cells checked, %d differences", len(patterns), len(topics.rows), checked.Load(), wrong.Load())
}

// fresh puts the next call before an untouched world.
func (m *matrix) fresh() {
	m.w.rewind(m.t, m.rewind)
	m.touched = false
}

func (m *matrix) leave() {
	m.rewind.close()
	m.ledger.close()
	m.w.close(m.t)
}

// watch brings the ledger up to what the calls before have changed.
func (m *matrix) watch() {
	m.ledger.changed(m.t)
	if !m.touched && !maps.Equal(m.ledger.digest, m.began) {
		m.t.Fatal("a world that was put back is not as it was")
	}
}

// oneIn is the part of the cells that a short run checks: with the race detector each takes ten times as long, and a route with one
// credential finds the races that it has with another.
const oneIn = 16

func (m *matrix) route(l line, number int) {
	over := kinds[:1]
	if strings.Contains(l.path, "{topic}") || l.column == "publish" || l.path == "/sse" || l.column == "sessions" {
		over = kinds
	}
	for _, kind := range over {
		var let []string
		for i, row := range m.topics.rows {
			if testing.Short() && (i+number)%oneIn != 0 {
				continue
			}
			switch want := m.expected(l, kind, row); want {
			case "-":
			case "ok":
				let = append(let, row)
			default:
				m.cell(l, kind, row, want)
			}
		}
		for _, row := range let { // last, so that the ledger reads what they change once
			m.cell(l, kind, row, "ok")
		}
	}
}

// expected reads the cell of a call: a status, or ok.
func (m *matrix) expected(l line, kind, row string) string {
	if l.page && strings.HasPrefix(row, "cookie") && l.method == http.MethodGet {
		if !strings.Contains(row, " of ") {
			row = "cookie of the owner"
		}
	}
	var cell string
	switch l.column {
	case "publish":
		cell = m.topics.cells[row][kind+" P"]
	case "get-publish":
		cell = byGET(row, m.topics.cells[row][kind+" P"])
	case "sse", "ws", "history", "search", "sessions":
		cell = m.topics.cells[row][kind+" S"]
	case "manage", "read":
		cell = m.others.cells[row][l.column+" "+kind]
	default:
		cell = m.others.cells[row][l.column]
	}
	if cell == "" {
		m.t.Fatalf("no cell for %s %s: %s, %s", l.method, l.path, kind, row)
	}
	want := variant(l, strings.Fields(cell))
	if want == "200" {
		want = "ok"
	}
	if signedIn := strings.Contains(row, "JWT of") || strings.Contains(row, "user's JWT") || strings.HasPrefix(row, "cookie"); want == "ok" && l.member && !signedIn {
		want = "401"
	}
	return want
}

// byGET is what a publish by GET answers where one by POST answers cell: only a topic token that may publish does it.
func byGET(row, cell string) string {
	foreign := strings.HasPrefix(row, "cookie") && !strings.Contains(row, " of ") // such a GET counts as carrying none
	switch {
	case foreign:
		return "401"
	case cell != "200" || strings.HasPrefix(row, "token") && !strings.HasPrefix(row, "token subscribe"):
		return cell
	case strings.Contains(row, "owner") || strings.Contains(row, "admin") || strings.Contains(row, "other"):
		return "403" // by an account
	}
	return "401"
}

// minting routes of the API hand out the secret of a token.
var minting = regexp.MustCompile(`^POST /api/topics/\{topic\}/access-tokens($|/\{id\}/rotate$)`)

// variant picks among the answers of a cell the one for the kind of route.
func variant(l line, cell []string) string {
	for _, v := range cell[1:] {
		name, status, _ := strings.Cut(v, "=")
		switch {
		case name == "ws" && (l.column == "ws" || l.column == "sessions"),
			name == "api" && strings.HasPrefix(l.path, "/api/"),
			name == "history" && l.column != "sse" && l.column != "ws",
			name == "edit" && l.method+" "+l.path == "PATCH /api/{topic}/messages/{id}",
			name == "mint" && minting.MatchString(l.method+" "+l.path),
			name == "post" && l.method != http.MethodGet:
			return status
		}
	}
	return cell[0]
}

// destructive routes change what later calls rely on.
var destructive = regexp.MustCompile(`^DELETE|revoke|rotate|logout|password|/end$|delete$|purge|users|/api/users|/settings$|/verb|^POST /login$`)

func (m *matrix) cell(l line, kind, row, want string) {
	m.checked++
	if want != "ok" {
		m.watch()
	}
	res, body := m.call(l, kind, row)
	m.touched = true
	wrong := func(format string, args ...any) {
		m.wrong++
		m.t.Errorf("%s %s (%s topic) with %s: %s", l.method, l.path, kind, row, fmt.Sprintf(format, args...))
	}
	if !fits(l, kind, want, res.StatusCode) {
		wrong("status %d, want %s; %s", res.StatusCode, want, firstBytes(body, 160))
	}
	if got := res.Header.Get("WWW-Authenticate"); (got != "") != (res.StatusCode == 401) || got != "" && got != `Bearer realm="notifer"` {
		wrong("status %d and WWW-Authenticate %q", res.StatusCode, got)
	}
	if l.member && res.StatusCode == 401 && !strings.Contains(body, `type="password"`) {
		wrong("the page has no sign-in form in place: %s", firstBytes(body, 160))
	}
	if res.StatusCode >= 400 && want != "ok" {
		if changed := m.ledger.changed(m.t); len(changed) > 0 {
			wrong("refused with %d, and changed %v", res.StatusCode, changed)
		}
	}
	if res.StatusCode < 400 && l.method != http.MethodGet && destructive.MatchString(l.method+" "+l.path) {
		m.fresh()
	}
}

// fits compares a status with the cell, and with the route's own answer where the cell lets the call in.
func fits(l line, kind, want string, got int) bool {
	if want != "ok" {
		return strconv.Itoa(got) == want
	}
	answer, otherwise, _ := strings.Cut(l.answer, " or ")
	if otherwise != "" && kind != "private" && kind != "listed" {
		answer = otherwise
	}
	if answer == "ok" {
		return got < 400 || got == http.StatusUnprocessableEntity || l.path == "/setup" && got == 401
	}
	return strconv.Itoa(got) == answer
}

func firstBytes(s string, n int) string { return s[:min(n, len(s))] }

// call sends the request of one cell. The addresses change, so that no limit is met, within one network, so that no owner
// is told of a new one.
func (m *matrix) call(l line, kind, row string) (*http.Response, string) {
	m.calls++
	topic := "t-" + kind
	number := strconv.Itoa(m.calls)
	fill := [][2]string{{"{topic}", topic}, {"{$}", ""}, {"{file}", "app.css"}, {"{page}", "start"}, {"{verb}", "delete"}, {"{fresh}", "fresh-" + number},
		{"{level}", levelOf(kind)}, {"made here", "made " + number}, {"made+here", "made+" + number}, {"{id}", m.id(l.path, topic, row)}}
	path, body := l.path, l.body
	for _, f := range fill { // a Replacer takes longer to make than to use
		path, body = strings.ReplaceAll(path, f[0], f[1]), strings.ReplaceAll(body, f[0], f[1])
	}
	switch {
	case l.path == "/sse":
		path += "?topics=" + topic
	case l.column == "get-publish":
		path += "?message=hello"
	}
	r := httptest.NewRequestWithContext(m.t.Context(), l.method, m.w.URL+path, strings.NewReader(body))
	r.RemoteAddr = "127.0.0.1:1"
	r.Header.Set("X-Forwarded-For", "10.0.0."+strconv.Itoa(m.calls%250+1))
	if strings.HasPrefix(l.body, "{") {
		r.Header.Set("Content-Type", "application/json")
	} else if l.method == http.MethodPost && l.page {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if l.column == "ws" {
		upgrade(r)
	}
	credentials[row](m.w, topic, r)
	if !streams.MatchString(l.path) {
		rec := m.w.serve(r)
		return rec.Result(), rec.Body.String()
	}
	return m.send(r)
}

// streams are routes whose answers only a connection can carry: they are endless, or have a deadline for each write.
var streams = regexp.MustCompile(`/(sse|ws|events|export)$`)

func (m *matrix) send(r *http.Request) (*http.Response, string) {
	r.RequestURI = "" // as a client has it
	res, err := m.client.Do(r)
	if err != nil {
		m.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	defer res.Body.Close()
	if res.StatusCode == http.StatusSwitchingProtocols || strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return res, ""
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		m.t.Fatalf("%s %s: %v", r.Method, r.URL.Path, err)
	}
	return res, string(body)
}

func levelOf(kind string) string {
	if kind == "listed" || kind == "unknown" {
		return "private"
	}
	return kind
}

// id is what a path's {id} names: something of the topic, or of the caller's own.
func (m *matrix) id(path, topic, row string) string {
	switch {
	case topic == "t-unknown":
		return "token_aaaaaaaaaaaaaaaa"
	case strings.Contains(path, "tokens"):
		return m.w.ids[topic+" victim"]
	case strings.Contains(path, "messages"):
		return m.w.ids[topic+" message"]
	case strings.Contains(path, "keys"):
		return m.w.ids[caller(row)+" victim key"]
	case strings.Contains(path, "sessions"):
		return m.w.ids[caller(row)+" session"]
	}
	return m.w.ids["victim"]
}
