package server_test

import (
	"bytes"
	"encoding/json"
	"mime/multipart"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"notifer/db"
	"notifer/server"
	"notifer/server/api"
)

// sent is one publish in process.
func (h *home) sent(method, target string, body []byte, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, bytes.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	h.s.ServeHTTP(rec, r)
	return rec
}

// TestWarningsComeInOneOrder: the same request gets the same warnings in the same order, and when it is strict the same refusal.
func TestWarningsComeInOneOrder(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	answers := map[string]bool{}
	for range 30 {
		rec := h.sent("POST", "/ops-east?token="+token+"&delay=1&x=2", []byte(`{"message":"x","actions":[{"type":1,"label":2,"url":3}]}`),
			"X-Delay", "10m", "X-Email", "a@home.example", "X-Call", "1", "X-Attach", "x", "Content-Type", "application/json")
		_, warnings, found := strings.Cut(rec.Body.String(), `"warnings":`)
		if !found {
			t.Fatalf("no warnings: %d %s", rec.Code, rec.Body)
		}
		answers[warnings] = true
	}
	if len(answers) != 1 {
		t.Errorf("one request got %d different lists of warnings: %v", len(answers), answers)
	}
}

// TestOneOfManyNamesIsUsed: of several names of a field the best counts whatever comes first, and each warning says what was used.
func TestOneOfManyNamesIsUsed(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	for range 30 {
		rec := h.sent("POST", "/ops-east?token="+token+"&tags[]=a&TAGS=b&Tags=c&tags=d&text=x&body=y&msg=z&note=n", nil, "T", "third", "Title", "second", "X-Title", "first")
		var m api.Message
		if err := json.Unmarshal(rec.Body.Bytes(), &m); err != nil || *m.Title != "first" || m.Message != "x" || strings.Join(m.Tags, ",") != "d" {
			t.Fatalf("%s, %v", rec.Body, err)
		}
		for _, want := range []string{"X-Title and Title were both sent: X-Title was used", "X-Title and T were both sent: X-Title was used",
			"?tags= and ?tags[]= were both sent: ?tags= was used", "?tags= and ?Tags= were both sent: ?tags= was used", "?text= and ?body= were both sent: ?text= was used", "?text= and ?msg= were both sent: ?text= was used"} {
			if !slices.ContainsFunc(m.Warnings, func(w string) bool { return strings.Contains(w, want) }) {
				t.Fatalf("warnings %q, want %q", m.Warnings, want)
			}
		}
	}
}

// TestFlawsOfSideFieldsAreCorrected: the message is stored, the answer says what was corrected, and strict publishing refuses it.
func TestFlawsOfSideFieldsAreCorrected(t *testing.T) {
	h := newHome(t, server.Config{MessageBytes: 1000})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	const typed = "Content-Type"
	for name, row := range map[string]struct {
		target, body string
		headers      []string
		want         api.Message
		warning      string // "" for none, else a part of one
	}{
		"priority in words":        {"/ops-east", "x", []string{"X-Priority", "URGENT"}, api.Message{Message: "x", Priority: 5}, ""},
		"priority with a point":    {"/ops-east", "x", []string{"X-Priority", "4.0"}, api.Message{Message: "x", Priority: 4}, ""},
		"priority too high":        {"/ops-east", "x", []string{"X-Priority", "8"}, api.Message{Message: "x", Priority: 5}, "X-Priority 8 became 5"},
		"priority that is none":    {"/ops-east", "x", []string{"X-Priority", "very"}, api.Message{Message: "x", Priority: 3}, `X-Priority "very" is not a priority: the default was used`},
		"priority of a browser":    {"/ops-east", "x", []string{"Priority", "u=1, i"}, api.Message{Message: "x", Priority: 3}, ""},
		"bare names":               {"/ops-east", "x", []string{"Title", "T", "Priority", "4", "Tags", "a,b", "Click", "https://nas.home.example"}, api.Message{Message: "x", Title: ptr("T"), Priority: 4, Tags: []string{"a", "b"}, URL: "https://nas.home.example"}, ""},
		"query fields":             {"/ops-east?title=T&priority=high&tags=a,b", "x", nil, api.Message{Message: "x", Title: ptr("T"), Priority: 4, Tags: []string{"a", "b"}}, ""},
		"message sent twice":       {"/ops-east?message=y", "x", nil, api.Message{Message: "x", Priority: 3}, "?message= was left out"},
		"message beside odd JSON":  {"/ops-east?message=y", `{"a":1}`, []string{typed, "application/json"}, api.Message{Message: "y\n\n{\n  \"a\": 1\n}", Priority: 3}, "all of it was stored"},
		"header over query":        {"/ops-east?title=Q", "x", []string{"Title", "bare", "X-Title", "X"}, api.Message{Message: "x", Title: ptr("X"), Priority: 3}, "X-Title and Title were both sent: X-Title was used"},
		"unknown query field":      {"/ops-east?titel=Q", "x", nil, api.Message{Message: "x", Priority: 3}, "titel"},
		"field of another system":  {"/ops-east", "x", []string{"X-Delay", "10m"}, api.Message{Message: "x", Priority: 3}, "X-Delay"},
		"a key in JSON":            {"/ops-east", `{"message":"x","delay":"10m"}`, []string{typed, "application/json"}, api.Message{Message: "x", Priority: 3}, "delay"},
		"a key in another case":    {"/ops-east", `{"message":"x","Delay":"10m"}`, []string{typed, "application/json"}, api.Message{Message: "x", Priority: 3}, "delay"},
		"a time in JSON":           {"/ops-east", `{"message":"x","at":"10am"}`, []string{typed, "application/json"}, api.Message{Message: "x", Priority: 3}, "at is not supported"},
		"a subject in JSON":        {"/ops-east", `{"message":"x","subject":"T"}`, []string{typed, "application/json"}, api.Message{Message: "x", Title: ptr("T"), Priority: 3}, "subject"},
		"title of two lines":       {"/ops-east", `{"message":"x","title":"a\nb"}`, []string{typed, "application/json"}, api.Message{Message: "x", Title: ptr("a b"), Priority: 3}, "title"},
		"title too long":           {"/ops-east", "x", []string{"X-Title", strings.Repeat("t", 251)}, api.Message{Message: "x", Title: ptr(strings.Repeat("t", 249) + "…"), Priority: 3}, "X-Title was cut"},
		"tags with signs":          {"/ops-east", "x", []string{"X-Tags", "disk full, host:nas, höhe, 🔥, !!"}, api.Message{Message: "x", Priority: 3, Tags: []string{"disk-full", "host-nas", "h-he", "fire"}}, "left out"},
		"link without a scheme":    {"/ops-east", "x", []string{"X-URL", "192.168.1.2:8123", "X-URL-Title", "Open"}, api.Message{Message: "x", Priority: 3}, "link"},
		"an action":                {"/ops-east", "x", []string{"X-Actions", "run, Open, https://a.example; view, Open, https://b.example"}, api.Message{Message: "x", Priority: 3, Actions: []api.Action{{Type: "view", Label: "Open", URL: "https://b.example"}}}, "action"},
		"options of an action":     {"/ops-east", `{"message":"x","actions":[{"type":"http","label":"L","url":"https://a.example","method":"PUT"}]}`, []string{typed, "application/json"}, api.Message{Message: "x", Priority: 3, Actions: []api.Action{{Type: "http", Label: "L", URL: "https://a.example", Options: map[string]string{"method": "PUT"}}}}, ""},
		"title alone":              {"/ops-east", "", []string{"X-Title", "Disk alert"}, api.Message{Message: "Disk alert", Priority: 3}, ""},
		"title alone in JSON":      {"/ops-east", `{"title":"Disk alert","message":null}`, []string{typed, "application/json"}, api.Message{Message: "Disk alert", Priority: 3}, ""},
		"text too long":            {"/ops-east", strings.Repeat("x", 1001), nil, api.Message{Message: strings.Repeat("x", 960), Priority: 3}, "cut to 1000 bytes"},
		"Latin-1":                  {"/ops-east", "caf\xe9", []string{typed, "text/plain; charset=iso-8859-1"}, api.Message{Message: "café", Priority: 3}, ""},
		"no UTF-8":                 {"/ops-east", "caf\xe9", nil, api.Message{Message: "café", Priority: 3}, "windows-1252"},
		"UTF-16":                   {"/ops-east", "\xff\xfec\x00a\x00f\x00\xe9\x00", nil, api.Message{Message: "café", Priority: 3}, ""},
		"byte order mark":          {"/ops-east", "\ufeffx", nil, api.Message{Message: "x", Priority: 3}, ""},
		"byte order mark in JSON":  {"/ops-east", "\ufeff" + `{"message":"x"}`, []string{typed, "application/json"}, api.Message{Message: "x", Priority: 3}, ""},
		"tags as numbers":          {"/ops-east", `{"message":"x","tags":[20260101,7]}`, []string{typed, "application/json"}, api.Message{Message: "x", Priority: 3, Tags: []string{"20260101", "7"}}, "a tag was not a text"},
		"numbers as texts":         {"/ops-east", `{"message":"x","priority":"5","tags":"a,b"}`, []string{typed, "application/json"}, api.Message{Message: "x", Priority: 5, Tags: []string{"a", "b"}}, "tags"},
		"a text for a message":     {"/ops-east", `"half a message"`, []string{typed, "application/json"}, api.Message{Message: "half a message", Priority: 3}, "not an object"},
		"no JSON":                  {"/ops-east", `hello`, []string{typed, "application/json"}, api.Message{Message: "hello", Priority: 3}, "text/plain"},
		"JSON of another system":   {"/ops-east", `{"subject":"S","text":"T"}`, []string{typed, "application/json"}, api.Message{Message: "T", Title: ptr("S"), Priority: 3}, "text"},
		"unknown JSON":             {"/ops-east", `{"a":{"b":1}}`, []string{typed, "application/json"}, api.Message{Message: "{\n  \"a\": {\n    \"b\": 1\n  }\n}", Priority: 3}, "all of it was stored"},
		"a key twice":              {"/ops-east", `{"message":"a","message":"b"}`, []string{typed, "application/json"}, api.Message{Message: "b", Priority: 3}, "twice"},
		"a slash at the end":       {"/ops-east/?title=T", "x", nil, api.Message{Message: "x", Title: ptr("T"), Priority: 3}, ""},
		"two in front":             {"//ops-east", "x", nil, api.Message{Message: "x", Priority: 3}, ""},
		"a bad idempotency key":    {"/ops-east", "x", []string{"X-Idempotency-Key", ""}, api.Message{Message: "x", Priority: 3}, "X-Idempotency-Key"},
		"null":                     {"/ops-east?title=T", `null`, []string{typed, "application/json"}, api.Message{Message: "T", Title: nil, Priority: 3}, "is null"},
		"a form cut in its header": {"/ops-east", part("message", "x") + "--b\r\nContent-Disposition: form-da", []string{typed, "multipart/form-data; boundary=b"}, api.Message{Message: "x", Priority: 3}, "end of the multipart body is missing"},
		"a form cut at a boundary": {"/ops-east", part("message", "x") + "--b\r\n", []string{typed, "multipart/form-data; boundary=b"}, api.Message{Message: "x", Priority: 3}, "end of the multipart body is missing"},
		"a form cut in a field":    {"/ops-east", part("message", "x") + "--b\r\nContent-Disposition: form-data; name=title\r\n\r\nDis", []string{typed, "multipart/form-data; boundary=b"}, api.Message{Message: "x", Title: ptr("Dis"), Priority: 3}, "end of the multipart body is missing"},
		"colours":                  {"/ops-east", "a \x1b[1;31mred\x1b[0m \x1b]0;title\x07word\x1b(B \x1b[", nil, api.Message{Message: "a red word \x1b[", Priority: 3}, "terminal codes were removed from the message"},
		"a colour in the title":    {"/ops-east?title=%1b[31mred%1b[0m", "x", nil, api.Message{Message: "x", Title: ptr("red"), Priority: 3}, "terminal codes were removed from the title"},
		"a form without boundary":  {"/ops-east", "--b\r\nhi\r\n--b--", []string{typed, "multipart/form-data"}, api.Message{Message: "--b\r\nhi\r\n--b--", Priority: 3}, "stored as text"},
		"a form of broken parts":   {"/ops-east", "--b\r\nno header\r\n\r\nhi\r\n--b--", []string{typed, "multipart/form-data; boundary=b"}, api.Message{Message: "--b\r\nno header", Priority: 3}, "stored as text"},
		"a form of other words":    {"/ops-east", part("name", "N") + part("body", "B") + part("text", "T") + "--b--", []string{typed, "multipart/form-data; boundary=b"}, api.Message{Message: "T", Priority: 3}, "field text was taken"},
		"a form of unknown words":  {"/ops-east", part("host", "nas") + part("state", "down") + "--b--", []string{typed, "multipart/form-data; boundary=b"}, api.Message{Message: "host: nas\nstate: down", Priority: 3}, "all of it was stored"},
		"a bad action of two": {"/ops-east", `{"message":"x","actions":["bad",{"type":"view","label":"L","url":"https://a.example"}]}`, []string{typed, "application/json"},
			api.Message{Message: "x", Priority: 3, Actions: []api.Action{{Type: "view", Label: "L", URL: "https://a.example"}}}, "not an object"},
		"a list for a priority":   {"/ops-east", `{"message":"x","priority":[5]}`, []string{typed, "application/json"}, api.Message{Message: "x", Priority: 3}, "not a number"},
		"a title of another name": {"/ops-east", "x", []string{"X-Title", " ", "Title", "T"}, api.Message{Message: "x", Title: ptr("T"), Priority: 3}, ""},
		"an empty header":         {"/ops-east?title=T", "x", []string{"X-Title", ""}, api.Message{Message: "x", Title: ptr("T"), Priority: 3}, ""},
		"one title in two names":  {"/ops-east", "x", []string{"X-Title", "T", "Title", "T"}, api.Message{Message: "x", Title: ptr("T"), Priority: 3}, ""},
		"two links":               {"/ops-east", "x", []string{"Click", "https://a.example", "URL", "https://b.example"}, api.Message{Message: "x", URL: "https://b.example", Priority: 3}, "URL and Click were both sent: URL was used"},
		"a query field twice":     {"/ops-east?title=a&title=b", "x", nil, api.Message{Message: "x", Title: ptr("a"), Priority: 3}, "?title= was sent twice"},
		"a link in the query":     {"/ops-east?click=ftp://a.example", "x", nil, api.Message{Message: "x", Priority: 3}, "?click= was left out: a link is an http"},
		"buttons in two headers": {"/ops-east", "x", []string{"X-Actions", "view, A, https://a.example", "X-Actions", "view, B, https://b.example"},
			api.Message{Message: "x", Priority: 3, Actions: []api.Action{{Type: "view", Label: "A", URL: "https://a.example"}, {Type: "view", Label: "B", URL: "https://b.example"}}}, ""},
		"a button as JSON": {"/ops-east", "x", []string{"X-Actions", `[{"action":"view","label":"A","url":"https://a.example"}]`},
			api.Message{Message: "x", Priority: 3, Actions: []api.Action{{Type: "view", Label: "A", URL: "https://a.example"}}}, ""},
		"a button with quotes": {"/ops-east", "x", []string{"X-Actions", `http, "Off, please", 'https://a.example/?a=1,2;3', body='{"a": 1, "b": "it\'s"}'`},
			api.Message{Message: "x", Priority: 3, Actions: []api.Action{{Type: "http", Label: "Off, please", URL: "https://a.example/?a=1,2;3", Options: map[string]string{"body": `{"a": 1, "b": "it's"}`}}}}, ""},
		"empty JSON fields": {"/ops-east", `{"message":"x","title":"","tags":[],"click":"","priority":null,"delay":"","actions":[]}`, []string{typed, "application/json"}, api.Message{Message: "x", Priority: 3}, ""},
		"a click in JSON":   {"/ops-east", `{"message":"x","click":"https://a.example"}`, []string{typed, "application/json"}, api.Message{Message: "x", URL: "https://a.example", Priority: 3}, ""},
		"a priority in words": {"/ops-east", `{"message":"x","priority":"very"}`, []string{typed, "application/json"}, api.Message{Message: "x", Priority: 3},
			`priority "very" is not a priority: the default was used`},
		"a number as a text":    {"/ops-east", `{"message":"x","priority":"4"}`, []string{typed, "application/json"}, api.Message{Message: "x", Priority: 4}, ""},
		"keys in two cases":     {"/ops-east", `{"message":"x","Message":"y"}`, []string{typed, "application/json"}, api.Message{Message: "x", Priority: 3}, `the key "Message" was left out`},
		"blanks beside a title": {"/ops-east?title=T", " \r\n\t", nil, api.Message{Message: "T", Priority: 3}, ""},
		"escapes of a writer": {"/ops-east", `{"zustand":"h\u00f6her \ud83d\udd25 als \u003c5","ort":"http:\/\/nas\/\u0022\\u00f6"}`, []string{typed, "application/json"},
			api.Message{Message: "{\n  \"zustand\": \"höher 🔥 als <5\",\n  \"ort\": \"http://nas/\\u0022\\\\u00f6\"\n}", Priority: 3}, "all of it was stored"},
		"escapes in a message":   {"/ops-east", `{"message":{"a":"\u00fc"}}`, []string{typed, "application/json"}, api.Message{Message: "{\n  \"a\": \"ü\"\n}", Priority: 3}, "its JSON was stored"},
		"a false value":          {"/ops-east", `{"online":false}`, []string{typed, "application/json"}, api.Message{Message: "{\n  \"online\": false\n}", Priority: 3}, "all of it was stored"},
		"half of a pair":         {"/ops-east", `{"message":"x \ud83d"}`, []string{typed, "application/json"}, api.Message{Message: "x \ufffd", Priority: 3}, "U+FFFD"},
		"a picture with a title": {"/ops-east", "\x89PNG\x0d\x0a\x1a\x0a\x00\xff", []string{"Title", "Motion"}, api.Message{Message: "Motion", Priority: 3}, "keeps no files"},
		"bytes of no kind":       {"/ops-east", strings.Repeat("\x00\x01\x02\xff\xfe\x03abc", 40), []string{"Title", "Motion"}, api.Message{Message: "Motion", Priority: 3}, "keeps no files"},
		"a percent sign":         {"/ops-east?title=100%&priority=4", "x", nil, api.Message{Message: "x", Title: ptr("100%"), Priority: 4}, "query"},
		"a semicolon":            {"/ops-east?title=a;b", "x", nil, api.Message{Message: "x", Title: ptr("a;b"), Priority: 3}, "query"},
		"query in capitals":      {"/ops-east?Title=T&PRIORITY=4&tags[]=a&tags[]=b", "x", nil, api.Message{Message: "x", Title: ptr("T"), Priority: 4, Tags: []string{"a", "b"}}, ""},
		"a text in the query":    {"/ops-east?text=ding", "", nil, api.Message{Message: "ding", Priority: 3}, "?text= was taken as the message"},
		"two texts":              {"/ops-east?text=ding", "x", nil, api.Message{Message: "x", Priority: 3}, "?text= is unknown"},
		"names that are close":   {"/ops-east?tag=a", `{"message":"x","prio":5}`, []string{typed, "application/json"}, api.Message{Message: "x", Priority: 3}, "did you mean priority?"},
		"short names":            {"/ops-east", "x", []string{"Prio", "5", "Ta", "a", "Ti", "T"}, api.Message{Message: "x", Title: ptr("T"), Priority: 5, Tags: []string{"a"}}, ""},
		"one-letter names":       {"/ops-east", "x", []string{"T", "Disk", "P", "high", "Action", "view, Open, https://b.example"}, api.Message{Message: "x", Title: ptr("Disk"), Priority: 4, Actions: []api.Action{{Type: "view", Label: "Open", URL: "https://b.example"}}}, ""},
		"a huge number":          {"/ops-east", `{"message":"x","priority":1e400}`, []string{typed, "application/json"}, api.Message{Message: "x", Priority: 5}, "became 5"},
		"text/json":              {"/ops-east", `{"message":"x"}`, []string{typed, "text/json"}, api.Message{Message: "x", Priority: 3}, ""},
		"a type sent twice":      {"/ops-east", `{"message":"x"}`, []string{typed, "application/json, application/json"}, api.Message{Message: "x", Priority: 3}, ""},
		"a cut character":        {"/ops-east", "dïsk is full: €"[:len("dïsk is full: €")-1], nil, api.Message{Message: "dïsk is full: \ufffd", Priority: 3}, "U+FFFD"},
		"cut at both ends":       {"/ops-east", "\x82\xac größer als €"[:len("\x82\xac größer als €")-2], nil, api.Message{Message: "\ufffd\ufffd größer als \ufffd", Priority: 3}, "U+FFFD"},
		"a form in capitals":     {"/ops-east", part("Message", "x") + part("TITLE", "T") + "--b--", []string{typed, "multipart/form-data; boundary=b"}, api.Message{Message: "x", Title: ptr("T"), Priority: 3}, ""},
		"a line end in JSON":     {"/ops-east", "{\"message\":\"one\n\ttwo\",\"priority\":5}", []string{typed, "application/json"}, api.Message{Message: "one\n\ttwo", Priority: 5}, "a line end or control character inside a text"},
		"a quote in JSON":        {"/ops-east", `{"message":"he said "hi" and left","priority":5}`, []string{typed, "application/json"}, api.Message{Message: `he said "hi" and left`, Priority: 5}, "a quote inside a text"},
		"a path in JSON":         {"/ops-east", `{"message":"C:\Users\ann \u00fc","priority":5}`, []string{typed, "application/json"}, api.Message{Message: `C:\Users\ann ü`, Priority: 5}, "a backslash"},
		"a comma too many":       {"/ops-east", `{"message":"x","tags":["a",],}`, []string{typed, "application/json"}, api.Message{Message: "x", Priority: 3, Tags: []string{"a"}}, "a comma after"},
		"an object of Python":    {"/ops-east", `{'message': "it's", 'title': 'don\'t \"', 'markdown': False, 'url': None}`, []string{typed, "application/json"}, api.Message{Message: "it's", Title: ptr(`don't "`), Priority: 3}, "single quotes"},
		"an object of a script":  {"/ops-east", `{message: 'x', title: 'T', priority: 4}`, []string{typed, "application/json"}, api.Message{Message: "x", Title: ptr("T"), Priority: 4}, "a name without quotes"},
		"JSON of quotes and all": {"/ops-east", `{"message":"say "hi", then "bye"","title":"T"}`, []string{typed, "application/json"}, api.Message{Message: `{"message":"say "hi", then "bye"","title":"T"}`, Priority: 3}, "see /docs/publish"},
		"JSON that was cut":      {"/ops-east", `{"message":"x","title":"T`, []string{typed, "application/json"}, api.Message{Message: `{"message":"x","title":"T`, Priority: 3}, "stored as text"},
		"JSON as a form":         {"/ops-east", `{"message":"x"}`, nil, api.Message{Message: `{"message":"x"}`, Priority: 3}, "send Content-Type: application/json"},
		"a form":                 {"/ops-east", `title=T&message=a+b`, []string{typed, "application/x-www-form-urlencoded"}, api.Message{Message: `title=T&message=a+b`, Priority: 3}, "curl -F"},
		"a text like a form":     {"/ops-east", `no message=1 here`, []string{typed, "application/x-www-form-urlencoded"}, api.Message{Message: `no message=1 here`, Priority: 3}, ""},
		"a boundary by hand":     {"/ops-east", part("message", "x") + "--b--", []string{typed, "multipart/form-data"}, api.Message{Message: "x", Priority: 3}, "taken from the body"},
		"another boundary":       {"/ops-east", part("message", "x") + "--b--", []string{typed, "multipart/form-data; boundary=c"}, api.Message{Message: "x", Priority: 3}, "taken from the body"},
		"words of mail":          {"/ops-east", "x", []string{"Title", "=?windows-1252?Q?=80_3?=", "X-Tags", "=?utf-8?b?YSxi?="}, api.Message{Message: "x", Title: ptr("€ 3"), Priority: 3, Tags: []string{"a", "b"}}, ""},
		"a text in words":        {"/ops-east", "", []string{"X-Message", "=?utf-8?b?Y2Fmw6k=?= =?koi8-r?q?=F2?="}, api.Message{Message: "caféР", Priority: 3}, ""},
		"an empty header before": {"/ops-east", "x", []string{"X-Title", "", "X-Title", "T"}, api.Message{Message: "x", Title: ptr("T"), Priority: 3}, ""},
		"shortest names":         {"/ops-east", "", []string{"P", "5", "T", "T", "M", "x"}, api.Message{Message: "x", Title: ptr("T"), Priority: 5}, ""},
		"an unreadable text":     {"/ops-east?title=T", "\x00\x00", nil, api.Message{Message: "T", Priority: 3}, ""},
		"an unreadable message":  {"/ops-east", `{"message":"\u0000","state":"down"}`, []string{typed, "application/json"}, api.Message{Message: "{\n  \"message\"", Priority: 3}, "all of it was stored"},
		"a form in base64":       {"/ops-east", "--b\r\nContent-Disposition: form-data; name=message\r\nContent-Transfer-Encoding: base64\r\n\r\naGVs\r\nbG8=\r\n--b--", []string{typed, "multipart/form-data; boundary=b"}, api.Message{Message: "hello", Priority: 3}, ""},
	} {
		rec := h.sent("POST", row.target, []byte(row.body), append(row.headers, "X-Topic-Token", token)...)
		var got api.Message
		if rec.Code != 200 || json.Unmarshal(rec.Body.Bytes(), &got) != nil {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
			continue
		}
		same := func(a, b any) bool { x, _ := json.Marshal(a); y, _ := json.Marshal(b); return bytes.Equal(x, y) }
		if row.want.Tags == nil {
			row.want.Tags = []string{}
		}
		if !strings.HasPrefix(got.Message, row.want.Message) || len(got.Message) > 1000 || !same(got.Title, row.want.Title) || got.Priority != row.want.Priority || !same(got.Tags, row.want.Tags) ||
			got.URL != row.want.URL || !same(got.Actions, row.want.Actions) {
			t.Errorf("%s: %s", name, rec.Body)
		}
		if warned := strings.Join(got.Warnings, "\n"); (warned == "") != (row.warning == "") || !strings.Contains(warned, row.warning) {
			t.Errorf("%s: warnings %q, want one with %q", name, warned, row.warning)
		}
		asText := name == "JSON as a form" || name == "a form" // what was meant is not what is wrong
		if rec := h.sent("POST", row.target, []byte(row.body), append(row.headers, "X-Topic-Token", token, "X-Strict", "1")...); row.warning != "" && !asText && (rec.Code < 400 || rec.Code > 422) {
			t.Errorf("%s, strict: %d %s, want a refusal", name, rec.Code, rec.Body)
		}
	}
	var list []api.Token
	h.call("GET", "/api/topics/ops-east/access-tokens", h.jwt, nil, 200, &list)
	if list[0].WarningCount < 10 || list[0].LastWarning == "" || list[0].WarningAt == nil {
		t.Errorf("the token counts %d warnings, the last %q", list[0].WarningCount, list[0].LastWarning)
	}
	for name, headers := range map[string][]string{"nothing": nil, "a blank title": {"X-Title", " "}, "JSON": {typed, "application/json"}} {
		if rec := h.sent("POST", "/ops-east", []byte(" \n\u200b\x00"), append(headers, "X-Topic-Token", token)...); rec.Code != 422 {
			t.Errorf("%s: %d %s, want 422", name, rec.Code, rec.Body)
		}
	}
}

// TestEmptyMessagesSayWhere: a refusal of a message without a text says where the text goes in what was sent.
func TestEmptyMessagesSayWhere(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	for name, row := range map[string]struct {
		body, want string
		headers    []string
	}{
		"nothing announced": {"", "announced no body", nil},
		"nothing":           {"", "as the body", []string{"Content-Length", "0"}},
		"JSON":              {"{}", "field message of the JSON", []string{"Content-Type", "application/json"}},
		"a form":            {"--b--", "field message of the form", []string{"Content-Type", "multipart/form-data; boundary=b"}},
	} {
		if rec := h.sent("POST", "/ops-east", []byte(row.body), append(row.headers, "X-Topic-Token", token)...); rec.Code != 422 || !strings.Contains(rec.Body.String(), row.want) {
			t.Errorf("%s: %d %s, want %q", name, rec.Code, rec.Body, row.want)
		}
	}
	var m api.Message
	rec := h.sent("GET", "/ops-east/publish", []byte("a body all the same"), "X-Topic-Token", token)
	if json.Unmarshal(rec.Body.Bytes(), &m); rec.Code != 200 || m.Message != "a body all the same" {
		t.Errorf("a body of GET: %d %s", rec.Code, rec.Body)
	}
}

// TestPasswordIsAskedFor: a program that sends user and password only when asked is asked, a browser is not.
func TestPasswordIsAskedFor(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	for name, row := range map[string]struct {
		method, target string
		headers        []string
		want           bool
	}{
		"wget":              {"POST", "/ops-east", nil, true},
		"a page":            {"POST", "/ops-east", []string{"Origin", "https://nas.home.example"}, false},
		"another page":      {"POST", "/ops-east", []string{"Sec-Fetch-Mode", "cors"}, false},
		"a wrong token":     {"POST", "/ops-east", []string{"X-Topic-Token", "tk_wrong"}, false},
		"another password":  {"POST", "/ops-east", []string{"Authorization", "Basic eDp5"}, false},
		"a link":            {"GET", "/ops-east/publish", nil, false},
		"a reader":          {"GET", "/ops-east/json", nil, false},
		"a call of the API": {"POST", "/api/topics", nil, false},
	} {
		rec := h.sent(row.method, row.target, []byte("x"), row.headers...)
		if list := rec.Header().Values("WWW-Authenticate"); rec.Code != 401 || (len(list) == 2) != row.want || list[0] != `Bearer realm="notifer"` {
			t.Errorf("%s: %d %q", name, rec.Code, list)
		}
	}
}

// TestWordsForStrict: whoever asks for strict publishing in any word for yes gets it.
func TestWordsForStrict(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "job", "publish").Token
	for word, want := range map[string]int{"1": 422, "true": 422, "Yes": 422, "on": 422, "0": 200, "no": 200, "": 200} {
		if rec := h.sent("POST", "/ops-east", []byte("x"), "X-Topic-Token", token, "X-Priority", "9", "X-Strict", word); rec.Code != want {
			t.Errorf("X-Strict: %q = %d, want %d", word, rec.Code, want)
		}
	}
}

func ptr[T any](v T) *T { return &v }

// part is a field of a form with the boundary b.
func part(name, value string) string {
	return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
}

// TestBodyBound: a text over its bound is cut, a body over its own is refused.
func TestBodyBound(t *testing.T) {
	h := newHome(t, server.Config{MessageBytes: 1000, BodyBytes: 2000})
	h.topic("ops-east", db.Private)
	for n, want := range map[int]int{1000: 200, 1001: 200, 2000: 200, 2001: 413} {
		rec := h.sent("POST", "/ops-east", bytes.Repeat([]byte("x"), n), "Authorization", "Bearer "+h.jwt)
		var got api.Message
		json.Unmarshal(rec.Body.Bytes(), &got)
		if rec.Code != want || want == 200 && len(got.Message) != 1000 {
			t.Errorf("%d bytes = %d, %d stored, want %d", n, rec.Code, len(got.Message), want)
		}
	}
}

func TestMultipartFields(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	for name, row := range map[string]struct {
		message, file bool
		want          int
	}{"fields": {true, false, 200}, "a file too": {true, true, 200}, "a file alone": {false, true, 415}, "nothing": {false, false, 422}} {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		if row.message {
			m.WriteField("message", "hello")
			m.WriteField("title", "T")
			m.WriteField("tags", "a,b")
		}
		if row.file {
			f, _ := m.CreateFormFile("picture", "photo.png")
			f.Write([]byte("\x89PNG"))
		}
		m.Close()
		rec := h.sent("POST", "/ops-east", b.Bytes(), "Authorization", "Bearer "+h.jwt, "Content-Type", m.FormDataContentType())
		var got api.Message
		json.Unmarshal(rec.Body.Bytes(), &got)
		if rec.Code != row.want || row.want == 200 && (got.Message != "hello" || got.Title == nil || *got.Title != "T" || len(got.Tags) != 2 || (len(got.Warnings) > 0) != row.file) {
			t.Errorf("%s: %d %s", name, rec.Code, rec.Body)
		}
	}
}

// TestPublishByGET: with a topic token that may publish, and never by what a browser does by itself.
func TestPublishByGET(t *testing.T) {
	h := newHome(t, server.Config{})
	h.topic("ops-east", db.Private)
	token := h.token("ops-east", "doorbell", "publish").Token
	header := h.token("ops-east", "no URLs", "publish")
	h.call("PATCH", "/api/topics/ops-east/access-tokens/"+header.ID, h.jwt, map[string]any{"refuse_in_url": true}, 200, nil)
	for _, row := range []struct {
		method, target string
		headers        []string
		want           int
	}{
		{"GET", "/ops-east/publish?message=ding&title=Door&token=" + token, nil, 200},
		{"GET", "/ops-east/send?message=ding&token=" + token, nil, 200},
		{"GET", "/ops-east/trigger?title=ding", []string{"X-Topic-Token", token}, 200},
		{"GET", "/ops-east/publish", []string{"X-Topic-Token", token, "X-Message", "ding"}, 200},
		{"GET", "/ops-east/publish?token=" + token, nil, 422},
		{"GET", "/ops-east/publish?message=ding&token=" + header.Token, nil, 403},
		{"HEAD", "/ops-east/publish?message=ding&token=" + token, nil, 405},
		{"GET", "/ops-east/publish?message=ding&token=" + token, []string{"Sec-Purpose", "prefetch;prerender"}, 403},
		{"GET", "/ops-east/publish?message=ding&token=" + token, []string{"Purpose", "prefetch"}, 403},
		{"GET", "/ops-east/publish?message=ding&token=" + token, []string{"Sec-Fetch-Site", "cross-site"}, 403},
		{"GET", "/ops-east/publish?message=ding", []string{"Authorization", "Bearer " + h.jwt}, 403},
		{"GET", "/ops-east/publish?message=ding", nil, 401},
	} {
		rec := h.sent(row.method, row.target, nil, row.headers...)
		if rec.Code == 422 && !strings.Contains(rec.Body.String(), "add ?message=TEXT to the URL") {
			t.Errorf("%s says %s", row.target, rec.Body)
		}
		if rec.Code != row.want || rec.Header().Get("Cache-Control") != "no-store" {
			t.Errorf("%s %s %q = %d %s, want %d", row.method, row.target, row.headers, rec.Code, rec.Body, row.want)
		}
	}
	var list []api.Message
	h.call("GET", "/ops-east/json", h.jwt, nil, 200, &list)
	if len(list) != 4 {
		t.Errorf("%d messages were stored, want 4", len(list))
	}
}
