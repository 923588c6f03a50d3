package server_test

import (
	"fmt"
	"testing"
	"time"

	"notifer/server"
)

// Every life that the form offers is taken, however short the longest is that the server allows.
func TestOfferedLivesAreTaken(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	for longest, label := range map[time.Duration]string{
		0: "Never", 30 * time.Minute: "Maximum lifetime: 30 minutes", time.Hour: "Maximum lifetime: 1 hour", 36 * time.Hour: "Maximum lifetime: 36 hours", day: "Maximum lifetime: 24 hours",
		3 * day: "Maximum lifetime: 72 hours", 7 * day: "In 7 days", 45 * day: "is 45 days", 366 * day: "is 366 days",
	} {
		s := tokenSite(t, func(c *server.Config) { c.MaxExpiry = longest })
		s.get(tab + "?new").want(200).says(label)
		for i, life := range offered(s) {
			if life["expires"] == "date" && life["date"] == "" {
				continue // the day is the reader's choice
			}
			name := fmt.Sprint("life ", i)
			s.create(name, "expires", life["expires"], "date", life["date"])
			if end := ends(s, name); longest > 0 && (end.IsZero() || end.After(time.Now().Add(longest))) {
				t.Errorf("with %v at most, the offered %v ends at %v", longest, life, end)
			}
		}
	}
}

// offered are the values of expires and date that the form on the page offers.
func offered(s *site) (list []map[string]string) {
	s.t.Helper()
	for _, o := range s.ByID("expires").All("option") {
		if o.Attrs["value"] != "date" {
			list = append(list, map[string]string{"expires": o.Attrs["value"]})
			continue
		}
		for _, edge := range []string{"min", "max"} {
			list = append(list, map[string]string{"expires": "date", "date": s.ByID("date").Attrs[edge]})
		}
	}
	return list
}

// ends is when the token of this name ends.
func ends(s *site, name string) time.Time {
	s.t.Helper()
	topic, err := s.d.Topic(s.t.Context(), "backups")
	if err != nil {
		s.t.Fatal(err)
	}
	list, err := s.d.Tokens(s.t.Context(), topic.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, k := range list {
		if k.Name == name {
			return k.ExpiresAt
		}
	}
	s.t.Fatalf("no token %q", name)
	return time.Time{}
}
