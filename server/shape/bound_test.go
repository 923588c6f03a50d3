package shape_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"notifer/server/shape"
)

// TestTemplates is what templates can and cannot do.
func TestTemplates(t *testing.T) {
	t.Parallel()
	payload, err := shape.ReadJSON([]byte(`{"a":"x","n":3,"big":12345678901234567890,"f":1.50,"list":["p","q"],"o":{"k":"v","m":1},"html":"<b>fat</b> &amp; thin","t":true,"nil":null}`))
	if err != nil {
		t.Fatal(err)
	}
	for template, want := range map[string]string{
		`{{.a}}-{{.missing}}-{{.o.k.deeper}}`:                "x--",
		`{{.n}} {{.big}} {{.f}} {{.t}} {{.nil}}`:             "3 12345678901234567890 1.50 true",
		`{{range $i, $v := .list}}{{$i}}{{$v}} {{end}}`:      "0p 1q",
		`{{range .none}}x{{else}}none{{end}}`:                "none",
		`{{range .o}}{{.}}{{end}}`:                           "v1",
		`{{with .o}}{{.k}}{{$.a}}{{end}}`:                    "vx",
		`{{if and .a (eq .n 3)}}yes{{else}}no{{end}}`:        "yes",
		`{{if gt .n 2}}more{{end}}`:                          "more",
		`{{.list | join "+" | upper}}`:                       "P+Q",
		`{{index .list 1}}{{index .o "k"}}{{index .list 9}}`: "qv",
		`{{.missing | default "d"}}{{or .missing .a}}`:       "dx",
		`{{json .o}}`:       `{"k":"v","m":1}`,
		`{{.html | plain}}`: "fat & thin",
		`{{choose .a "x" "1" "y" "2" "3"}}{{severity "CRITICAL"}}`:                                                             "15",
		`{{color "#D63232"}}{{color 14037554}}{{color "danger"}}{{color "#e01e5a"}}{{color 10038562}}`:                         "55555",
		`{{color "#f90"}}{{color "FFCC00"}}{{color "#36a64f"}}{{color 3066993}}{{color "good"}}{{color "#439FE0"}}{{color 0}}`: "4422233",
		`{{color .missing}}{{color "#xyz"}}{{color "#12"}}{{color -1}}{{color 16777216}}{{color "plain"}}-`:                    "-",
		`{{$s := ""}}{{range .list}}{{$s = .}}{{end}}{{$s}}`:                                                                   "q",
		`{{range .list}}{{if eq . "q"}}{{break}}{{end}}{{.}}{{end}}`:                                                           "p",
		`{{time 1674087231}} {{time "2022-11-03T20:26:10Z"}}`:                                                                  "2023-01-19 00:13 UTC 2022-11-03 20:26 UTC",
		`{{truncate 3 "abcdef"}}{{"a-b" | replace "-" "+"}}{{capital .a}}`:                                                     "abc…a+bX",
	} {
		set, err := shape.Templates{Text: template}.Compile()
		if err != nil {
			t.Errorf("%s: %v", template, err)
			continue
		}
		got, err := set.Apply(shape.Payload{Value: payload})
		if err != nil || got[0].Text != want {
			t.Errorf("%s = %+v, %v; want %q", template, got, err, want)
		}
	}
	for _, template := range []string{`{{define "x"}}a{{end}}b`, `{{template "x"}}`, `{{block "x" .}}{{end}}`, `{{printf "%100000000d" 1}}`, `{{call .a}}`, `{{`, `{{.a.}}`,
		`{{env "HOME"}}`, strings.Repeat("x", shape.MaxTemplate+1), strings.Repeat("{{if .a}}", 200) + strings.Repeat("{{end}}", 200)} {
		if _, err := (shape.Templates{Text: template}).Compile(); err == nil {
			t.Errorf("%.60s was taken", template)
		}
	}
}

// TestBrokenTexts: a template may cut within a character or write half of one, and a header may be in any charset. Nothing of that stops
// the server, and what comes out is UTF-8.
func TestBrokenTexts(t *testing.T) {
	t.Parallel()
	payload, err := shape.ReadJSON([]byte(`{"a":"grün","list":["p"]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, template := range []string{`{{capital "\xff"}}`, `{{"\xc3" | capital | upper | lower | words}}`, `{{.a | before "\xbc"}}`, `{{trimPrefix "gr\xc3" .a}}`,
		`{{replace "\xc3" "x" .a}}`, `{{join "\xf0\x9f" (split "\xbc" .a)}}`, `{{header "X-Name"}}`, `{{capital (header "X-Name")}}`, `{{json (header "X-Name")}}`,
		`{{plain "<\xff>\xff"}}`, `{{slack "<\xff|\xff>"}}`, `{{line "\xff"}}`, `{{truncate 1 "\xff\xff"}}`} {
		set, err := shape.Templates{Title: template, Text: template, Tags: template, Link: template, Key: template}.Compile()
		if err != nil {
			t.Errorf("%s: %v", template, err)
			continue
		}
		list, err := set.Apply(shape.Payload{Value: payload, Header: func(string) string { return "\xff\xfe" }})
		if err != nil {
			t.Errorf("%s: %v", template, err)
			continue
		}
		m := list[0]
		if all := m.Title + m.Text + strings.Join(m.Tags, "") + m.Link + m.Key; !utf8.ValidString(all) {
			t.Errorf("%s became %q, which is not UTF-8", template, all)
		}
	}
}

// TestInvisibleTexts: a text of which a message would hold nothing does not fit, so that the payload is stored as it is.
func TestInvisibleTexts(t *testing.T) {
	t.Parallel()
	set, err := shape.Templates{Text: `{{.a}}`}.Compile()
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", " ", "\u200b\ufeff", "\x1b[31m\x1b[0m", "\x1b]0;title\x07"} {
		if list, err := set.Apply(shape.Payload{Value: map[string]any{"a": text}}); err == nil {
			t.Errorf("%q became %+v", text, list)
		}
	}
}

// TestEndlessNumbers: what is no number, or beyond all of them, is no place in a list and no length.
func TestEndlessNumbers(t *testing.T) {
	t.Parallel()
	payload, err := shape.ReadJSON([]byte(`{"up":"+inf","down":"-Infinity","big":1.7e308,"list":["p"],"a":"abc"}`))
	if err != nil {
		t.Fatal(err)
	}
	for template, works := range map[string]bool{
		`x{{index .list (add .up .down)}}`: false, `x{{truncate (add .up .down) .a}}`: false, `x{{index .list .up}}{{index .list .down}}`: true,
		`x{{truncate .up .a}}`: false, `x{{add .big .big}}`: false, `x{{time .up}}`: true, `x{{if gt .up 1}}more{{end}}`: true,
	} {
		set, err := shape.Templates{Text: template}.Compile()
		if err != nil {
			t.Fatal(err)
		}
		if list, err := set.Apply(shape.Payload{Value: payload}); (err == nil) != works {
			t.Errorf("%s = %+v, %v; want that it works: %v", template, list, err, works)
		}
	}
}

// TestExplodingTemplates are templates made to take long or to write much: each is stopped.
func TestExplodingTemplates(t *testing.T) {
	t.Parallel()
	payload, err := shape.ReadJSON([]byte(`{"s":"` + strings.Repeat("x", 500_000) + `","s2":"` + strings.Repeat("x", 500_000) + `","dots":"` + strings.Repeat("x.", 250_000) +
		`","blank":"` + strings.Repeat(" ", 500_000) + `","list":[` + strings.TrimSuffix(strings.Repeat("1,", 19_000), ",") + `]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, template := range []string{
		`{{range .list}}{{range $.list}}{{end}}{{end}}`,
		`{{range .list}}{{range $.list}}{{range $.list}}{{$.s}}{{end}}{{end}}{{end}}`,
		`{{.s}}{{.s}}{{.s}}`,
		`{{$x := .s}}{{range .list}}{{$x = replace "x" "xxxxxxxxxx" $x}}{{end}}`,
		`{{range .list}}{{json $}}{{end}}`, `{{indent .}}{{indent .}}{{indent .}}`,
		`{{range .list}}{{$.s | upper | lower | trim | plain | slack}}{{end}}`,
		`{{$x := .list}}{{range .list}}{{$x = split "" $.s}}{{join $.s $x}}{{end}}`,
		`{{range .list}}{{len $.s}}{{end}}`, `{{range .list}}{{severity $.s}}{{end}}`, `{{range .list}}{{time $.s | len}}{{end}}`,
		`{{range .list}}{{choose $.s $.s2 "a"}}{{end}}`, `{{range .list}}{{eq $.s $.s2}}{{end}}`, `{{range .list}}{{index $ $.s}}{{end}}`,
		`{{range .list}}{{pluck $.dots $.list}}{{end}}`, `{{range .list}}{{eq 1 $.blank}}{{end}}`, `{{range .list}}{{header $.s}}{{end}}`,
		`{{range .list}}{{len (truncate 499999 $.s)}}{{end}}`, `{{range .list}}{{truncate 499999 $.blank}}{{end}}`,
	} {
		set, err := shape.Templates{Text: template}.Compile()
		if err != nil {
			t.Fatalf("%s: %v", template, err)
		}
		took, got, err := fastest(set, payload)
		if err == nil && len(got) > 1<<20 || took > 5*time.Millisecond*scale {
			t.Errorf("%s took %v and made %d bytes (%v)", template, took, len(got), err)
		}
	}
}

// TestEveryFunctionIsBounded calls each function with the longest texts that it reads, made of what it looks for. The slowest take 3 ms on a
// quiet machine; what is not bounded takes ten times the limit.
func TestEveryFunctionIsBounded(t *testing.T) {
	t.Parallel()
	for name, least := range shape.Functions() {
		if n, listed := arity[name]; !listed || n < least {
			t.Errorf("the random templates do not call %s with its %d arguments", name, least)
		}
	}
	firsts := []string{"$.text", "$.part", "7"} // of a function with one argument only the text
	for _, part := range []string{"<t:", "<t:1", "<t:1:F>", "<", "<a", "</", "<a>", "<a|", "<https://", "*", "*a", " *a*", "* \n", "&", "&#1", "&lt;", "_A", "[", `{"a":`, "9", ".", " ", "\n", "\u00ff"} {
		for _, size := range []int{59_000, 150_000} {
			text := strings.Repeat(part, size/len(part))
			payload := map[string]any{"text": text, "other": text + "y", "part": part, "list": make([]any, 50)}
			for name, n := range arity {
				for _, first := range firsts[:min(n, 2)*2-1] {
					set, err := shape.Templates{Text: "{{range .list}}{{" + name + " " + first + strings.Repeat(" $.other", n-1) + "}}{{end}}"}.Compile()
					if err != nil {
						t.Fatal(err)
					}
					if took, _, err := fastest(set, payload); took > 10*time.Millisecond*scale {
						t.Errorf("%s %s of %d bytes of %q took %v (%v)", name, first, size, part, took, err)
					}
				}
			}
		}
	}
}

// fastest is the shortest of five runs, or the first that is short: the machine may be busy with something else.
func fastest(set *shape.Set, payload any) (took time.Duration, text string, err error) {
	took = time.Hour
	for i := range 5 {
		if i > 0 && took < 5*time.Millisecond {
			break
		}
		var list []shape.Message
		took = min(took, processor(func() { list, err = set.Apply(shape.Payload{Value: payload}) }))
		text = ""
		for _, m := range list {
			text += m.Title + m.Text + m.Link + m.Key
		}
	}
	return took, text, err
}

// TestRandomTemplates runs 10,000 templates that chance has written over payloads of the examples and a large one.
func TestRandomTemplates(t *testing.T) {
	t.Parallel()
	payloads := []any{large(t)}
	for _, s := range shape.All() {
		e, err := s.Examples()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range e.Cases {
			p, err := c.Payload()
			if err != nil {
				t.Fatal(err)
			}
			payloads = append(payloads, p.Value)
		}
	}
	r := rand.New(rand.NewPCG(1, 2))
	compiled, stopped, longest, most := 0, 0, time.Duration(0), 0
	for i := range 10_000 {
		text := randomTemplate(r, 4)
		title := randomTemplate(r, 2)
		set, err := shape.Templates{Text: text, Title: title}.Compile()
		if err != nil {
			continue
		}
		compiled++
		payload := payloads[r.IntN(len(payloads))]
		if i%8 == 0 {
			payload = payloads[0]
		}
		var list []shape.Message
		took := processor(func() { list, err = set.Apply(shape.Payload{Value: payload}) })
		if took > 5*time.Millisecond {
			took, _, _ = fastest(set, payload)
		}
		longest = max(longest, took)
		if took > 5*time.Millisecond*scale {
			t.Errorf("%v for %s\nand %s", took, text, title)
		}
		if err != nil {
			stopped++
		}
		for _, m := range list {
			most = max(most, len(m.Title)+len(m.Text))
		}
	}
	t.Logf("%d of 10000 compiled, %d ended with an error, the longest took %v, the largest made %d bytes", compiled, stopped, longest, most)
	if compiled < 5000 || most > 1<<20 {
		t.Errorf("%d compiled, the largest made %d bytes", compiled, most)
	}
}

func large(t testing.TB) any {
	t.Helper()
	var b strings.Builder
	b.WriteString(`{"alerts":[`)
	for i := range 2000 {
		fmt.Fprintf(&b, `{"labels":{"alertname":"A%d","instance":"web%d"},"status":"firing","annotations":{"summary":"%s"}},`, i, i, strings.Repeat("word ", 40))
	}
	b.WriteString(`{}],"title":"` + strings.Repeat("<x|y>", 20000) + `"}`)
	v, err := shape.ReadJSON([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// arity is how many arguments the functions of random templates get.
var arity = map[string]int{"and": 2, "or": 3, "not": 1, "eq": 2, "ne": 2, "lt": 2, "le": 2, "gt": 2, "ge": 2, "default": 2, "choose": 4, "severity": 1, "color": 1, "header": 1, "len": 1, "index": 2, "first": 1,
	"last": 1, "join": 2, "split": 2, "pairs": 1, "pluck": 2, "json": 1, "indent": 1, "upper": 1, "lower": 1, "trim": 1, "capital": 1, "words": 1, "line": 1, "plain": 1,
	"urlquery": 1, "slack": 1, "slackLink": 1, "discord": 1, "fromJSON": 1, "replace": 3, "contains": 2, "hasPrefix": 2, "hasSuffix": 2, "trimPrefix": 2, "trimSuffix": 2, "before": 2, "after": 2, "truncate": 2, "time": 1, "add": 2}

var words = slices.Sorted(maps.Keys(arity))

func randomTemplate(r *rand.Rand, depth int) string {
	var b strings.Builder
	for range 1 + r.IntN(4) {
		switch n := r.IntN(10); {
		case n < 2:
			b.WriteString("text ")
		case n < 6 || depth == 0:
			b.WriteString("{{" + randomPipe(r, 2) + "}}")
		case n < 7:
			b.WriteString("{{if " + randomPipe(r, 1) + "}}" + randomTemplate(r, depth-1) + "{{else}}" + randomTemplate(r, depth-1) + "{{end}}")
		case n < 9:
			b.WriteString("{{range " + randomValue(r) + "}}" + randomTemplate(r, depth-1) + "{{end}}")
		default:
			b.WriteString("{{with $x := " + randomPipe(r, 1) + "}}{{$x}}" + randomTemplate(r, depth-1) + "{{end}}")
		}
	}
	return b.String()
}

func randomPipe(r *rand.Rand, depth int) string {
	s := randomValue(r)
	if r.IntN(3) == 0 {
		f := words[r.IntN(len(words))]
		s = f
		for range arity[f] {
			if depth > 0 && r.IntN(4) == 0 {
				s += " (" + randomPipe(r, depth-1) + ")"
			} else {
				s += " " + randomValue(r)
			}
		}
	}
	for range r.IntN(3) {
		s += " | " + []string{"upper", "plain", "json", "indent", "slack", "words", "len", `replace "e" "eeeee"`, `split ""`, `join ","`, "first", `pluck "labels"`, "pairs"}[r.IntN(13)]
	}
	return s
}

func randomValue(r *rand.Rand) string {
	return []string{".", "$", ".title", ".alerts", "$.alerts", ".status", ".labels", "$.title", ".annotations.summary", ".repository.full_name", ".embeds", "1", "0", `"e"`, `""`, "true", ".commits", "-3", "2.5"}[r.IntN(19)]
}

// FuzzTemplate compiles and runs any template over any JSON.
func FuzzTemplate(f *testing.F) {
	for _, s := range shape.All() {
		e, _ := s.Examples()
		f.Add(s.Templates.Text, e.Cases[0].Body)
		f.Add(s.Templates.Title, e.Cases[0].Body)
	}
	f.Fuzz(func(t *testing.T, template, body string) {
		set, err := shape.Templates{Text: template, Title: "t"}.Compile()
		if err != nil {
			return
		}
		payload, err := shape.ReadJSON([]byte(body))
		if err != nil {
			return
		}
		list, _ := set.Apply(shape.Payload{Value: payload})
		for _, m := range list {
			if len(m.Text) > 1<<20 {
				t.Fatalf("%d bytes", len(m.Text))
			}
		}
	})
}

func BenchmarkApply(b *testing.B) {
	for _, id := range []string{"alertmanager", "grafana", "github"} {
		s := shape.ByID(id)
		e, _ := s.Examples()
		p, _ := e.Cases[0].Payload()
		b.Run(id, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := s.Apply(p); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
