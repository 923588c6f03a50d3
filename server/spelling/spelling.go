// Package spelling finds the word that a mistyped one was meant to be.
package spelling

// Nearest returns the name that differs from word in the fewest letters; empty without names.
func Nearest(word string, names []string) string {
	best, least := "", len(word)+64
	for _, name := range names {
		if d := Distance(word, name); d < least {
			best, least = name, d
		}
	}
	return best
}

// Distance is the number of bytes to insert, delete or change to turn a into b.
func Distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
