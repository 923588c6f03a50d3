package markdown_test

import (
	"io"
	"runtime"
	"strings"
	"testing"
	"time"

	"notifer/web/markdown"
)

// bombs are patterns that took the parser seconds; each is repeated up to the longest message.
var bombs = []string{">", "> - ", "> ", "* - ", "[a](", "[a](b", "1. ", "[", "![", "*a_ ", "*a **b ", "_a__ ", "~~a~ ", "`", "`a``", "<a ", "<!--", "<?", "<![CDATA[", "<a href=\"",
	"&amp", "\\", "http://a", "www.a.b ", "a@b.c ", "|", "|a", "a|b\n-|-\n", "[a]: b\n", "[a]:", "- a\n", "  - a\n", "a\n", "#", "# a\n", "***", "\t", "![[]()", "[a]: <", "**a*", "<a@b", "]("}

const longest = 64 << 10

func fillUp(pattern string, n int) string { return strings.Repeat(pattern, n/len(pattern)) }

// pace is how much slower this machine is just now than a quiet one, measured by plain work.
func pace() float64 {
	text, begin := strings.Repeat("the quick brown fox ", 20_000), time.Now()
	words := 0
	for range 20 {
		words += strings.Count(strings.ToUpper(text), "FOX T")
	}
	if words == 0 {
		panic("the text lost its words")
	}
	return max(1, time.Since(begin).Seconds()/0.06)
}

func TestMarkdownIsBounded(t *testing.T) {
	for _, pattern := range bombs {
		for _, n := range []int{512, 2048, 4096, 16 << 10, longest} {
			limit := 50 * time.Millisecond
			if raceDetector {
				limit *= 10
			}
			took, used := fastest(fillUp(pattern, n), limit)
			if took > limit && took > time.Duration(float64(limit)*pace()) {
				t.Errorf("%d bytes of %q take %v, want at most %v", n, pattern, took, limit)
			}
			if used > 8<<20 && !raceDetector {
				t.Errorf("%d bytes of %q take %d KiB of memory, want at most 8 MiB", n, pattern, used>>10)
			}
			if testing.Verbose() && took > 5*time.Millisecond {
				t.Logf("%d bytes of %q: %v", n, pattern, took)
			}
		}
	}
}

// fastest is the cost of a rendering within a limit, else that of the quickest of five: other processes can only add to the time.
func fastest(text string, limit time.Duration) (took time.Duration, used uint64) {
	took, used = cost(text)
	for try := 0; try < 4 && took > limit; try++ {
		again, _ := cost(text)
		took = min(took, again)
	}
	return took, used
}

// cost is what rendering a text takes of time and memory.
func cost(text string) (time.Duration, uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := time.Now()
	markdown.Render(text)
	took := time.Since(begin)
	runtime.ReadMemStats(&after)
	return took, after.TotalAlloc - before.TotalAlloc
}

// The fifty worst messages of a page, each a little different, so that none is rendered already.
func TestPageOfBombsIsBounded(t *testing.T) {
	var texts []string
	for i := range 50 {
		n := []int{2048, 4096, 8192, 16 << 10, longest}[i%5]
		texts = append(texts, fillUp(bombs[i%len(bombs)], n)+strings.Repeat(" ", i))
	}
	show := func() time.Duration {
		begin := time.Now()
		for _, text := range texts {
			markdown.Excerpt(text)
			if err := markdown.View(text).Render(t.Context(), io.Discard); err != nil {
				t.Fatal(err)
			}
		}
		return time.Since(begin)
	}
	limit := time.Duration(float64(time.Second) * pace())
	if took := show(); took > limit {
		t.Errorf("the worst messages of a page take %v, want at most %v", took, limit)
	}
	if took := show(); took > limit/4 {
		t.Errorf("the same again take %v, though they are rendered already", took)
	}
}

func FuzzMarkdownIsBounded(f *testing.F) {
	for _, pattern := range bombs {
		f.Add(pattern, uint16(4096))
	}
	f.Fuzz(func(t *testing.T, pattern string, n uint16) {
		if pattern == "" || len(pattern) > 64 {
			t.Skip()
		}
		limit := 50 * time.Millisecond
		if took, _ := fastest(fillUp(pattern, int(n)), limit); took > limit && took > time.Duration(float64(limit)*pace()) {
			t.Errorf("%d bytes of %q take %v", n, pattern, took)
		}
	})
}

func TestMarkdownTables(t *testing.T) {
	const table = "| Disk | Free |\n|---|--:|\n| sda | 12 % |\n"
	if got := markdown.Render(table); !strings.Contains(got, "<th>Free</th>") || strings.Contains(got, "style=") {
		t.Errorf("a table renders as %s", got)
	}
	for source, want := range map[string]string{
		table: "Disk · Free", "First *block*.\n\nSecond.": "First block.", "- one\n- two\n\n1. three": "one two", "# Head\n\ntext\n\nmore": "Head · text", "> quoted\n\nnot": "quoted", "---\n\na": "a",
	} {
		if got := markdown.Excerpt(source); got != want {
			t.Errorf("Excerpt(%q) = %q, want %q", source, got, want)
		}
	}
}
