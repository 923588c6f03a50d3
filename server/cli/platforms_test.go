package cli_test

import (
	"encoding/xml"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"notifer/server/setupfiles"
)

// directory has init write files and returns where they are.
func directory(t *testing.T, args ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "made")
	if code, _, errs := run(t, append([]string{"init"}, append(args, "--dir", dir)...)...); code != 0 {
		t.Fatalf("init %v = %d: %s", args, code, errs)
	}
	return dir
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// The keys and their values are those of https://developers.home-assistant.io/docs/add-ons/configuration.
func TestHomeAssistantAddOn(t *testing.T) {
	dir := directory(t, "home-assistant")
	var c struct {
		Name, Version, Slug, Description, URL, Startup, Boot, Backup, Webui, Watchdog string

		Arch        []string
		Init        bool
		Ports       map[string]int
		Environment map[string]string
	}
	readYAML(t, read(t, dir, "config.yaml"), &c)
	for key, value := range map[string]string{"name": c.Name, "version": c.Version, "slug": c.Slug, "description": c.Description} {
		if value == "" {
			t.Errorf("the required key %s is missing", key)
		}
	}
	if !regexp.MustCompile(`^\d[-_.A-Za-z0-9]*$`).MatchString(c.Version) {
		t.Errorf("version = %q, which is not the tag of an image and a number", c.Version)
	}
	if !regexp.MustCompile(`^[-_.A-Za-z0-9]+$`).MatchString(c.Slug) {
		t.Errorf("slug = %q", c.Slug)
	}
	for _, arch := range c.Arch {
		if !slices.Contains([]string{"armhf", "armv7", "aarch64", "amd64", "i386"}, arch) {
			t.Errorf("unknown arch %q", arch)
		}
	}
	if len(c.Arch) == 0 || !slices.Contains([]string{"initialize", "system", "services", "application", "once"}, c.Startup) ||
		!slices.Contains([]string{"auto", "manual"}, c.Boot) || !slices.Contains([]string{"hot", "cold"}, c.Backup) {
		t.Errorf("arch %v, startup %q, boot %q, backup %q", c.Arch, c.Startup, c.Boot, c.Backup)
	}
	if c.Ports["8080/tcp"] == 0 || !strings.HasPrefix(c.Webui, "http://[HOST]:[PORT:8080]") || !strings.HasPrefix(c.Watchdog, "http://[HOST]:[PORT:8080]/") {
		t.Errorf("ports %v, webui %q, watchdog %q", c.Ports, c.Webui, c.Watchdog)
	}
	if c.Environment["NOTIFER_DATA_DIR"] != "/data" { // the one directory that the Supervisor keeps
		t.Errorf("environment = %v", c.Environment)
	}
	if text := read(t, dir, "Dockerfile"); !strings.Contains(text, "ARG BUILD_FROM\nFROM $BUILD_FROM\n") {
		t.Errorf("the Dockerfile does not begin with the Supervisor's image:\n%s", text)
	}
}

// The Supervisor tags the image that it builds with the add-on's version, so this has to be such a tag.
func TestHomeAssistantVersionIsATag(t *testing.T) {
	i := slices.IndexFunc(setupfiles.All, func(f setupfiles.File) bool { return f.Name == "home-assistant" })
	for version, want := range map[string]string{
		"1.2.3": "1.2.3", "v1.2.3": "1.2.3", "1.2.3-rc.1": "1.2.3-rc.1", "0.0.0+6f7f205": "0.0.0-6f7f205", "(devel)": "0.0.0-devel", "dev": "0.0.0-dev", "": "0.0.0",
	} {
		files, err := (&setupfiles.Placement{Version: version}).Files(setupfiles.All[i])
		if err != nil || !strings.Contains(string(files["config.yaml"]), "\nversion: \""+want+"\"\n") {
			t.Errorf("%q: want %q in:\n%s, %v", version, want, files["config.yaml"], err)
		}
	}
}

// The elements are those of the schema that Community Applications documents:
// https://forums.unraid.net/topic/38619-docker-template-xml-schema/
func TestUnraidTemplate(t *testing.T) {
	var c struct {
		XMLName    xml.Name `xml:"Container"`
		Version    string   `xml:"version,attr"`
		Name       string
		Repository string
		Network    string
		Privileged string
		Overview   string
		WebUI      string
		Config     []struct {
			Name     string `xml:"Name,attr"`
			Target   string `xml:"Target,attr"`
			Type     string `xml:"Type,attr"`
			Mode     string `xml:"Mode,attr"`
			Display  string `xml:"Display,attr"`
			Required string `xml:"Required,attr"`
			Mask     string `xml:"Mask,attr"`
		}
	}
	if err := xml.Unmarshal([]byte(printed(t, "unraid")), &c); err != nil {
		t.Fatal(err)
	}
	if c.Version != "2" || c.Name == "" || c.Repository != "notifer" || c.Network != "bridge" || c.Privileged != "false" || c.Overview == "" || !strings.Contains(c.WebUI, "[PORT:8080]") {
		t.Errorf("template = %+v", c)
	}
	kinds := map[string]bool{}
	for _, f := range c.Config {
		kinds[f.Type] = true
		if f.Name == "" || f.Target == "" || !slices.Contains([]string{"Port", "Path", "Variable"}, f.Type) ||
			!slices.Contains([]string{"always", "advanced"}, f.Display) || f.Required == "" || f.Mask == "" {
			t.Errorf("setting = %+v", f)
		}
		if f.Type == "Variable" && !knownVariable(t, f.Target) {
			t.Errorf("nothing reads %s", f.Target)
		}
	}
	if len(kinds) != 3 {
		t.Errorf("kinds of settings = %v", kinds)
	}
}

// The keys are those of https://github.com/IceWhaleTech/CasaOS-AppStore/blob/main/CONTRIBUTING.md.
func TestCasaOSFile(t *testing.T) {
	var c struct {
		Name     string
		Services map[string]struct {
			Image       string
			Environment map[string]string
		}
		App struct {
			Architectures                []string
			Main, Author, Category, Icon string
			Index, Scheme, Developer     string
			Port                         string `json:"port_map"`
			Title, Tagline, Description  map[string]string
			Thumbnail                    string
			Tips                         map[string]map[string]string
			Screenshots                  []string `json:"screenshot_link"`
		} `json:"x-casaos"`
	}
	readYAML(t, printed(t, "casaos", "--url", "https://home.example"), &c)
	if !regexp.MustCompile(`^[a-z0-9][a-z0-9_-]*$`).MatchString(c.Name) || c.Services[c.App.Main].Image != "notifer" {
		t.Errorf("name %q, main %q of %v", c.Name, c.App.Main, c.Services)
	}
	for _, arch := range c.App.Architectures {
		if !slices.Contains([]string{"amd64", "arm", "arm64"}, arch) {
			t.Errorf("unknown architecture %q", arch)
		}
	}
	a := c.App
	if len(a.Architectures) == 0 || a.Author == "" || a.Category == "" || a.Developer == "" || a.Port != "8080" || a.Index == "" || a.Scheme != "http" ||
		a.Title["en_us"] == "" || a.Tagline["en_us"] == "" || a.Description["en_us"] == "" || a.Icon == "" {
		t.Errorf("x-casaos = %+v", a)
	}
	for name := range c.Services["notifer"].Environment {
		if !knownVariable(t, name) {
			t.Errorf("nothing reads %s", name)
		}
	}
}

// TestImageIsTheNamedOne: every file names the image that was asked for, also with a tag and in a registry on a port.
func TestImageIsTheNamedOne(t *testing.T) {
	const image = "registry.example:5000/notifer:1.2"
	for _, name := range []string{"compose", "casaos", "unraid"} {
		if out := printed(t, name, "--image", image); !strings.Contains(out, image) {
			t.Errorf("%s does not name %s:\n%s", name, image, out)
		}
	}
	for given, want := range map[string][2]string{
		image:                           {"registry.example:5000/notifer", "1.2"},
		"registry.example:5000/notifer": {"registry.example:5000/notifer", ""},
		"notifer":                       {"notifer", ""},
	} {
		var values struct {
			Image struct{ Repository, Tag string }
		}
		readYAML(t, read(t, directory(t, "helm", "--image", given), "values.yaml"), &values)
		if got := values.Image; got.Repository != want[0] || got.Tag != want[1] {
			t.Errorf("helm with %s: %+v, want %q", given, got, want)
		}
	}
}

// The chart's fields are those of https://helm.sh/docs/topics/charts/; helm itself checks the templates where it is installed.
func TestHelmChart(t *testing.T) {
	dir := directory(t, "helm", "--image", "registry.example/notifer")
	var chart struct{ APIVersion, Name, Version, AppVersion, Type string }
	readYAML(t, read(t, dir, "Chart.yaml"), &chart)
	if chart.APIVersion != "v2" || chart.Name != "notifer" || !regexp.MustCompile(`^\d+\.\d+\.\d+$`).MatchString(chart.Version) || chart.AppVersion == "" || chart.Type != "application" {
		t.Errorf("chart = %+v", chart)
	}
	var values struct {
		Image   struct{ Repository string }
		Ingress struct{ Enabled bool }
	}
	readYAML(t, read(t, dir, "values.yaml"), &values)
	if values.Image.Repository != "registry.example/notifer" || values.Ingress.Enabled {
		t.Errorf("values = %+v", values)
	}
	if _, err := exec.LookPath("helm"); err != nil {
		t.Skip("helm is not installed")
	}
	tool(t, "helm", "lint", "--strict", dir)
	out := tool(t, "helm", "template", "home", dir, "--set", "ingress.enabled=true", "--set", "ingress.tlsSecret=tls", "--set", "storage.storageClass=fast", "--set", "env.NOTIFER_LOG_LEVEL=debug")
	for _, want := range []string{"kind: StatefulSet", "kind: Service", "kind: Ingress", "replicas: 1", "image: \"registry.example/notifer:latest\"", "name: NOTIFER_LOG_LEVEL, value: \"debug\""} {
		if !strings.Contains(out, want) {
			t.Errorf("the rendered chart has no %q:\n%s", want, out)
		}
	}
}

// What starts a server again asks for something that a full disk leaves alone: a restart does not make room, and ends all streams.
func TestAFullDiskRestartsNothing(t *testing.T) {
	files := read(t, directory(t, "helm"), "templates/statefulset.yaml") + read(t, directory(t, "home-assistant"), "config.yaml")
	asked := regexp.MustCompile(`(?m)^\s*(livenessProbe|watchdog): .*$`).FindAllString(files, -1)
	for _, line := range asked {
		if strings.Contains(line, "/healthz") || strings.Contains(line, "/readyz") {
			t.Errorf("%q fails on a full disk", line)
		}
	}
	if len(asked) != 2 {
		t.Errorf("found %q, want the probe and the watchdog", asked)
	}
}

func TestInitNeedsANewDirectoryForSeveralFiles(t *testing.T) {
	code, _, errs := run(t, "init", "helm")
	if code != 2 || !strings.Contains(errs, "Try: notifer init helm --dir notifer") {
		t.Errorf("without --dir: exit %d, %q", code, errs)
	}
	code, _, errs = run(t, "init", "helm", "--dir", t.TempDir())
	if code != 2 || !strings.Contains(errs, "exists already") {
		t.Errorf("an old directory: exit %d, %q", code, errs)
	}
}
