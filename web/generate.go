package web

// Every component is marked go:noinline, which a test holds: the compiler would copy small and large ones into each page
// and handler that uses them, 3 to 13 KiB a copy and 1 MiB in all, and a page is not faster for it.

//go:generate go run github.com/a-h/templ/cmd/templ@v0.3.977 generate
