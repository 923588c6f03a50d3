package web

// HasIcon reports whether there is an icon of that name.
func HasIcon(name string) bool { return shapes[name] != "" }

// RenderMarkdown renders without the cache.
func RenderMarkdown(text string) string { return renderMarkdown(text) }
