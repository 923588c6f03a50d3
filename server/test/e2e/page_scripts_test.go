package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPageDiskScript(t *testing.T) {
	t.Parallel()
	p := newPage(t, "server-alerts").withToken(t, "server-alerts")
	for _, c := range []struct {
		usage, text string
		priority    int
	}{
		{"95%", "🚨 CRITICAL: Disk usage at 95%", 5},
		{"85%", "⚠️ WARNING: Disk usage at 85%", 4},
	} {
		p.stub(t, "df", "echo 'Filesystem Size Used Avail Use% Mounted on'; echo '/dev/root 29G 27G 1G "+c.usage+" /'")
		if status, body := p.block(t, "disk.sh"); status != 200 {
			t.Fatalf("disk.sh at %s = %d %s, want 200", c.usage, status, body)
		}
		p.expect(t, "server-alerts", c.text, "", c.priority, "server", "disk", "monitoring")
	}
	p.stub(t, "df", "echo 'Filesystem Size Used Avail Use% Mounted on'; echo '/dev/root 29G 9G 20G 31% /'")
	if status, _ := p.block(t, "disk.sh"); status != 0 {
		t.Errorf("disk.sh at 31%% sent something: %d", status)
	}
	if n := count(t, p.Server, p.jwt, "server-alerts"); n != 2 {
		t.Errorf("%d messages, want 2", n)
	}
}

func TestPageBackupScript(t *testing.T) {
	t.Parallel()
	p := newPage(t, "backups").withToken(t, "backups")
	backups := t.TempDir()
	p.values["/backups/"] = backups + "/"
	p.stub(t, "pg_dump", `[ "$1" = production_db ] && echo 'create table t ();'`)
	if status, body := p.block(t, "backup.sh"); status != 200 {
		t.Fatalf("backup.sh = %d %s, want 200", status, body)
	}
	p.startsWith(t, "Database backup completed: ", "Backup Success", 3, "success")
	if files, _ := filepath.Glob(backups + "/db_*.sql"); len(files) != 1 {
		t.Errorf("dumps %q, want one", files)
	}
	p.stub(t, "pg_dump", "exit 1")
	if status, body := p.block(t, "backup.sh"); status != 200 {
		t.Fatalf("backup.sh with a failing dump = %d %s, want 200", status, body)
	}
	p.startsWith(t, "Database backup FAILED: ", "Backup Failed", 5, "error")
}

// startsWith is expect for a message that ends with a date.
func (p *page) startsWith(t *testing.T, text, title string, priority int, lastTag string) {
	t.Helper()
	m := newest(t, p.Server, p.jwt, "backups")
	if !strings.HasPrefix(m.Message, text) {
		t.Errorf("message %q, want %q...", m.Message, text)
	}
	p.expect(t, "backups", m.Message, title, priority, "database", "backup", lastTag)
}

// The page's scripts stand in files with a first line for bash; they run as programs too.
func TestPageScriptsRunAsPrograms(t *testing.T) {
	t.Parallel()
	p := newPage(t, "server-alerts").withToken(t, "server-alerts")
	p.stub(t, "df", "echo head; echo '/dev/root 29G 27G 1G 91% /'")
	path := filepath.Join(t.TempDir(), "disk.sh")
	if err := os.WriteFile(path, []byte(p.text(t, "disk.sh")), 0o700); err != nil {
		t.Fatal(err)
	}
	if status, body := p.shell(t, path); status != 200 {
		t.Fatalf("%s = %d %s, want 200", path, status, body)
	}
}
