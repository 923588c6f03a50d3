package demo

import (
	"context"
	"crypto/subtle"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// sensorEvery is the pause between the readings of the sensor.
const sensorEvery = 20 * time.Second

// Run publishes to the demo's server until ctx ends: one script uses a revoked token, two use tokens that cannot publish, one uses none, and
// the sensor publishes its readings.
func (d *Demo) Run(ctx context.Context, address string) {
	backups, display, sensor := "backups", d.secret("doorbell", 1), d.secret("home", 0)
	for range 3 {
		publish(ctx, address, backups, d.revoked, "Attic", "12 GB in 4 minutes")
	}
	publish(ctx, address, "doorbell", display, "", "Display restarted")
	publish(ctx, address, "home", d.secret("home", 2), "Tablet", "Battery at 15 %")
	for range 2 {
		publish(ctx, address, "home", "", "Boiler", "Pressure 0.9 bar")
	}
	tick := time.NewTicker(sensorEvery)
	defer tick.Stop()
	for n := 0; ; n++ {
		publish(ctx, address, "home", sensor, "Living room", climate(n))
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// secret is the n-th token of a topic.
func (d *Demo) secret(topic string, n int) string {
	for _, t := range d.Config.Topics {
		if t.Name == topic {
			return t.Tokens[n].Hash
		}
	}
	return ""
}

// publish sends one message and ignores a failure.
func publish(ctx context.Context, address, topic, token, title, text string) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, address+"/"+topic, strings.NewReader(text))
	if err != nil {
		return
	}
	r.Header.Set("X-Topic-Token", token)
	r.Header.Set("X-Title", title)
	r.Header.Set("X-Priority", "1")
	r.Header.Set("X-Tags", "thermometer")
	if res, err := http.DefaultClient.Do(r); err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
}

// signInPath is the path of the link that signs in. The name login is reserved, so this hides no topic.
const signInPath = "/login/demo/"

// Link is the URL that signs in with one click.
func (d *Demo) Link(address string) string { return address + signInPath + d.Code }

// SignIn signs in a browser that follows the link: it sends the sign-in form for it.
func (d *Demo) SignIn(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		code, ok := strings.CutPrefix(r.URL.Path, signInPath)
		if !ok || r.Method != http.MethodGet || subtle.ConstantTimeCompare([]byte(code), []byte(d.Code)) != 1 {
			next.ServeHTTP(w, r)
			return
		}
		form := url.Values{"email": {d.Config.Admin.Username}, "password": {d.Config.Admin.Password}}.Encode()
		post := r.Clone(r.Context())
		post.Method, post.URL = http.MethodPost, &url.URL{Path: "/login"}
		post.Header = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}, "User-Agent": r.Header["User-Agent"]}
		post.Body, post.ContentLength = io.NopCloser(strings.NewReader(form)), int64(len(form))
		next.ServeHTTP(w, post)
	})
}
