package cli_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// house writes a configuration that declares a user, a topic and a token, and returns its path.
func house(t *testing.T, more string) string {
	t.Helper()
	dir := t.TempDir()
	_, token, _ := run(t, "token", "generate")
	for name, text := range map[string]string{
		"bob.password": "correct horse battery\n",
		"camera.token": token,
		"house.toml": `data_dir = "` + dir + `/data"
[auth]
argon2_memory = 64
argon2_time = 1
[[user]]
email = "bob@example.org"
username = "bob"
admin = true
password_file = "bob.password"
[[topic]]
name = "doorbell"
owner = "bob"
description = "Who rings"
` + more + `
[[topic.token]]
name = "camera"
permissions = ["publish"]
token_file = "camera.token"
`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "house.toml")
}

func apply(t *testing.T, file string, args ...string) string {
	t.Helper()
	code, out, errs := run(t, append([]string{"config", "apply", "--config", file}, args...)...)
	if code != 0 {
		t.Fatalf("apply = %d: %s", code, errs)
	}
	return out
}

func TestDeclaredThingsAreMadeOnce(t *testing.T) {
	file := house(t, "")
	const all = "add user bob\nadd topic doorbell\nadd token \"camera\" of doorbell\n"
	if out := apply(t, file, "--dry-run"); out != all {
		t.Errorf("dry run:\n%s", out)
	}
	if out := apply(t, file); out != all {
		t.Errorf("apply:\n%s", out)
	}
	if out := apply(t, file); out != "nothing to change\n" {
		t.Errorf("again:\n%s", out)
	}
	_, out, _ := run(t, "token", "list", "doorbell", "--json", "--config", file)
	var list []struct {
		Name        string
		Permissions []string
		Hint        string
	}
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list) != 1 || list[0].Name != "camera" || list[0].Permissions[0] != "publish" {
		t.Errorf("tokens = %s, %v", out, err)
	}
}

func TestDeclaredChanges(t *testing.T) {
	file := house(t, "")
	apply(t, file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.Replace(string(text), `"Who rings"`, `"The door"`, 1)
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	_, secret, _ := run(t, "token", "generate")
	if err := os.WriteFile(filepath.Join(filepath.Dir(file), "camera.token"), []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	want := "change topic doorbell: description\nrevoke token \"camera\" of doorbell, which is declared with another secret\nadd token \"camera\" of doorbell\n"
	if out := apply(t, file); out != want {
		t.Errorf("apply:\n%s\nwant:\n%s", out, want)
	}
	if out := apply(t, file); out != "nothing to change\n" {
		t.Errorf("again:\n%s", out)
	}
}

// The bound of topics is for what accounts make themselves: a server starts with what is declared.
func TestDeclaredTopicsAreNotBounded(t *testing.T) {
	file := house(t, "")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	more := string(text) + "[[topic]]\nname = \"garage\"\nowner = \"bob\"\n[limits]\ntopics_per_account = 1\n"
	if err := os.WriteFile(file, []byte(more), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := apply(t, file); !strings.Contains(out, "add topic doorbell\nadd topic garage\n") {
		t.Errorf("apply:\n%s", out)
	}
	if code, _, errs := run(t, "topic", "create", "cellar", "--config", file); code == 0 || !strings.Contains(errs, "limits.topics_per_account") {
		t.Errorf("topic create = %d: %s", code, errs)
	}
}

// The same holds for tokens: an owner who has filled the topic does not keep the server from starting.
func TestDeclaredTokensAreNotBounded(t *testing.T) {
	file := house(t, "")
	apply(t, file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(file)
	_, secret, _ := run(t, "token", "generate")
	if err := os.WriteFile(filepath.Join(dir, "bell.token"), []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	more := string(text) + "[[topic.token]]\nname = \"bell\"\npermissions = [\"publish\"]\ntoken_file = \"bell.token\"\n[tokens]\nmax_per_topic = 1\n"
	if err := os.WriteFile(file, []byte(more), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, want := apply(t, file), "add token \"bell\" of doorbell\n"; out != want {
		t.Errorf("apply:\n%s\nwant:\n%s", out, want)
	}
	if code, _, errs := run(t, "token", "create", "doorbell", "third", "--permissions", "publish", "--config", file); code == 0 || !strings.Contains(errs, "tokens.max_per_topic") {
		t.Errorf("token create = %d: %s", code, errs)
	}
}

// Names of tokens that differ in case alone are one name, as for those made by hand.
func TestDeclaredTokenReplacesOneOfOtherCase(t *testing.T) {
	file := house(t, "")
	apply(t, file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), `"camera"`, `"CAMERA"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := apply(t, file); out != "nothing to change\n" {
		t.Errorf("the same secret:\n%s", out)
	}
	_, secret, _ := run(t, "token", "generate")
	if err := os.WriteFile(filepath.Join(filepath.Dir(file), "camera.token"), []byte(secret), 0o600); err != nil {
		t.Fatal(err)
	}
	const want = "revoke token \"CAMERA\" of doorbell, which is declared with another secret\nadd token \"CAMERA\" of doorbell\n"
	for _, args := range [][]string{{"--dry-run"}, nil} {
		if out := apply(t, file, args...); out != want {
			t.Errorf("apply %q:\n%s", args, out)
		}
	}
}

// A declared token never expires, however short the lives of others are, and the example says so.
func TestDeclaredTokenNeverExpires(t *testing.T) {
	file := house(t, "")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	limited := string(text) + "[tokens]\ndefault_expiry = \"30d\"\nmax_expiry = \"90d\"\n"
	if err := os.WriteFile(file, []byte(limited), 0o600); err != nil {
		t.Fatal(err)
	}
	apply(t, file)
	if _, out, _ := run(t, "token", "list", "doorbell", "--json", "--config", file); !strings.Contains(out, `"expires_at": null`) {
		t.Errorf("tokens = %s", out)
	}
	if _, out, _ := run(t, "config", "example"); !strings.Contains(out, "A declared token never expires") {
		t.Error("the example does not say that declared tokens never expire")
	}
}

// A declared token that was revoked by hand stays revoked.
func TestDeclaredTokenStaysRevoked(t *testing.T) {
	file := house(t, "")
	apply(t, file)
	byHand(t, file, "token", "revoke", "doorbell", "camera")
	endedStays(t, file, "")
	byHand(t, file, "topic", "delete", "doorbell", "--yes")
	endedStays(t, file, "add topic doorbell\n")
}

// A declared token that was live when its topic was deleted comes back with the topic, as both are declared.
func TestDeclaredTokenComesBackWithItsTopic(t *testing.T) {
	file := house(t, "")
	apply(t, file)
	byHand(t, file, "topic", "delete", "doorbell", "--yes")
	const want = "add topic doorbell\nadd token \"camera\" of doorbell\n"
	if out := apply(t, file); out != want {
		t.Errorf("apply:\n%swant:\n%s", out, want)
	}
}

// A declared secret that was rotated by hand, because it leaked perhaps, stays ended, and the new one goes on working. A declaration of
// the new one is of that token.
func TestDeclaredTokenStaysRotated(t *testing.T) {
	for _, grace := range []string{"0", "24h"} {
		file := house(t, "")
		apply(t, file)
		var secret string
		for range 2 {
			secret = byHand(t, file, "token", "rotate", "doorbell", "camera", "--grace", grace)
			before := byHand(t, file, "token", "list", "doorbell", "--json")
			endedStays(t, file, "")
			if after := byHand(t, file, "token", "list", "doorbell", "--json"); after != before {
				t.Errorf("grace %s: the tokens were\n%sand are\n%s", grace, before, after)
			}
		}
		if err := os.WriteFile(filepath.Join(filepath.Dir(file), "camera.token"), []byte(secret), 0o600); err != nil {
			t.Fatal(err)
		}
		if out := apply(t, file); out != "nothing to change\n" {
			t.Errorf("grace %s, the new secret declared:\n%s", grace, out)
		}
	}
}

// The digest of an ended secret is refused as the secret is, and a new one takes its place.
func TestDeclaredHashStaysEnded(t *testing.T) {
	file := house(t, "")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		var made struct{ Hash string }
		_, out, _ := run(t, "token", "generate", "--json")
		if err := json.Unmarshal([]byte(out), &made); err != nil {
			t.Fatal(err)
		}
		byHash := strings.Replace(string(text), `token_file = "camera.token"`, `hash = "`+made.Hash+`"`, 1)
		if err := os.WriteFile(file, []byte(byHash), 0o600); err != nil {
			t.Fatal(err)
		}
		if out := apply(t, file); !strings.HasSuffix(out, "add token \"camera\" of doorbell\n") {
			t.Errorf("a new secret:\n%s", out)
		}
		byHand(t, file, "token", "revoke", "doorbell", "camera")
		byHand(t, file, "topic", "delete", "doorbell", "--yes")
		endedStays(t, file, "add topic doorbell\n")
	}
}

// byHand runs a command with this configuration and returns what it prints.
func byHand(t *testing.T, file string, args ...string) string {
	t.Helper()
	code, out, errs := run(t, append(args, "--config", file)...)
	if code != 0 {
		t.Fatalf("%v = %d: %s", args, code, errs)
	}
	return out
}

// endedStays fails unless config apply leaves out the camera's token, as often as it runs; first is what the first run does besides.
func endedStays(t *testing.T, file, first string) {
	t.Helper()
	const left = "leave out token \"camera\" of doorbell: its secret was rotated, was revoked or has expired, and stays ended: declare a new secret, or remove the declaration\n"
	if out := apply(t, file, "--dry-run"); out != first+left {
		t.Errorf("dry run:\n%swant:\n%s", out, first+left)
	}
	for _, want := range []string{first + left, left} {
		if out := apply(t, file); out != want {
			t.Errorf("apply:\n%swant:\n%s", out, want)
		}
	}
}

// The admin of the [admin] table is made once; what is done to it later stays.
func TestAdminIsMadeOnce(t *testing.T) {
	file := house(t, "")
	more := "\n[admin]\nemail = \"eve@example.org\"\nusername = \"eve\"\npassword_file = \"bob.password\"\n"
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(text, more...), 0o600); err != nil {
		t.Fatal(err)
	}
	if out := apply(t, file); !strings.Contains(out, "add user eve") {
		t.Fatalf("apply:\n%s", out)
	}
	if code, _, errs := run(t, "user", "disable", "eve", "--config", file); code != 0 {
		t.Fatal(errs)
	}
	if out := apply(t, file); out != "nothing to change\n" {
		t.Errorf("apply after eve was disabled:\n%s", out)
	}
}

// An account whose email was changed is neither made again nor given what another account of its name was declared to have.
func TestDeclaredEmailHasChanged(t *testing.T) {
	file := house(t, "")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	apply(t, file)
	other := strings.Replace(string(text), "bob@example.org", "robert@example.org", 1) + "\n[admin]\nemail = \"robert@example.org\"\nusername = \"bob\"\npassword_file = \"bob.password\"\n"
	if err := os.WriteFile(file, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, want := apply(t, file), "leave out user bob: the account of this name has the email bob@example.org, not robert@example.org\n"; out != want {
		t.Errorf("apply:\n%s", out)
	}
}

// A declared user who has become the last admin stays one: the declaration must not keep the server from starting.
func TestDeclaredUserIsTheLastAdmin(t *testing.T) {
	file := house(t, "")
	apply(t, file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ from, to, want string }{
		{"admin = true", "admin = false", "leave user bob as it is: it is the last admin\n"},
		{"admin = true", "admin = true\ndisabled = true", "leave user bob as it is: it is the last admin\n"},
		{"admin = true", "admin = false\npassword_file = \"bob.password\"\n[[user]]\nemail = \"eve@example.org\"\nadmin = true",
			"add user eve\nchange user bob: admin false, disabled false\n"},
	} {
		if err := os.WriteFile(file, []byte(strings.Replace(string(text), row.from, row.to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, more := range [][]string{{"--dry-run"}, nil} {
			if out := apply(t, file, more...); out != row.want {
				t.Errorf("%s, apply %v:\n%s\nwant:\n%s", row.to, more, out, row.want)
			}
		}
	}
}

// TestTheOnlyAdminIsDeclaredDisabled: a server that nobody could administer does not start, and no account is made.
func TestTheOnlyAdminIsDeclaredDisabled(t *testing.T) {
	file := house(t, "")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range []struct{ to, want string }{
		{"admin = true\ndisabled = true", "bob@example.org: disabled, although there is no other admin"},
		{"admin = true\ndisabled = true\npassword_file = \"bob.password\"\n[[user]]\nemail = \"eve@example.org\"\nadmin = true", ""},
	} {
		if err := os.WriteFile(file, []byte(strings.Replace(string(text), "admin = true", row.to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, errs := run(t, "config", "apply", "--config", file)
		if (code == 0) != (row.want == "") || !strings.Contains(errs, row.want) || (code != 0 && out != "") {
			t.Errorf("%q: exit %d, %s%s, want %q", row.to, code, out, errs, row.want)
		}
	}
}

func TestDeclaredByHash(t *testing.T) {
	file := house(t, "")
	_, out, _ := run(t, "token", "generate", "--json")
	var made struct{ Token, Hash string }
	if err := json.Unmarshal([]byte(out), &made); err != nil || strings.Contains(made.Hash, made.Token) {
		t.Fatalf("generate = %s, %v", out, err)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	byHash := strings.Replace(string(text), `token_file = "camera.token"`, `hash = "`+made.Hash+`"`, 1)
	if err := os.WriteFile(file, []byte(byHash), 0o600); err != nil {
		t.Fatal(err)
	}
	apply(t, file)
	if out := apply(t, file); out != "nothing to change\n" {
		t.Errorf("again:\n%s", out)
	}
}

func TestDeclaredTokenMustBeOne(t *testing.T) {
	file := house(t, "")
	if err := os.WriteFile(filepath.Join(filepath.Dir(file), "camera.token"), []byte("tk_short\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs := run(t, "config", "apply", "--config", file)
	if code == 0 || !strings.Contains(errs, "neither a topic token nor the digest") || strings.Contains(errs, "tk_short") {
		t.Errorf("apply = %d, %s", code, errs)
	}
}

// TestDeclaredUserHasAPasswordOfItsOwn: the password of the [admin] table is for that account alone, and one that cannot be read is named.
func TestDeclaredUserHasAPasswordOfItsOwn(t *testing.T) {
	for text, want := range map[string]string{
		"password = \"correct horse battery\"\n[[user]]\nemail = \"bob@example.org\"\n": "add user bob: no password: set password_file",
		"password_file = \"$CREDENTIALS_DIRECTORY/admin.password\"\n":                   "$CREDENTIALS_DIRECTORY/admin.password: only the service has this variable",
	} {
		file := writeFile(t, "c.toml", "data_dir = \""+t.TempDir()+"\"\n[auth]\nargon2_memory = 64\nargon2_time = 1\n[admin]\nemail = \"ann@example.org\"\n"+text)
		if code, _, errs := run(t, "config", "apply", "--config", file); code == 0 || !strings.Contains(errs, want) {
			t.Errorf("%s= %d %s, want %q", text, code, errs, want)
		}
	}
}
