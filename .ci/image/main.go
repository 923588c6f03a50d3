// Command image writes the program as a container image for one platform, without a Docker daemon: an OCI layout in a tar file that
// `docker load`, `podman load` and registries' tools read. The same input gives the same bytes.
//
// usage: image BINARY PLATFORM VERSION OUT.tar      PLATFORM is GOARCH or GOARCH/VARIANT; SOURCE_DATE_EPOCH is the time of its files
package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

type object = map[string]any

// user is who runs the program, as in the Dockerfile.
const user = 65532

func main() {
	log.SetFlags(0)
	if len(os.Args) != 5 {
		log.Fatal("usage: image BINARY PLATFORM VERSION OUT.tar")
	}
	epoch, err := strconv.ParseInt(os.Getenv("SOURCE_DATE_EPOCH"), 10, 64)
	check(err)
	check(os.WriteFile(os.Args[4], image(os.Args[1], os.Args[2], os.Args[3], time.Unix(epoch, 0).UTC()), 0o644))
}

func check(err error) {
	if err != nil {
		log.Fatal("image: ", err)
	}
}

// image is the whole archive: the layer, its configuration and the manifest as blobs, and two tables of contents. index.json is
// OCI's; manifest.json is what Docker wrote before there was one, and what its older versions load.
func image(binary, platform, version string, made time.Time) []byte {
	files := layer(binary, made)
	zipped := compress(files)
	config := encode(configuration(platform, version, made, digest(files)))
	manifest := encode(object{
		"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
		"config": blob("application/vnd.oci.image.config.v1+json", config),
		"layers": []object{blob("application/vnd.oci.image.layer.v1.tar+gzip", zipped)},
	})
	listed := blob("application/vnd.oci.image.manifest.v1+json", manifest)
	listed["annotations"] = object{"io.containerd.image.name": "docker.io/library/notifer:latest", "org.opencontainers.image.ref.name": "latest"}
	out := newArchive(made)
	for _, b := range [][]byte{config, manifest, zipped} {
		out.file("blobs/sha256/"+sum(b), b, 0o644)
	}
	out.file("index.json", encode(object{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []object{listed}}), 0o644)
	out.file("manifest.json", encode([]object{{
		"Config": "blobs/sha256/" + sum(config), "RepoTags": []string{"notifer:latest", "notifer:" + strings.ReplaceAll(version, "+", "-")},
		"Layers": []string{"blobs/sha256/" + sum(zipped)},
	}}), 0o644)
	out.file("oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`), 0o644)
	return out.close()
}

// layer holds what the Dockerfile copies.
func layer(binary string, made time.Time) []byte {
	program, err := os.ReadFile(binary)
	check(err)
	zones, err := os.ReadFile(filepath.Join(runtime.GOROOT(), "lib/time/zoneinfo.zip"))
	check(err)
	out := newArchive(made)
	out.entry(tar.Header{Typeflag: tar.TypeDir, Name: "data/", Mode: 0o700, Uid: user, Gid: user}, nil)
	for _, dir := range []string{"etc/", "etc/ssl/", "etc/ssl/certs/"} {
		out.entry(tar.Header{Typeflag: tar.TypeDir, Name: dir, Mode: 0o755}, nil)
	}
	out.file("etc/ssl/certs/ca-certificates.crt", certificates(), 0o644)
	out.file("notifer", program, 0o755)
	out.file("zoneinfo.zip", zones, 0o644)
	return out.close()
}

// certificates are Mozilla's roots as the Go project packs them, so that no machine's own list gets into an image.
func certificates() []byte {
	var text bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil { // a file cannot say what a limited root may sign
			check(pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}))
		}
	}
	return text.Bytes()
}

func configuration(platform, version string, made time.Time, layer string) object {
	architecture, variant, _ := strings.Cut(platform, "/")
	c := object{
		"created": made.Format(time.RFC3339), "os": "linux", "architecture": architecture,
		"config": object{
			"User": fmt.Sprintf("%d:%d", user, user), "Entrypoint": []string{"/notifer"}, "Cmd": []string{"serve"},
			"Env":          []string{"NOTIFER_DATA_DIR=/data", "ZONEINFO=/zoneinfo.zip"},
			"ExposedPorts": object{"8080/tcp": object{}}, "Volumes": object{"/data": object{}},
			"Healthcheck": object{"Test": []string{"CMD", "/notifer", "health"}, "Interval": 30 * time.Second, "Timeout": 5 * time.Second, "StartPeriod": 10 * time.Second},
			"Labels": object{
				"org.opencontainers.image.title": "Notifer", "org.opencontainers.image.version": version,
				"org.opencontainers.image.licenses": "MIT", "org.opencontainers.image.description": "Self-hosted notification server",
			},
		},
		"rootfs":  object{"type": "layers", "diff_ids": []string{layer}},
		"history": []object{{"created": made.Format(time.RFC3339), "created_by": ".ci/release"}},
	}
	if variant != "" {
		c["variant"] = variant
	}
	return c
}

func blob(kind string, b []byte) object {
	return object{"mediaType": kind, "digest": digest(b), "size": len(b)}
}

func digest(b []byte) string { return "sha256:" + sum(b) }

func sum(b []byte) string { return fmt.Sprintf("%x", sha256.Sum256(b)) }

func encode(v any) []byte {
	text, err := json.Marshal(v)
	check(err)
	return text
}

func compress(b []byte) []byte {
	var out bytes.Buffer
	z, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	check(err)
	_, err = z.Write(b)
	check(err)
	check(z.Close())
	return out.Bytes()
}

// archive is a tar file whose entries have one time and, unless they say otherwise, root as their owner.
type archive struct {
	made time.Time
	text bytes.Buffer
	w    *tar.Writer
}

func newArchive(made time.Time) *archive {
	a := &archive{made: made}
	a.w = tar.NewWriter(&a.text)
	return a
}

func (a *archive) file(name string, text []byte, mode int64) {
	a.entry(tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: mode}, text)
}

func (a *archive) entry(h tar.Header, text []byte) {
	h.ModTime, h.Size, h.Format = a.made, int64(len(text)), tar.FormatUSTAR
	check(a.w.WriteHeader(&h))
	_, err := a.w.Write(text)
	check(err)
}

func (a *archive) close() []byte {
	check(a.w.Close())
	return a.text.Bytes()
}
