package totp_test

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"os/exec"
	"strings"
	"testing"
	"time"

	"notifer/server/auth/totp"
)

// TestVectors are those of RFC 6238, appendix B, for SHA-1; the last six of its eight digits.
func TestVectors(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	for at, want := range map[int64]string{59: "94287082", 1111111109: "07081804", 1111111111: "14050471", 1234567890: "89005924",
		2000000000: "69279037", 20000000000: "65353130"} {
		if got := totp.Code(secret, totp.Step(time.Unix(at, 0))); got != want[2:] {
			t.Errorf("Code at %d = %s, want %s", at, got, want[2:])
		}
	}
}

// TestOathtool compares with another program, at moments far apart and for secrets that begin with every byte.
func TestOathtool(t *testing.T) {
	t.Parallel()
	oathtool, err := exec.LookPath("oathtool")
	if err != nil {
		t.Skip("oathtool is not installed")
	}
	for i := range 32 {
		secret := []byte(fmt.Sprintf("%cbcdefghijklmnopqrst", i*8))[:totp.SecretSize]
		at := time.Unix(int64(i)*123_456_789, 0).UTC()
		out, err := exec.CommandContext(t.Context(), oathtool, "--totp", "--now="+at.Format("2006-01-02 15:04:05 UTC"), hex.EncodeToString(secret)).Output()
		if err != nil {
			t.Fatal(err)
		}
		if got, want := totp.Code(secret, totp.Step(at)), strings.TrimSpace(string(out)); got != want {
			t.Errorf("Code of %x at %v = %s, oathtool says %s", secret, at, got, want)
		}
	}
}

func TestMatch(t *testing.T) {
	t.Parallel()
	secret, at := []byte("12345678901234567890"), time.Unix(1234567890, 0)
	now := totp.Step(at)
	for s := now - 3; s <= now+3; s++ {
		step, ok := totp.Match(secret, totp.Code(secret, s), at)
		if near := s >= now-1 && s <= now+1; ok != near || ok && step != s {
			t.Errorf("Match of the code of step %+d = %+d, %v", s-now, step-now, ok)
		}
	}
	for _, wrong := range []string{"", "0", totp.Code(secret, now) + "0", totp.Code(secret, now)[1:], " " + totp.Code(secret, now)} {
		if _, ok := totp.Match(secret, wrong, at); ok {
			t.Errorf("Match took %q", wrong)
		}
	}
}

func TestURI(t *testing.T) {
	t.Parallel()
	secret := []byte("12345678901234567890")
	u, err := url.Parse(totp.URI(secret, "Notifer ops.example.org:8443", "ann+x@home.example"))
	if err != nil {
		t.Fatal(err)
	}
	if got := u.Query().Get("secret"); got != strings.ReplaceAll(totp.Text(secret), " ", "") || got != "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ" {
		t.Errorf("the secret is %s", got)
	}
	if u.Query().Get("issuer") != "Notifer ops.example.org:8443" || u.Path != "/Notifer ops.example.org:8443:ann+x@home.example" {
		t.Errorf("the URI is %s", u)
	}
}

func TestRecoveryCodes(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, c := range totp.RecoveryCodes() {
		if clean := totp.Clean(strings.ToUpper(c) + " \n"); len(clean) != totp.RecoveryLength || seen[clean] || clean != strings.ReplaceAll(c, "-", "") {
			t.Errorf("the recovery code %q is cleaned to %q", c, clean)
		} else {
			seen[clean] = true
		}
	}
	if len(seen) != 10 {
		t.Errorf("%d recovery codes, want 10", len(seen))
	}
}
