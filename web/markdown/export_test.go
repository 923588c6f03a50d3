package markdown

// Render renders without the cache.
func Render(text string) string { return render(text) }
