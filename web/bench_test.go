package web_test

import (
	"io"
	"strconv"
	"testing"

	"notifer/web"
	tokenviews "notifer/web/tokens"
)

// BenchmarkTokens renders a list of a hundred tokens.
func BenchmarkTokens(b *testing.B) {
	v := tokensView()
	v.Tokens = nil
	for i := range 100 {
		t := tokens()[i%4]
		t.ID += strconv.Itoa(i)
		v.Tokens = append(v.Tokens, t)
	}
	for b.Loop() {
		if err := web.Render(b.Context(), io.Discard, someone(), tokenviews.Page(v)); err != nil {
			b.Fatal(err)
		}
	}
}
