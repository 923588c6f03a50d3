package e2e_test

import (
	"net/url"
	"slices"
	"testing"
)

func (p *page) history(t *testing.T, query string) (texts []string) {
	t.Helper()
	var all []message
	if code := p.JSON(t, "GET", "/my-topic/json"+query, p.jwt, nil, &all); code != 200 {
		t.Fatalf("GET /my-topic/json%s = %d, want 200", query, code)
	}
	for _, m := range all {
		if m.Tags == nil {
			t.Errorf("tags of %s are null", m.ID)
		}
		texts = append(texts, m.Message)
	}
	return texts
}

func TestHistory(t *testing.T) {
	t.Parallel()
	p := newPage(t, "my-topic")
	bearer := "Authorization: Bearer " + p.jwt
	publish(t, p.Server, p.jwt, "my-topic", "one")
	call(t, "POST", p.URL+"/my-topic", "two", bearer, "X-Tags: disk,ci", "X-Priority: 5")
	call(t, "POST", p.URL+"/my-topic", "three", bearer, "X-Tags: disk", "X-Title: Nightly job")
	ids := publish(t, p.Server, p.jwt, "my-topic", "four")
	var all []message
	p.JSON(t, "GET", "/my-topic/json", p.jwt, nil, &all)
	if len(all) != 4 || all[0].ID != ids[0] {
		t.Fatalf("history %+v, want four, newest first", all)
	}
	for query, want := range map[string][]string{
		"":                                 {"four", "three", "two", "one"},
		"?limit=2":                         {"four", "three"},
		"?limit=2&offset=1":                {"three", "two"},
		"?limit=2&before=" + all[1].ID:     {"two", "one"},
		"?after=" + all[3].ID:              {"two", "three", "four"},
		"?after=" + all[3].ID + "&limit=2": {"two", "three"},
		"?since=all":                       {"one", "two", "three", "four"},
		"?since=" + all[1].ID:              {"four"},
		"?after=" + ids[0]:                 nil,
		"?q=FOU":                           {"four"},
		"?q=nightly":                       {"three"},
		"?tags=disk":                       {"three", "two"},
		"?tags=ci,disk&tags_mode=all":      {"two"},
		"?tags=ci,disk&tags_mode=any":      {"three", "two"},
		"?priority_min=4":                  {"two"},
		"?until=" + url.QueryEscape("2001-01-01T00:00:00Z"): nil,
	} {
		if got := p.history(t, query); !slices.Equal(got, want) {
			t.Errorf("history%s = %q, want %q", query, got, want)
		}
	}
	var found struct {
		Messages []message
		Total    int
	}
	for _, path := range []string{"/api/topics/my-topic/messages?q=two", "/api/messages?q=two", "/api/messages/search?q=two"} {
		if code := p.JSON(t, "GET", path, p.jwt, nil, &found); code != 200 || len(found.Messages) != 1 || found.Total != 1 || found.Messages[0].Message != "two" {
			t.Errorf("GET %s = %d %+v, want 200 with one message", path, code, found)
		}
	}
}
