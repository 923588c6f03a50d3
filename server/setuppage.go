package server

import "net/http"

// showSetupPage is the small form behind the setup link.
func (s *Server) showSetupPage(c *call) error {
	if err := s.guarded(c, "setup", func() error {
		return s.auth.CheckSetupCode(c.r.Context(), c.r.URL.Query().Get("code"))
	}); err != nil {
		return err
	}
	c.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	c.w.Header().Set("Content-Security-Policy", "default-src 'none'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'")
	c.w.WriteHeader(http.StatusOK)
	_, err := c.w.Write([]byte(setupForm))
	return err
}

const setupForm = `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Set up Notifer</title><h1>Make the first admin</h1><form method="post">
<p><label>E-mail <input name="email" type="email" required></label>
<p><label>Username <input name="username" required></label>
<p><label>Password <input name="password" type="password" minlength="8" required></label>
<p><button>Create admin</button></form></html>
`
