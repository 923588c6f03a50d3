package client_test

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"notifer/server/client"
)

func TestEventReader(t *testing.T) {
	for _, row := range []struct {
		name, in string
		want     []client.Event
	}{
		{"one", "data: a\n\n", []client.Event{{Data: "a"}}},
		{"name and id", "event: message\nid: 1\ndata: a\n\n", []client.Event{{ID: "1", Name: "message", Data: "a"}}},
		{"id stays", "id: 1\ndata: a\n\ndata: b\n\n", []client.Event{{ID: "1", Data: "a"}, {ID: "1", Data: "b"}}},
		{"id without data counts", "id: 7\n\ndata: b\n\n", []client.Event{{ID: "7", Data: "b"}}},
		{"id is reset", "id: 7\n\nid\ndata: b\n\n", []client.Event{{Data: "b"}}},
		{"id with NUL is ignored", "id: 7\n\nid: a\x00b\ndata: b\n\n", []client.Event{{ID: "7", Data: "b"}}},
		{"two data lines", "data: a\ndata: b\n\n", []client.Event{{Data: "a\nb"}}},
		{"empty data", "data\n\n", []client.Event{{}}},
		{"two empty data", "data\ndata\n\n", []client.Event{{Data: "\n"}}},
		{"one space only", "data:  a\n\ndata:b\n\n", []client.Event{{Data: " a"}, {Data: "b"}}},
		{"colon in value", "data: a:b\n\n", []client.Event{{Data: "a:b"}}},
		{"comments", ": hi\ndata: a\n:\n\n", []client.Event{{Data: "a"}}},
		{"unknown field", "foo: 1\ndata: a\n\n", []client.Event{{Data: "a"}}},
		{"CR LF", "data: a\r\n\r\ndata: b\r\n\r\n", []client.Event{{Data: "a"}, {Data: "b"}}},
		{"CR", "data: a\r\rdata: b\r\r", []client.Event{{Data: "a"}, {Data: "b"}}},
		{"mixed", "data: a\r\ndata: b\r\n\n", []client.Event{{Data: "a\nb"}}},
		{"mark", "\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n", []client.Event{{Data: "a"}}},
		{"half event is dropped", "data: a\n\nid: 9\ndata: b\n", []client.Event{{Data: "a"}}},
		{"name without data is forgotten", "event: x\n\ndata: a\n\n", []client.Event{{Data: "a"}}},
		{"other line ends are text", "data: a\u0085b\u2028c\n\n", []client.Event{{Data: "a\u0085b\u2028c"}}},
	} {
		for form, r := range map[string]io.Reader{
			"at once": strings.NewReader(row.in), "byte by byte": iotest.OneByteReader(strings.NewReader(row.in)),
		} {
			if got := readEvents(t, r); !slices.Equal(got, row.want) {
				t.Errorf("%s, %s: %q, want %q", row.name, form, got, row.want)
			}
		}
	}
}

func readEvents(t *testing.T, r io.Reader) []client.Event {
	t.Helper()
	events := client.NewEventReader(r, "")
	var list []client.Event
	for {
		e, err := events.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, e)
	}
}

// A CR ends the line at once: the event must not wait for what follows.
func TestEventReaderDoesNotWaitAfterCR(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	go w.Write([]byte("data: a\r\r"))
	e, err := client.NewEventReader(r, "").Next()
	if err != nil || e.Data != "a" {
		t.Errorf("Next() = %q, %v, want a", e.Data, err)
	}
}

func FuzzEventReader(f *testing.F) {
	f.Add("id: 1\ndata: a\r\n\r\n")
	f.Fuzz(func(t *testing.T, in string) {
		whole := readEvents(t, strings.NewReader(in))
		pieces := readEvents(t, iotest.OneByteReader(strings.NewReader(in)))
		if !slices.Equal(whole, pieces) {
			t.Errorf("at once %q, byte by byte %q", whole, pieces)
		}
	})
}
