package web

// Components that many pages use are marked go:noinline: each inlined copy of one takes 3 to 5 KiB of the binary, half a
// MiB in all, and a page is not faster for it.

//go:generate go run github.com/a-h/templ/cmd/templ@v0.3.977 generate
