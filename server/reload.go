package server

// Reload takes the limits of c into force for new requests and streams; everything else of c is ignored.
func (s *Server) Reload(c Config) {
	s.auth.SetOpenPublish(c.Auth.OpenPublish)
	s.site.SetLimits(c.limits())
}
