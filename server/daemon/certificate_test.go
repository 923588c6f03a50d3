package daemon

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"notifer/db"
	"notifer/server/config"
)

// TestCertificateDiagnosis: a certificate that nobody renewed is reported before everything refuses to connect.
func TestCertificateDiagnosis(t *testing.T) {
	cert, key := filepath.Join(t.TempDir(), "cert.pem"), filepath.Join(t.TempDir(), "key.pem")
	writeCertificate(t, cert, key, "home.example")
	leaf, err := leafOf(cert)
	if err != nil {
		t.Fatal(err)
	}
	for name, row := range map[string]struct {
		file, state, text string
		at                time.Time
	}{
		"renewed":    {cert, Fine, "valid until", leaf.NotAfter.Add(-8 * 24 * time.Hour)},
		"ends soon":  {cert, Warning, "it expires on", leaf.NotAfter.Add(-time.Hour)},
		"expired":    {cert, Bad, "it expired on", leaf.NotAfter.Add(time.Second)},
		"not yet":    {cert, Bad, "is the clock right?", leaf.NotBefore.Add(-time.Hour)},
		"no file":    {cert + ".absent", Skipped, "no such file", time.Now()},
		"not a cert": {key, Skipped, "", time.Now()},
	} {
		if got := certificateDiagnosis(row.file, row.at); got.State != row.state || !strings.Contains(got.Text, row.text) {
			t.Errorf("%s: %+v, want %s and %q", name, got, row.state, row.text)
		}
	}
}

// TestReadOnlyWithoutData: in a read-only container without a volume there is no data to save.
func TestReadOnlyWithoutData(t *testing.T) {
	c := config.Default()
	c.DataDir = t.TempDir()
	if err := ExplainOpen(c, syscall.EROFS); !strings.Contains(err.Error(), "mount a volume") || strings.Contains(err.Error(), "notifer backup") {
		t.Errorf("without a database: %v", err)
	}
	if err := os.WriteFile(filepath.Join(c.DataDir, db.FileName), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := ExplainOpen(c, syscall.EROFS); !strings.Contains(err.Error(), "notifer backup /OTHER/DISK/notifer.db") {
		t.Errorf("with a database: %v", err)
	}
}
