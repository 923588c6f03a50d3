package server

// Reload applies the limits of c, and whether anybody may publish to public topics, to new requests and streams. It ignores the rest of
// c.
func (s *Server) Reload(c Config) {
	s.auth.SetOpenPublish(c.Auth.OpenPublish)
	s.site.SetLimits(c.limits())
}
