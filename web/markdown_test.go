package web_test

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"notifer/web"
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
			took, used := cost(fillUp(pattern, n))
			if limit := 50 * time.Millisecond; took > limit && took > time.Duration(float64(limit)*pace()) {
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

// cost is what rendering a text takes of time and memory.
func cost(text string) (time.Duration, uint64) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begin := time.Now()
	web.RenderMarkdown(text)
	took := time.Since(begin)
	runtime.ReadMemStats(&after)
	return took, after.TotalAlloc - before.TotalAlloc
}

// A page of the fifty worst messages, each a little different, so that none is rendered already.
func TestPageOfBombsIsBounded(t *testing.T) {
	v := topicView()
	v.Messages = nil
	for i := range 50 {
		n := []int{2048, 4096, 8192, 16 << 10, longest}[i%5]
		v.Messages = append(v.Messages, web.Message{ID: strings.Repeat("x", i+1), At: noon, Markdown: true, Priority: 3, Text: fillUp(bombs[i%len(bombs)], n) + strings.Repeat(" ", i)})
	}
	limit, begin := time.Duration(float64(time.Second)*pace()), time.Now()
	render(t, someone(), web.TopicPage(v))
	if took := time.Since(begin); took > limit {
		t.Errorf("a page of the worst messages takes %v, want at most %v", took, limit)
	}
	begin = time.Now()
	render(t, someone(), web.TopicPage(v))
	if took := time.Since(begin); took > limit/4 {
		t.Errorf("the same page again takes %v, though its messages are rendered already", took)
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
		if took, _ := cost(fillUp(pattern, int(n))); took > 50*time.Millisecond && took > time.Duration(float64(50*time.Millisecond)*pace()) {
			t.Errorf("%d bytes of %q take %v", n, pattern, took)
		}
	})
}

func TestMarkdownTables(t *testing.T) {
	const table = "| Disk | Free |\n|---|--:|\n| sda | 12 % |\n"
	if got := web.RenderMarkdown(table); !strings.Contains(got, "<th>Free</th>") || strings.Contains(got, "style=") {
		t.Errorf("a table renders as %s", got)
	}
	for source, want := range map[string]string{
		table: "Disk · Free", "First *block*.\n\nSecond.": "First block.", "- one\n- two\n\n1. three": "one two", "# Head\n\ntext\n\nmore": "Head text", "> quoted\n\nnot": "quoted", "---\n\na": "a",
	} {
		if got := web.MarkdownExcerpt(source); got != want {
			t.Errorf("MarkdownExcerpt(%q) = %q, want %q", source, got, want)
		}
	}
}
