package quota_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"notifer/server/quota"
)

func TestPlaces(t *testing.T) {
	p := quota.NewPlaces(8, 3, 2)
	for i, step := range []struct {
		address, credential string
		want                quota.Bound
	}{
		{"a", "ann", quota.Free}, {"a", "ann", quota.Free}, {"a", "ann", quota.OfCredential}, {"b", "ann", quota.OfCredential},
		{"a", "bob", quota.Free}, {"a", "eve", quota.OfAddress}, {"b", "eve", quota.Free},
		{"a", "", quota.Free}, {"a", "", quota.Free}, {"a", "", quota.Free}, {"a", "", quota.OfAddress}, // counted apart
		{"c", "", quota.Free}, {"c", "", quota.InAll}, {"c", "eve", quota.InAll},
	} {
		if got := p.Enter(step.address, step.credential); got != step.want {
			t.Fatalf("step %d: Enter(%q, %q) = %v, want %v", i, step.address, step.credential, got, step.want)
		}
	}
	if got := p.Held("ann"); got != 2 {
		t.Errorf("ann holds %d, want 2", got)
	}
	p.Leave("a", "ann")
	if got := p.Enter("c", ""); got != quota.Free {
		t.Errorf("the place that was given back: %v", got)
	}
	p.Set(100, 1, 100)
	if got := p.Enter("a", "ann"); got != quota.OfAddress {
		t.Errorf("with fewer places for each address: %v", got)
	}
}

// Callers without a credential leave a quarter of all places to those that have one.
func TestPlacesKeepRoom(t *testing.T) {
	for _, all := range []int{1, 2, 3, 4, 7, 100} {
		p := quota.NewPlaces(all, all, all)
		bare := 0
		for p.Enter("x", "") == quota.Free {
			bare++
		}
		if bare == 0 || bare > (3*all+3)/4 {
			t.Errorf("of %d places %d went to callers without a credential", all, bare)
		}
		for range all - bare {
			if got := p.Enter("x", "ann"); got != quota.Free {
				t.Fatalf("of %d places, %d bare: ann got %v", all, bare, got)
			}
		}
	}
}

// Whatever comes and goes, in the end as many fit as at first.
func TestPlacesAddUp(t *testing.T) {
	p := quota.NewPlaces(20, 6, 4)
	type caller struct{ address, credential string }
	var in []caller
	r := rand.New(rand.NewPCG(1, 2))
	for range 5000 {
		if len(in) > 0 && r.IntN(2) == 0 {
			i := r.IntN(len(in))
			p.Leave(in[i].address, in[i].credential)
			in = append(in[:i], in[i+1:]...)
			continue
		}
		c := caller{fmt.Sprint("a", r.IntN(4)), []string{"", "ann", "bob", "eve"}[r.IntN(4)]}
		if p.Enter(c.address, c.credential) == quota.Free {
			in = append(in, c)
		}
		by := map[string]int{}
		for _, c := range in {
			by[c.credential]++
			by["at "+c.address+fmt.Sprint(c.credential == "")]++
		}
		if len(in) > 20 || by["ann"] > 4 || by["bob"] > 4 || by["eve"] > 4 || by[""] > 15 || p.Held("ann") != by["ann"] {
			t.Fatalf("%d are in: %v", len(in), by)
		}
		for k, n := range by {
			if len(k) > 3 && k[:3] == "at " && n > 6 {
				t.Fatalf("%s: %d", k, n)
			}
		}
	}
	for _, c := range in {
		p.Leave(c.address, c.credential)
	}
	for i := range 20 {
		if got := p.Enter(fmt.Sprint("b", i), fmt.Sprint("c", i)); got != quota.Free {
			t.Fatalf("place %d of an empty house: %v", i, got)
		}
	}
}
