package quota

import "sync"

// Places counts what callers hold open in all, per address and per credential. What is open without a credential is counted apart: it
// takes no place of others at the same address, and at most three quarters of all.
type Places struct {
	mu                             sync.Mutex
	all, perAddress, perCredential int // bounds

	open int
	bare int // of them, without a credential
	by   map[string]int
}

// Bound is a bound of Places that is reached.
type Bound int

// The results of Enter: there was a place, or which bound is reached.
const (
	Free Bound = iota
	InAll
	OfAddress
	OfCredential
)

// NewPlaces makes places with these bounds.
func NewPlaces(all, perAddress, perCredential int) *Places {
	return &Places{all: all, perAddress: perAddress, perCredential: perCredential, by: map[string]int{}}
}

// Set changes the bounds; what is open stays open.
func (p *Places) Set(all, perAddress, perCredential int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.all, p.perAddress, p.perCredential = all, perAddress, perCredential
}

// PerAddress is the bound of an address.
func (p *Places) PerAddress() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.perAddress
}

// PerCredential is the bound of a credential.
func (p *Places) PerCredential() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.perCredential
}

// Enter takes a place, or returns the bound that is reached. The credential is empty for a caller that has none.
func (p *Places) Enter(address, credential string) Bound {
	p.mu.Lock()
	defer p.mu.Unlock()
	place := placeOf(address, credential)
	switch {
	case p.open >= p.all, credential == "" && p.bare >= (p.all*3+3)/4:
		return InAll
	case p.by[place] >= p.perAddress:
		return OfAddress
	case credential != "" && p.by[credential] >= p.perCredential:
		return OfCredential
	}
	p.open++
	p.by[place]++
	if credential != "" {
		p.by[credential]++
	} else {
		p.bare++
	}
	return Free
}

// placeOf is what an address is counted under.
func placeOf(address, credential string) string {
	if credential == "" {
		return "bare " + address
	}
	return address
}

// Leave gives a place back.
func (p *Places) Leave(address, credential string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.open--
	if credential == "" {
		p.bare--
	}
	for _, k := range []string{placeOf(address, credential), credential} {
		if k == "" {
			continue
		}
		if p.by[k]--; p.by[k] <= 0 {
			delete(p.by, k)
		}
	}
}

// Held is how many places a credential has.
func (p *Places) Held(credential string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.by[credential]
}
