package db

import "testing"

// The largest give, down to one level, and no more than is asked for.
func TestLevelOfTopics(t *testing.T) {
	sizes := map[int64]int64{1: 1000, 2: 600, 3: 100}
	for over, want := range map[int64]int64{1: 999, 400: 600, 401: 599, 500: 550, 1400: 100, 1430: 90, 1700: 0, 9000: 0} {
		if got := sizeLimit(sizes, over); got != want {
			t.Errorf("levelOf(%d) = %d, want %d", over, got, want)
		}
	}
}

// Half of what the store has or could take is its own, and a quarter of a gigabyte even on a disk that others have filled.
func TestShareOfTheDisk(t *testing.T) {
	const giB = 1 << 30
	for _, c := range []struct{ space, total, want int64 }{
		{100 * giB, 200 * giB, 50 * giB / 100 * 100},
		{100 << 20, 8 * giB, 256 << 20},
		{200 << 20, 400 << 20, 100 << 20},
	} {
		if got := shareOf(c.space, c.total, 50); got < c.want-100 || got > c.want {
			t.Errorf("shareOf(%d of %d) = %d, want %d", c.space, c.total, got, c.want)
		}
	}
}
