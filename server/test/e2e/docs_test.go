package e2e_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"notifer/server/test/run"
)

// fence is a block of shell lines of a documentation page; needs names the tool without which it cannot run.
type fence struct{ needs, text string }

var fences = regexp.MustCompile("(?ms)^```sh( needs=([a-z_-]+))?\n(.*?)^```$")

func readFences(t *testing.T, page string) []fence {
	t.Helper()
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	var list []fence
	for _, m := range fences.FindAllStringSubmatch(string(text), -1) {
		list = append(list, fence{m[2], m[3]})
	}
	return list
}

// Every shell block of the documentation runs as written, page by page, on a server of its own.
func TestDocumentationRunsAsWritten(t *testing.T) {
	t.Parallel()
	pages, err := filepath.Glob(run.Root(t) + "/web/docs/*.md")
	if err != nil || len(pages) < 5 {
		t.Fatalf("pages = %v, %v", pages, err)
	}
	for _, page := range pages {
		t.Run(strings.TrimSuffix(filepath.Base(page), ".md"), func(t *testing.T) { runPage(t, page) })
	}
}

func runPage(t *testing.T, page string) {
	s := run.Start(t)
	env := []string{"NOTIFER_URL=" + s.URL, "NOTIFER_DATA_DIR=" + s.Dir, "NOTIFER_LISTEN=" + s.Addr}
	if filepath.Base(page) != "start.md" {
		env = append(env, prepare(t, s)...)
	}
	dir := t.TempDir()
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(run.Binary(t), filepath.Join(bin, "notifer")); err != nil {
		t.Fatal(err)
	}
	env = append(env, "PATH="+bin+":"+os.Getenv("PATH"), "HOME="+dir)
	work := filepath.Join(dir, "work")
	if err := os.Mkdir(work, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(work, "backup.log"), []byte("412 files copied\n")) // which a page publishes
	script := "set -e\n"
	for _, f := range readFences(t, page) {
		if f.needs != "" && !usable(f.needs) {
			t.Logf("skipped, %s is not usable here:\n%s", f.needs, f.text)
			continue
		}
		// Variables set in one block are used in the next, so that all blocks are one script.
		script += "cat >&2 <<'-BLOCK-'\n" + f.text + "-BLOCK-\n" + f.text
	}
	runScript(t, script, work, env)
	// No page ends what it did not make.
	if r := run.Command(t, env, "", "publish", "server-alerts", "still here"); r.Code != 0 && filepath.Base(page) != "start.md" {
		t.Errorf("the reader's own token no longer works: %s", r.Stderr)
	}
}

// prepare makes what the pages after the first take for granted: what the first one makes.
func prepare(t *testing.T, s *run.Server) []string {
	jwt := s.AddAdmin(t, "ann")
	s.AddTopic(t, jwt, "server-alerts", "private")
	_, token := s.AddToken(t, jwt, "server-alerts", "docs", "publish", "subscribe")
	if res, text := call(t, "POST", s.URL+"/server-alerts", "disk is full", "X-Topic-Token: "+token); res.StatusCode != 200 {
		t.Fatalf("publish = %d %s", res.StatusCode, text)
	}
	return []string{"NOTIFER_TOPIC_TOKEN=" + token}
}

// The first page says where the server is before a line needs it; the address that it names is taken here.
func TestFirstPageSetsItsVariables(t *testing.T) {
	t.Parallel()
	set, use := -1, -1
	for i, f := range readFences(t, run.Root(t)+"/web/docs/start.md") {
		if set < 0 && strings.Contains(f.text, "export NOTIFER_URL=") {
			set = i
		}
		if use < 0 && strings.Contains(f.text, "$NOTIFER_URL/") {
			use = i
		}
	}
	if set < 0 || use < set {
		t.Errorf("NOTIFER_URL is set in block %d and used in block %d of the first page", set, use)
	}
}

// The page that starts the compose file says where the email of its first admin is set.
func TestHostingNamesTheFirstAdmin(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(run.Root(t) + "/web/docs/hosting.md")
	if err != nil {
		t.Fatal(err)
	}
	const setting = "NOTIFER_ADMIN_EMAIL"
	if file := run.Command(t, nil, "", "init", "compose").Stdout; !strings.Contains(file, setting+":") || !strings.Contains(string(page), setting) {
		t.Errorf("the page does not name %s of the compose file:\n%s", setting, file)
	}
}

// usable says whether the blocks that need a tool may run. Those for docker, systemctl and apk install, start and delete things on the
// machine itself: they run only on one that is made for that, where NOTIFER_TEST_MACHINE names the tool.
func usable(tool string) bool {
	if slices.Contains([]string{"docker", "systemctl", "apk"}, tool) && os.Getenv("NOTIFER_TEST_MACHINE") != tool {
		return false
	}
	_, err := exec.LookPath(tool)
	return err == nil
}

// A developer's machine has systemd and Docker, and a password for sudo or none.
func TestPagesChangeNoMachine(t *testing.T) {
	bin := t.TempDir()
	for _, tool := range []string{"docker", "systemctl", "apk"} {
		if err := os.Symlink("/bin/true", filepath.Join(bin, tool)); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	t.Setenv("NOTIFER_TEST_MACHINE", "")
	for _, page := range []string{"install", "backup", "replication"} {
		for _, f := range readFences(t, run.Root(t)+"/web/docs/"+page+".md") {
			if (f.needs == "" || usable(f.needs)) && strings.Contains(f.text, "sudo ") {
				t.Errorf("the page %s changes the machine of whoever runs the tests:\n%s", page, f.text)
			}
		}
	}
}

func runScript(t *testing.T, script, dir string, env []string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "bash", "-c", script)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
