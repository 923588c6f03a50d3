package reliability_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"notifer/server/test/reliability"
	"notifer/server/test/run"
)

// certificate writes a self-signed certificate for the loopback address and returns its files.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	own := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, own, own, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for path, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: der}, key: {Type: "PRIVATE KEY", Bytes: secret}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

// TestStreamsOverHTTP2 is P4 where the server cannot take the connection: an idle stream lives longer than the write timeout, and
// cut streams resume.
func TestStreamsOverHTTP2(t *testing.T) {
	t.Parallel()
	h := newHarness(t, run.TLS(certificate(t)), run.Args("--stream-write-timeout", "500ms", "--stream-heartbeat", "4s"))
	proxy := reliability.NewProxy(t, h.Addr)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	idle := reliability.Subscriber{Name: "idle", Topic: "ops", Token: h.token, Via: reliability.SSE, Base: h.url, History: h.hist,
		Silence: time.Minute, From: reliability.All}
	cut := idle
	cut.Name, cut.Base = "cut", func() string { return "https://" + proxy.Addr() }
	var all sync.WaitGroup
	ready, ended := make(chan struct{}), make(chan error, 1)
	all.Go(func() { ended <- idle.Once(ctx, func() { close(ready) }) })
	all.Go(func() { cut.Run(ctx) })
	<-ready
	during(h.publishers("load", true), 2, func() {
		for range 6 {
			pause(100*time.Millisecond, 300*time.Millisecond)
			proxy.Cut(reliability.Reset)
		}
	})
	select {
	case err := <-ended:
		t.Errorf("a stream that was not cut ended: %v", err)
	case <-time.After(2 * time.Second):
	}
	h.publish("last")
	h.awaitAll([]string{"idle", "cut"})
	cancel()
	all.Wait()
	h.check()
}

// TestManyTopicsInOneStream is P4 for a stream of two topics: one order, nothing twice, nothing left out.
func TestManyTopicsInOneStream(t *testing.T) {
	t.Parallel()
	h := newHarness(t)
	h.admin.Topic(t, "other", "private")
	_, token := h.admin.Token(t, "other", "publish", "subscribe")
	proxy := reliability.NewProxy(t, h.Addr)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	both := reliability.Subscriber{Name: "both", Many: "ops,other", JWT: h.admin.JWT, Via: reliability.SSE, From: reliability.All, History: h.hist,
		Base: func() string { return "http://" + proxy.Addr() }}
	var all sync.WaitGroup
	all.Go(func() { both.Run(ctx) })
	other := h.publishers("other", true)
	other.Topic, other.Token = "other", token
	during(other, 2, func() {
		during(h.publishers("ops", true), 2, func() {
			for i := range 10 {
				pause(50*time.Millisecond, 250*time.Millisecond)
				damage(proxy, i%3)
			}
		})
	})
	log := append(h.messages(), reliability.Log(t, h.url(), "other", token)...)
	slices.SortFunc(log, func(a, b reliability.Message) int { return strings.Compare(a.ID, b.ID) })
	if err := run.Await(run.Patience, func() bool { return h.hist.Newest("both") == log[len(log)-1].ID }); err != nil {
		t.Errorf("the stream of two topics came to %s, want %s", h.hist.Newest("both"), log[len(log)-1].ID)
	}
	cancel()
	all.Wait()
	for _, v := range h.hist.Check(log) {
		t.Error(v)
	}
}
