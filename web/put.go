package web

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"
)

// put and say put a string, or a text of the message table, between tags. They do what an expression in braces does, in
// a quarter of the code that the generator makes for one, and pages are most of this program.
type (
	put string
	say string
)

// Render implements templ.Component.
func (t put) Render(_ context.Context, w io.Writer) error {
	_, err := io.WriteString(w, templ.EscapeString(string(t)))
	return err
}

// Render implements templ.Component.
func (s say) Render(ctx context.Context, w io.Writer) error {
	return put(Say(ctx, string(s))).Render(ctx, w)
}

// fact is a Fact of one component. The generator makes a function of each block of markup, some half a kilobyte, and there
// are two dozen facts.
func fact(name string, value templ.Component) templ.Component {
	return row{templ.Raw("<div><dt>"), say(name), templ.Raw("</dt><dd>"), value, templ.Raw("</dd></div>")}
}

// by names who created a token. An admin gets to the account from there.
func by(t Token) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		before, after, _ := strings.Cut(Say(ctx, "token.by", "\x00"), "\x00")
		name := templ.Component(put(t.CreatedBy))
		if u := env(ctx).User; u != nil && u.Admin && t.CreatorID != "" {
			name = sibling("/admin/users#"+t.CreatorID, t.CreatedBy, false)
		}
		return row{put(" " + before), name, put(after)}.Render(ctx, w)
	})
}

// task is a Card of a paragraph and what can be done about it, without a block either.
func task(title string, text, action templ.Component) templ.Component {
	return row{templ.Raw(`<section class="card"><h2>`), say(title), templ.Raw("</h2><p>"), text, templ.Raw("</p>"), action, templ.Raw("</section>")}
}

// acts are buttons beside each other.
func acts(buttons ...templ.Component) templ.Component {
	return row{templ.Raw(`<div class="acts">`), row(buttons), templ.Raw("</div>")}
}

// row is components one after another.
type row []templ.Component

// Render implements templ.Component.
func (r row) Render(ctx context.Context, w io.Writer) error {
	for _, part := range r {
		if err := part.Render(ctx, w); err != nil {
			return err
		}
	}
	return nil
}
