package markdown

import (
	"crypto/sha256"
	"strings"
	"sync"
)

// Rendering Markdown is bounded before the parser sees the text, because parts of it take time that grows with the square
// of their length: 64 KiB of one character took it four seconds.
const (
	maxLength  = 16 << 10 // longer texts are logs, not prose
	maxNesting = 16       // block quotes and list items inside each other
	maxColumns = 32       // of a table: each row is filled up to the columns of the first
	maxWork    = 32 << 20 // length times the characters that may open something
)

// renderable reports whether a text takes the parser a bounded time.
func renderable(text string) bool {
	if len(text) > maxLength {
		return false
	}
	marks := 0
	for line := range strings.Lines(text) {
		if nesting(line) > maxNesting || strings.Count(line, "|") > maxColumns {
			return false
		}
		for i := range len(line) {
			switch line[i] {
			case '[', ']', '(', '<', '&', '*', '_', '~', '`', '!', '\\', '@', ':', '|':
				marks++
			}
		}
	}
	return marks*len(text) <= maxWork
}

// nesting is how many containers the start of a line opens inside each other.
func nesting(line string) int {
	depth := 0
	for line != "" {
		switch c := line[0]; {
		case c == ' ' || c == '\t':
			line = line[1:]
			continue
		case c == '>':
			line = line[1:]
		case c == '-' || c == '+' || c == '*':
			if line = line[1:]; line != "" && !strings.ContainsRune(" \t\r\n", rune(line[0])) {
				return depth
			}
		case c >= '0' && c <= '9':
			line = strings.TrimLeft(line, "0123456789")
			if line == "" || line[0] != '.' && line[0] != ')' {
				return depth
			}
			line = line[1:]
		default:
			return depth
		}
		depth++
	}
	return depth
}

// renderedSize is how much rendered Markdown is kept, twice: the newest, and those before.
const renderedSize = 1 << 20

// cache keeps rendered texts by what they were made of, so that an edited message is rendered anew.
type cache struct {
	render func(string) string

	mu          sync.Mutex
	now, before map[[sha256.Size]byte]string // guarded by mu
	size        int                          // of now; guarded by mu
}

var rendered = &cache{render: render}

func (c *cache) of(text string) string {
	key := sha256.Sum256([]byte(text))
	c.mu.Lock()
	html, ok := c.now[key]
	if !ok {
		html, ok = c.before[key]
	}
	c.mu.Unlock()
	if ok {
		return html
	}
	html = c.render(text)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.now == nil || c.size+len(html) > renderedSize {
		c.before, c.now, c.size = c.now, map[[sha256.Size]byte]string{}, 0
	}
	if _, ok := c.now[key]; !ok {
		c.now[key] = html
		c.size += len(html)
	}
	return html
}
