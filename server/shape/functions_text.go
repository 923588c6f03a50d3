package shape

import (
	"errors"
	"html"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// text makes a function of one that changes a text.
func text(change func(string) string) func(*run, []any) (any, error) {
	return func(r *run, a []any) (any, error) {
		s, err := r.string(a[0])
		if err != nil {
			return nil, err
		}
		if err := r.spend(len(s) / 3); err != nil { // before it is done
			return nil, err
		}
		return change(s), nil
	}
}

func texts(f func([]string) any) func(*run, []any) (any, error) {
	return func(r *run, a []any) (any, error) {
		in, size := make([]string, len(a)), 0
		for i, v := range a {
			s, err := r.string(v)
			if err != nil {
				return nil, err
			}
			in[i] = s
			size += len(s)
		}
		if err := r.spend(size / 8); err != nil {
			return nil, err
		}
		if len(in) == 3 { // a replacement may be longer than what it replaces
			n := strings.Count(in[2], in[0])
			size = n*max(0, len(in[1])-len(in[0])) + len(in[2])
			if size > maxOutput {
				return nil, errOutput
			}
			if err := r.spend(size/8 + n); err != nil {
				return nil, err
			}
		}
		return f(in), nil
	}
}

func capital(s string) string {
	c, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return string(unicode.ToUpper(c)) + s[n:]
}

// words makes a name of a program words: workflow_run, workflowRun and workflow-run are "workflow run".
func words(s string) string {
	var b strings.Builder
	small := false
	for _, c := range s {
		switch {
		case c == '_' || c == '-':
			c, small = ' ', false
		case unicode.IsUpper(c) && small:
			b.WriteByte(' ')
			small = false
		default:
			small = unicode.IsLower(c)
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

func firstLine(s string) string {
	s = strings.TrimSpace(s)
	if i := strings.IndexAny(s, "\r\n"); i >= 0 {
		return s[:i]
	}
	return s
}

// plainText takes the marks of HTML away.
func plainText(s string) string {
	if strings.Contains(s, "<") {
		var b strings.Builder
		for len(s) > 0 {
			open := strings.IndexByte(s, '<')
			if open < 0 || open+1 >= len(s) || !unicode.IsLetter(rune(s[open+1])) && s[open+1] != '/' {
				if open < 0 || open+1 >= len(s) {
					b.WriteString(s)
					break
				}
				b.WriteString(s[:open+1])
				s = s[open+1:]
				continue
			}
			end := strings.IndexByte(s[open:], '>')
			if end < 0 {
				b.WriteString(s)
				break
			}
			b.WriteString(s[:open])
			switch tag := strings.ToLower(strings.Trim(s[open+1:open+end], "/ ")); tag {
			case "br", "p", "li", "div", "tr", "ul":
				b.WriteByte('\n')
			}
			s = s[open+end+1:]
		}
		s = b.String()
	}
	return strings.TrimSpace(html.UnescapeString(s))
}

// slackText reads the marks of Slack: <https://example.org|label> is its label, &lt; is <, *bold* is bold.
func slackText(s string) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '<')
		if open < 0 {
			break
		}
		end := strings.IndexByte(s[open:], '>')
		if end < 0 {
			break
		}
		b.WriteString(s[:open])
		inner := s[open+1 : open+end]
		target, label, labelled := strings.Cut(inner, "|")
		switch {
		case labelled:
			b.WriteString(label)
		case strings.HasPrefix(target, "!"):
			b.WriteString("@" + target[1:])
		case strings.Contains(target, ":") || strings.HasPrefix(target, "@") || strings.HasPrefix(target, "#"):
			b.WriteString(target)
		default:
			b.WriteString("<" + inner + ">")
		}
		s = s[open+end+1:]
	}
	b.WriteString(s)
	return html.UnescapeString(withoutBold(b.String()))
}

// withoutBold takes away the asterisks around what Slack shows in bold: they stand between the words and white space.
func withoutBold(s string) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(s, '*')
		if open < 0 || open+1 >= len(s) {
			break
		}
		length := strings.IndexAny(s[open+1:], "*\n")
		end := open + 1 + length
		opens := open == 0 || strings.IndexByte(" \n\t(", s[open-1]) >= 0
		if !opens || length < 1 || s[end] != '*' || s[open+1] == ' ' || s[end-1] == ' ' || end+1 < len(s) && isWord(s[end+1]) {
			b.WriteString(s[:open+1])
			s = s[open+1:]
			continue
		}
		b.WriteString(s[:open])
		b.WriteString(s[open+1 : end])
		s = s[end+1:]
	}
	b.WriteString(s)
	return b.String()
}

func isWord(c byte) bool {
	return c == '*' || c == '_' || c >= 0x80 || unicode.IsLetter(rune(c)) || unicode.IsDigit(rune(c))
}

// discordText reads the times of Discord: <t:1795944561:F> is 2026-11-29 09:29 UTC.
func discordText(s string) string {
	var b strings.Builder
	for {
		open := strings.Index(s, "<t:")
		if open < 0 {
			break
		}
		const longest = 24 // bytes of a time: looking further for its end would read a text of many beginnings many times
		inner, _, closed := strings.Cut(s[open+3:min(len(s), open+3+longest)], ">")
		seconds, _, _ := strings.Cut(inner, ":")
		n, err := strconv.ParseInt(seconds, 10, 36)
		if !closed || err != nil || n < 0 {
			b.WriteString(s[:open+3])
			s = s[open+3:]
			continue
		}
		b.WriteString(s[:open] + time.Unix(n, 0).UTC().Format("2006-01-02 15:04 UTC"))
		s = s[open+3+len(inner)+1:]
	}
	b.WriteString(s)
	return b.String()
}

// slackLink is the first link in a text of Slack's.
func slackLink(s string) string {
	for _, scheme := range []string{"<https://", "<http://"} {
		if _, rest, found := strings.Cut(s, scheme); found {
			if end := strings.IndexAny(rest, "|>"); end >= 0 {
				return html.UnescapeString(scheme[1:] + rest[:end])
			}
		}
	}
	return ""
}

func truncate(r *run, a []any) (any, error) {
	n, ok := number(a[0])
	if !ok || n < 1 || n > maxOutput {
		return nil, errors.New("truncate needs a number of bytes and a text")
	}
	s, err := r.string(a[1])
	if err == nil && len(s) > int(n) {
		err = r.spend(int(n) / 16)
	}
	if err != nil {
		return nil, err
	}
	return cut(s, int(n)), nil
}

// moment is a time for reading: seconds or milliseconds since 1970, or RFC 3339.
func moment(r *run, a []any) (any, error) {
	if n, ok := number(a[0]); ok && n > 0 {
		if n > 1e11 {
			n /= 1000
		}
		if n > 1e11 {
			return a[0], nil
		}
		return time.Unix(int64(n), 0).UTC().Format("2006-01-02 15:04 UTC"), nil
	}
	s, err := r.string(a[0])
	if err != nil || len(s) > 100 {
		return s, err
	}
	t, bad := time.Parse(time.RFC3339, s)
	if bad != nil {
		return s, nil
	}
	return t.UTC().Format("2006-01-02 15:04 UTC"), nil
}
