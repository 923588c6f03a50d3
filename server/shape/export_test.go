package shape

// Functions are the least numbers of arguments of what templates may call, by name.
func Functions() map[string]int {
	least := map[string]int{}
	for name, f := range functions {
		least[name] = f.least
	}
	return least
}
