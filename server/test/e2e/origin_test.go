package e2e_test

import (
	"strings"
	"testing"

	"notifer/server/test/run"
)

// TestSignInBehindPlainNginx: people put the shortest nginx configuration there is in front, without certificates. It passes no
// Host, browsers send no Sec-Fetch-Site over plain HTTP, and a line of many hardening snippets makes them send Origin null.
func TestSignInBehindPlainNginx(t *testing.T) {
	t.Parallel()
	if run.Prefix() != "" {
		t.Skip("the proxy is at the root")
	}
	need(t, "nginx")
	s := run.Start(t, run.Args("--base-url", "http://nas.lan", "--trusted-proxies", "127.0.0.1"))
	s.AddAdmin(t, "ann")
	for name, extra := range map[string]string{
		"default":     "",
		"no referrer": "proxy_hide_header Referrer-Policy; add_header Referrer-Policy no-referrer always;",
	} {
		t.Run(name, func(t *testing.T) {
			front := strings.TrimPrefix(startNginx(t, `location / { proxy_pass http://`+s.Addr+`; `+extra+` }
				location = /evil { default_type text/html; return 200 '<form method=post action="http://nas.lan/login"><input name=email value=ann><input name=password value="`+run.Password+`"></form><p>evil</p>'; }`), "http://")
			b := openTab(t, map[string]string{"nas.lan": front, "evil.lan": front})
			b.open("http://evil.lan/evil", "evil")
			b.text(`document.forms[0].submit()`)
			b.says("This page was opened at another URL")
			b.open("http://nas.lan/", "Sign in")
			b.signIn("ann@example.org", run.Password)
			b.says("Topics")
			if at := b.text("location.href"); at != "http://nas.lan/" {
				t.Errorf("signed in at %s, want http://nas.lan/", at)
			}
		})
	}
}
