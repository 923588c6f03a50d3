package e2e_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"notifer/server/test/run"
)

// makeCertificate writes a self-signed certificate for localhost with the given subject.
func makeCertificate(t *testing.T, dir, subject string) {
	t.Helper()
	need(t, "openssl")
	out, err := exec.Command("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
		"-subj", "/CN="+subject, "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", dir+"/key.pem", "-out", dir+"/cert.pem").CombinedOutput()
	if err != nil {
		t.Fatalf("openssl: %v\n%s", err, out)
	}
}

// overTLS asks for /healthz and returns the certificate's subject and the protocol.
func overTLS(t *testing.T, address, dir string) (subject, protocol string, ok bool) {
	t.Helper()
	pem, err := os.ReadFile(filepath.Join(dir, "cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	defer transport.CloseIdleConnections()
	res, err := (&http.Client{Transport: transport}).Get("https://" + address + "/healthz")
	if err != nil {
		return "", "", false
	}
	io.Copy(io.Discard, res.Body)
	res.Body.Close()
	return res.TLS.PeerCertificates[0].Subject.CommonName, res.Proto, res.StatusCode == http.StatusOK
}

// TLS from files speaks HTTP/2, carries the client's commands, and takes a new certificate on SIGHUP without a restart.
func TestTLSFromFiles(t *testing.T) {
	t.Parallel()
	dir, address := t.TempDir(), run.FreeAddr(t)
	makeCertificate(t, dir, "first")
	args := []string{"--listen", address, "--tls-cert", dir + "/cert.pem"}
	cmd := exec.Command(run.Binary(t), append([]string{"serve", "--data-dir", dir + "/data", "--tls-key", dir + "/key.pem"}, args...)...)
	var log strings.Builder
	cmd.Stderr = &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer cmd.Process.Kill()
	run.Until(t, "TLS answers", func() bool { _, _, ok := overTLS(t, address, dir); return ok })
	if subject, protocol, _ := overTLS(t, address, dir); subject != "first" || protocol != "HTTP/2.0" {
		t.Errorf("certificate of %q over %s, want first over HTTP/2.0", subject, protocol)
	}
	if r := run.Command(t, nil, "", "health", "--listen", address, "--tls-cert", dir+"/cert.pem", "--tls-key", dir+"/key.pem"); r.Code != 0 {
		t.Errorf("health over TLS = %d: %s", r.Code, r.Stderr)
	}
	makeCertificate(t, dir, "second")
	cmd.Process.Signal(syscall.SIGHUP)
	run.Until(t, "the new certificate", func() bool { subject, _, _ := overTLS(t, address, dir); return subject == "second" })
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Errorf("serve ended with %v\n%s", err, log.String())
	}
}

func TestTLSNeedsBothFiles(t *testing.T) {
	t.Parallel()
	if r := run.Command(t, nil, "", "config", "check", "--tls-cert", "/x"); r.Code != 2 || !strings.Contains(r.Stderr, "tls.key") {
		t.Errorf("config check = %d %s, want 2 and tls.key", r.Code, r.Stderr)
	}
}
