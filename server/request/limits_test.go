package request

import (
	"testing"
	"time"
)

// TestSignInsAreBounded: a script that signs in without end is asked to wait, and keeps its owner's browser out no more than others.
func TestSignInsAreBounded(t *testing.T) {
	now := time.Now()
	s := &Site{limits: newLimits(Options{}, time.Now)}
	script, browser := &Call{Route: &Route{Kind: KindAPI}, Began: now}, &Call{Route: &Route{Kind: KindPage}, Began: now}
	for i := range signInBurst {
		if err := s.limitSignIns(script, "ann"); err != nil {
			t.Fatalf("sign-in %d: %v", i, err)
		}
	}
	if p, _ := Explain(s.limitSignIns(script, "ann")); p.Status != 429 || p.After <= 0 {
		t.Errorf("one more = %d after %s, want 429 with a time", p.Status, p.After)
	}
	for what, err := range map[string]error{"the browser": s.limitSignIns(browser, "ann"), "another account": s.limitSignIns(script, "bob")} {
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	script.Began = now.Add(signInRefill)
	if err := s.limitSignIns(script, "ann"); err != nil {
		t.Errorf("a little later: %v", err)
	}
}
