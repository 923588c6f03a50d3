package shape

import (
	"container/list"
	"strings"
	"sync"
	"time"
)

// Bounds of the payloads that are remembered.
const (
	recentEach  = 10              // of a token
	RecentBytes = 32 << 10        // of one payload; a longer one is shortened
	RecentRead  = 8 * RecentBytes // of a payload that is shortened; a longer one is not kept
	RecentTotal = 8 << 20         // of all tokens together, with what each payload costs beside its text
	RecentFor   = 24 * time.Hour
	recentCost  = 512
	shortList   = 3   // elements of a list in a payload that was shortened
	shortText   = 500 // bytes of a text in it
)

// Recent remembers the last payloads of each token in memory, so that a template can be written for them. Secrets in them are masked
// before. Where all of them would take more than RecentTotal, the oldest go. The zero value is ready; its methods may be called
// from any goroutine.
type Recent struct {
	mu    sync.Mutex
	all   list.List                  // of *kept, the oldest first
	by    map[string][]*list.Element // by token, the newest first
	bytes int
}

// Sample is one payload as it came.
type Sample struct {
	At      time.Time
	Body    string
	Form    bool                // the body is a form
	Short   bool                // lists and texts in it were shortened
	Headers map[string][]string // those that a template may read are kept

	Topic       int64
	First, Last int64 // the messages that were made of it
}

type kept struct {
	token  string
	sample Sample
}

func (k *kept) size() int {
	n := recentCost + len(k.token) + len(k.sample.Body)
	for name, values := range k.sample.Headers {
		n += len(name) + len(values[0]) + 64
	}
	return n
}

// Header is a header of the request, empty where it was not kept.
func (s Sample) Header(name string) string {
	for key, values := range s.Headers {
		if strings.EqualFold(key, name) {
			return values[0]
		}
	}
	return ""
}

// Keep remembers a payload of a token.
func (r *Recent) Keep(token string, s Sample) {
	if len(s.Body) > RecentBytes && !s.shorten() {
		return
	}
	s.Body, s.Headers = strings.Clone(masked(s.Body, s.Form)), readable(s.Headers) // a body may be a small part of the memory that it was read into
	k := &kept{token, s}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.by == nil {
		r.by = map[string][]*list.Element{}
	}
	if of := r.by[token]; len(of) >= recentEach {
		r.drop(of[len(of)-1])
	}
	r.by[token] = append([]*list.Element{r.all.PushBack(k)}, r.by[token]...)
	r.bytes += k.size()
	r.sweep(s.At)
}

// Of are the last payloads of a token, the newest first, without those that are older than RecentFor.
func (r *Recent) Of(token string, now time.Time) []Sample {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sweep(now)
	var out []Sample
	for _, e := range r.by[token] {
		out = append(out, e.Value.(*kept).sample)
	}
	return out
}

// Forget drops the payloads of which a message of a topic was made that is gone or changed: one with an id in from to upTo.
func (r *Recent) Forget(topic, from, upTo int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for e := r.all.Front(); e != nil; {
		next := e.Next()
		if s := &e.Value.(*kept).sample; s.Topic == topic && s.First <= upTo && s.Last >= from {
			r.drop(e)
		}
		e = next
	}
}

// shorten cuts lists and texts of a payload, and reports whether it is short enough then.
func (s *Sample) shorten() bool {
	if len(s.Body) > RecentRead {
		return false
	}
	v, err := Read(s.Body, s.Form)
	if err != nil {
		return false
	}
	r := &run{most: 1 << 20}
	text, err := r.json(shortened(v), "")
	s.Body, s.Form, s.Short = text, false, true
	return err == nil && len(text) <= RecentBytes
}

func shortened(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for key := range v {
			v[key] = shortened(v[key])
		}
		return v
	case []any:
		v = v[:min(len(v), shortList)]
		for i := range v {
			v[i] = shortened(v[i])
		}
		return v
	case string:
		return cut(v, shortText)
	}
	return v
}

// Bytes is how many bytes of memory the payloads take.
func (r *Recent) Bytes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.bytes
}

// sweep drops what is too old or too much.
func (r *Recent) sweep(now time.Time) {
	for e := r.all.Front(); e != nil && (r.bytes > RecentTotal || now.Sub(e.Value.(*kept).sample.At) >= RecentFor); e = r.all.Front() {
		r.drop(e)
	}
}

func (r *Recent) drop(e *list.Element) {
	k := r.all.Remove(e).(*kept)
	r.bytes -= k.size()
	of := r.by[k.token]
	for i := range of {
		if of[i] == e {
			of = append(of[:i:i], of[i+1:]...)
			break
		}
	}
	if r.by[k.token] = of; len(of) == 0 {
		delete(r.by, k.token)
	}
}

// readable are the headers that a template may read and that say something about the payload.
func readable(headers map[string][]string) map[string][]string {
	var out map[string][]string
	for name, values := range headers {
		lower := strings.ToLower(name)
		if !strings.HasPrefix(lower, "x-") || strings.HasPrefix(lower, "x-forwarded-") || lower == "x-real-ip" || isCredential(name) ||
			len(values) == 0 || len(name) > 60 || len(values[0]) > 200 || len(out) >= 20 {
			continue
		}
		if out == nil {
			out = map[string][]string{}
		}
		out[strings.Clone(name)] = []string{maskedText(strings.Clone(strings.ToValidUTF8(values[0], "\ufffd")))}
	}
	return out
}
