package daemon

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"notifer/db"
	"notifer/server/config"
)

// TestBackupDiagnosis: a backup that was made by hand counts as well as a scheduled one, and none from the future does.
func TestBackupDiagnosis(t *testing.T) {
	const day = 24 * time.Hour
	for name, row := range map[string]struct {
		noted     time.Duration // age of the last copy that the store knows of; 0: there is none
		scheduled time.Duration // age of the copy in backup.dir; 0: there is none
		dir       bool          // backup.dir is set, with a copy each day
		state     string
		text      string
	}{
		"none":                            {0, 0, false, Warning, "no backup yet"},
		"none of a schedule":              {0, 0, true, Warning, "no backup yet"},
		"by hand, six days ago":           {6 * day, 0, false, Fine, "was made at"},
		"by hand, eight days ago":         {8 * day, 0, false, Bad, "too old"},
		"scheduled, yesterday":            {0, day, true, Fine, "was made at"},
		"scheduled, three days ago":       {0, 3 * day, true, Bad, "too old"},
		"by hand after a schedule failed": {day, 3 * day, true, Fine, "was made at"},
		"by hand, in the future":          {-2 * day, 0, false, Warning, "the clock has gone back"},
		"scheduled, in the future":        {0, -2 * day, true, Warning, "no backup yet"},
		"one now, one in the future":      {-2 * day, day, true, Fine, "was made at"},
	} {
		t.Run(name, func(t *testing.T) {
			now := time.Now()
			var ago atomic.Int64
			ago.Store(int64(row.noted))
			d, err := db.Open(t.TempDir(), db.Options{Now: func() time.Time { return now.Add(-time.Duration(ago.Load())) }})
			if err != nil {
				t.Fatal(err)
			}
			defer d.Close()
			if row.noted != 0 {
				if err := d.NoteBackup(); err != nil {
					t.Fatal(err)
				}
			}
			ago.Store(0)
			c := config.Default()
			if row.dir {
				c.Backup.Dir = t.TempDir()
			}
			if row.scheduled != 0 {
				if err := os.WriteFile(filepath.Join(c.Backup.Dir, backupName(now.Add(-row.scheduled))), nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if got := backupDiagnosis(c, d); got.State != row.state || !strings.Contains(got.Text, row.text) {
				t.Errorf("%+v, want %s: %q", got, row.state, row.text)
			}
		})
	}
}

// TestDiagnosesAsSentences: a page begins a sentence with a capital letter, and leaves the name of a setting as it is typed.
func TestDiagnosesAsSentences(t *testing.T) {
	d, _ := openStore(t)
	c := config.Default()
	c.BaseURL = "http://home.example"
	texts := map[string]string{}
	for _, k := range serverChecks(c, d)() {
		texts[k.Name] = k.Text
	}
	for name, want := range map[string]string{"base_url": "`base_url` does not use https", "backup": "There is no backup yet: run `notifer backup FILE`", "clock": "20"} {
		if !strings.HasPrefix(texts[name], want) {
			t.Errorf("%s: %q, want %q", name, texts[name], want)
		}
	}
}

// TestSchemeOfBaseURL: a URL is https in capital letters too.
func TestSchemeOfBaseURL(t *testing.T) {
	c := config.Default()
	c.BaseURL = "HTTPS://home.example"
	if got := proxyDiagnosis(c); got.State != Bad {
		t.Errorf("without a trusted proxy: %+v, want %s", got, Bad)
	}
	if got := secureDiagnosis(c); got.State != Fine {
		t.Errorf("base_url: %+v, want %s", got, Fine)
	}
	if unencrypted(c, &net.TCPAddr{IP: net.IPv4(192, 168, 1, 2)}) {
		t.Error("behind a proxy with https: called unencrypted")
	}
}
