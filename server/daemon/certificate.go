package daemon

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"notifer/server/config"
)

// certificates serves TLS from files that can be read again while connections are open, or from an ACME authority.
type certificates struct {
	cert, key string
	current   atomic.Pointer[tls.Certificate]
	manager   *autocert.Manager
}

// newCertificates returns nil when neither files nor an authority are configured.
func newCertificates(c *config.Config) (*certificates, error) {
	if len(c.ACME.Domains) > 0 {
		return &certificates{manager: newManager(c)}, nil
	}
	if c.TLS.Cert == "" {
		return nil, nil
	}
	s := &certificates{cert: c.TLS.Cert, key: c.TLS.Key}
	return s, s.Reload()
}

func newManager(c *config.Config) *autocert.Manager {
	dir := c.ACME.Dir
	if dir == "" {
		dir = filepath.Join(c.DataDir, "acme")
	}
	m := &autocert.Manager{
		Prompt: autocert.AcceptTOS, Email: c.ACME.Email,
		HostPolicy: autocert.HostWhitelist(c.ACME.Domains...), Cache: autocert.DirCache(dir),
	}
	if c.ACME.Directory != "" {
		m.Client = &acme.Client{DirectoryURL: c.ACME.Directory}
	}
	return m
}

// Reload reads the files again. On an error the certificate in use stays.
func (s *certificates) Reload() error {
	if s == nil || s.manager != nil {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(s.cert, s.key)
	if err != nil {
		return fmt.Errorf("read the certificate: %w", err)
	}
	s.current.Store(&pair)
	return nil
}

// renewBefore is how long before its end a certificate is reported, if it does not live for days only.
const renewBefore = 7 * 24 * time.Hour

// certificateDiagnosis says how long the certificate in a file is valid; Skipped if it cannot be read.
func certificateDiagnosis(file string, now time.Time) Diagnosis {
	leaf, err := leafOf(file)
	if err != nil {
		return Diagnosis{"certificate", Skipped, err.Error()}
	}
	day := leaf.NotAfter.Local().Format("2006-01-02")
	switch {
	case now.After(leaf.NotAfter):
		return Diagnosis{"certificate", Bad, "it expired on " + day + ", so browsers and scripts refuse to connect: renew it and reload the server"}
	case now.Before(leaf.NotBefore):
		return Diagnosis{"certificate", Bad, "it is valid from " + moment(leaf.NotBefore) + " on: is the clock right?"}
	case leaf.NotAfter.Sub(now) < min(renewBefore, leaf.NotAfter.Sub(leaf.NotBefore)/4):
		return Diagnosis{"certificate", Warning, "it expires on " + day + ": renew it and reload the server"}
	}
	return Diagnosis{"certificate", Fine, "valid until " + day}
}

// leafOf reads the first certificate of a file, which is the server's own.
func leafOf(file string) (*x509.Certificate, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s holds no certificate", file)
	}
	return x509.ParseCertificate(block.Bytes)
}

// warnOfCertificate logs that the certificate has expired or soon will.
func (s *service) warnOfCertificate() {
	if s.c.TLS.Cert == "" {
		return
	}
	if d := certificateDiagnosis(s.c.TLS.Cert, time.Now()); d.State == Bad || d.State == Warning {
		s.log.Warn("the certificate needs to be renewed", "tls.cert", s.c.TLS.Cert, "warning", d.Text)
	}
}

// Config is the TLS side of a listener.
func (s *certificates) Config() *tls.Config {
	if s.manager != nil {
		config := s.manager.TLSConfig()
		config.MinVersion = tls.VersionTLS12
		return config
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.current.Load(), nil },
	}
}

// Plain handles port 80 beside TLS: the authority's challenges, and a redirect for pages. Publishing over it is refused,
// because a redirect would turn a POST into a GET and the token has already been sent in the clear; so is a token in the URL,
// which a redirect would make work.
func (s *certificates) Plain() http.Handler {
	refuse := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead || r.URL.Query().Has("token") {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusBadRequest)
			w.Write([]byte(`{"detail":"use https"}` + "\n"))
			return
		}
		http.Redirect(w, r, "https://"+stripPort(r.Host)+r.URL.RequestURI(), http.StatusFound)
	})
	if s.manager != nil {
		return s.manager.HTTPHandler(refuse)
	}
	return refuse
}

// stripPort is the host of a Host header, an IPv6 address with its brackets.
func stripPort(hostport string) string {
	_, port, err := net.SplitHostPort(hostport)
	if err != nil {
		return hostport
	}
	return strings.TrimSuffix(hostport, ":"+port)
}

// CertifiedURL is local, a URL of this machine, with a host that the server's certificate is for: another one would be refused. Without
// TLS, or if the certificate cannot be read or is for local too, it is local.
func CertifiedURL(c *config.Config, local string) string {
	u, err := url.Parse(local)
	switch {
	case err != nil || u.Scheme != "https":
		return local
	case len(c.ACME.Domains) > 0:
		return "https://" + c.ACME.Domains[0]
	}
	leaf, err := leafOf(c.TLS.Cert)
	if err != nil || leaf.VerifyHostname(u.Hostname()) == nil {
		return local
	}
	names := slices.DeleteFunc(leaf.DNSNames, func(name string) bool { return strings.HasPrefix(name, "*") })
	for _, ip := range leaf.IPAddresses {
		names = append(names, ip.String())
	}
	if len(names) == 0 {
		return local
	}
	u.Host = net.JoinHostPort(names[0], u.Port())
	return u.String()
}
