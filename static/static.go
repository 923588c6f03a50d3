// Package static owns the embedded assets of the pages: style, script, icons and manifest.
// It knows nothing of pages, routes or the path the site is served under.
package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed *.js *.svg *.png manifest.webmanifest style app feed tokens worker
var files embed.FS

// bundle is an asset of several files, each about one subject: what a page needs at once is one request.
type bundle struct {
	path  string // of a file, with its name as %s
	names string // in the order in which they are sent
}

var bundles = map[string]bundle{
	"app.css":   {"style/%s.css", "roles base frame controls menus signs cards notes dialog code figures topics prose feed tokens account docs first parts media"},
	"app.js":    {"app/%s.js", "page time fold copy dialog form worker signout keys jump start"},
	"feed.js":   {"feed/%s.js", "related seams pages deletes notify beside live start"},
	"tokens.js": {"tokens/%s.js", "form secret live"},
	"sw.js":     {"worker/%s.js", "worker notifications renewal pages"},
}

type asset struct {
	body, zipped []byte
	kind, hash   string
}

var kinds = map[string]string{
	".css":         "text/css; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".png":         "image/png",
	".svg":         "image/svg+xml",
	".webmanifest": "application/manifest+json",
}

var assets = sync.OnceValue(func() map[string]asset {
	all, bundled := map[string]asset{}, map[string]bool{}
	for name, b := range bundles {
		var body []byte
		for part := range strings.FieldsSeq(b.names) {
			file := fmt.Sprintf(b.path, part)
			body = append(body, squeezed(file)...)
			bundled[file] = true
		}
		all[name] = newAsset(name, body)
	}
	err := fs.WalkDir(files, ".", func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil || e.IsDir() || bundled[name]:
		case strings.Contains(name, "/"):
			err = fmt.Errorf("static: %s is in no bundle", name)
		default:
			all[name] = newAsset(name, squeezed(name))
		}
		return err
	})
	if err != nil {
		panic(err)
	}
	return all
})

// squeezed is a file without the indentation and comment lines of scripts and styles.
func squeezed(name string) []byte {
	body, err := files.ReadFile(name)
	if err != nil {
		panic(err)
	}
	end := map[string]string{".js": "\n", ".css": ""}
	ext := path.Ext(name)
	if _, there := end[ext]; !there {
		return body
	}
	var out bytes.Buffer
	for line := range strings.Lines(string(body)) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "//") || strings.HasPrefix(line, "/*") && strings.HasSuffix(line, "*/") {
			continue
		}
		out.WriteString(line + end[ext])
	}
	if ext == ".js" {
		out.WriteString(";\n") // without it a script that begins with a bracket would be an argument of the one before it in a bundle
	}
	return out.Bytes()
}

func newAsset(name string, body []byte) asset {
	sum := sha256.Sum256(body)
	var zipped bytes.Buffer
	w, _ := gzip.NewWriterLevel(&zipped, gzip.BestCompression)
	w.Write(body)
	w.Close()
	return asset{body: body, zipped: zipped.Bytes(), kind: kinds[path.Ext(name)], hash: hex.EncodeToString(sum[:6])}
}

// URL is the path of an asset below the site's root. It changes with the content, so it may be cached forever. It panics for a name that
// is not embedded.
func URL(name string) string {
	a, ok := assets()[name]
	if !ok {
		panic("static: no asset " + name)
	}
	return "/static/" + name + "?v=" + a.hash
}

// Sent is how many bytes of an asset are sent to a browser, compressed.
func Sent(name string) int { return len(assets()[name].zipped) }

// Serve answers a request for the named asset. It reports whether there is one; if not, it has written nothing.
func Serve(w http.ResponseWriter, r *http.Request, name string) bool {
	a, ok := assets()[name]
	if !ok {
		return false
	}
	h := w.Header()
	h.Set("Content-Type", a.kind)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Vary", "Accept-Encoding")
	h.Set("ETag", `"`+a.hash+`"`)
	h.Set("Cache-Control", cacheFor(r.URL.Query().Get("v"), a.hash))
	// The comparison is weak (RFC 9110 section 13.1.2): a proxy that compresses writes W/ in front of the tag.
	if strings.Contains(r.Header.Get("If-None-Match"), `"`+a.hash+`"`) {
		w.WriteHeader(http.StatusNotModified)
		return true
	}
	body := a.body
	if TakesGzip(r.Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = a.zipped
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method != http.MethodHead {
		w.Write(body)
	}
	return true
}

// TakesGzip reports whether an Accept-Encoding lets an answer be compressed (RFC 9110 section 12.5.3).
func TakesGzip(accept string) bool {
	others, named, taken := false, false, false
	for one := range strings.SplitSeq(accept, ",") {
		coding, params, _ := strings.Cut(one, ";")
		weight, weighed := strings.CutPrefix(strings.ReplaceAll(strings.ToLower(params), " ", ""), "q=")
		wanted := !weighed || strings.Trim(weight, "0.") != ""
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip":
			named, taken = true, wanted
		case "*":
			others = wanted
		}
	}
	return taken || others && !named
}

// cacheFor lets browsers keep an asset whose URL has its hash. Without the right hash, as from the manifest or an old page, they must ask
// again.
func cacheFor(asked, hash string) string {
	if asked == hash {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}
