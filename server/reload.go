package server

// Reload takes the limits of c into force for new requests and streams; everything else of c is ignored.
func (s *Server) Reload(c Config) {
	c.Fill()
	s.auth.SetOpenPublish(!c.ClosedPublish)
	s.site.SetLimits(c.limits())
}
