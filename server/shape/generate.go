package shape

//go:generate go test -run TestDocumentation -update .
