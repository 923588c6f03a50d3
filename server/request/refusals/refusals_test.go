package refusals_test

import (
	"fmt"
	"net/netip"
	"sync"
	"testing"
	"time"

	"notifer/server/auth"
	"notifer/server/request/refusals"
)

var (
	noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	lamp = netip.MustParseAddr("10.0.0.7")
)

// refused is a refusal of the lamp for want of a credential, some seconds after noon.
func refused(seconds int) refusals.Refusal {
	return refusals.Refusal{At: noon.Add(time.Duration(seconds) * time.Second), Address: lamp, Via: "publish", Status: 401, Reason: auth.NoCredential, Text: "none"}
}

func TestAdd(t *testing.T) {
	l := refusals.New()
	l.Add(1, refused(0))
	other := refused(1)
	other.Reason, other.TokenID = auth.Revoked, "token_a"
	l.Add(1, other)
	l.Add(1, refused(2))
	l.Add(2, refused(3))
	l.Add(refusals.Nowhere, refused(4))
	got := l.Newest(1, noon.Add(time.Minute))
	if len(got) != 2 || got[0].Times != 2 || !got[0].First.Equal(noon) || !got[0].At.Equal(noon.Add(2*time.Second)) || got[0].Group != 1 || got[0].Serial != 3 {
		t.Fatalf("the newest is the lamp's, twice: %+v", got)
	}
	if got[1].Times != 1 || got[1].TokenID != "token_a" || got[1].Group != 2 {
		t.Errorf("then the token's: %+v", got[1])
	}
	if l.Serial() != 4 || len(l.Newest(refusals.Nowhere, noon)) != 1 || len(l.Newest(3, noon)) != 0 {
		t.Errorf("serial %d, want 4: what was for no topic counts for nothing", l.Serial())
	}
}

// Each of what makes two refusals differ keeps them apart.
func TestAddKeepsApart(t *testing.T) {
	l := refusals.New()
	for i, change := range []func(r *refusals.Refusal){
		func(*refusals.Refusal) {},
		func(r *refusals.Refusal) { r.Address = netip.MustParseAddr("10.0.0.8") },
		func(r *refusals.Refusal) { r.Via = "sse" },
		func(r *refusals.Refusal) { r.Status = 403 },
		func(r *refusals.Refusal) { r.Reason = auth.Expired },
		func(r *refusals.Refusal) { r.Text = "another" },
		func(r *refusals.Refusal) { r.SecretHint = "tk_ab…yz" },
		func(r *refusals.Refusal) { r.TokenID = "token_a" },
	} {
		r := refused(i)
		change(&r)
		l.Add(1, r)
		if got := l.Newest(1, noon); len(got) != i+1 || got[0].Times != 1 {
			t.Errorf("change %d: %d refusals, the last %d times", i, len(got), got[0].Times)
		}
	}
}

func TestForgets(t *testing.T) {
	l := refusals.New()
	for i := range 25 {
		r := refused(i)
		r.Text = fmt.Sprint(i)
		l.Add(1, r)
	}
	if got := l.Newest(1, noon.Add(time.Minute)); len(got) != 20 || got[0].Text != "24" || got[19].Text != "5" {
		t.Errorf("%d are kept, from %s to %s; want the newest 20", len(got), got[0].Text, got[len(got)-1].Text)
	}
	if got := l.Newest(1, noon.Add(24*time.Hour+10*time.Second)); len(got) != 14 {
		t.Errorf("a day after the eleventh %d are shown, want 14", len(got))
	}
	r := refused(24)
	r.At, r.Text = r.At.Add(25*time.Hour), "24" // said before, too long ago
	l.Add(1, r)
	if got := l.Newest(1, r.At); len(got) != 1 || got[0].Times != 1 || !got[0].First.Equal(r.At) {
		t.Errorf("after more than a day it begins anew: %+v", got)
	}
	for topic := range int64(5000) {
		l.Add(topic+10, refused(0))
	}
	kept := 0
	for topic := range int64(5010) {
		kept += len(l.Newest(topic, noon))
	}
	if kept > 1000+20 {
		t.Errorf("%d refusals are kept of 5,000 topics", kept)
	}
}

// A program that waits to be asked for a password was not refused.
func TestAnswered(t *testing.T) {
	l := refusals.New()
	l.Add(1, refused(0))
	l.Answered(1, lamp, "publish", noon.Add(time.Second))
	if got := l.Newest(1, noon); len(got) != 0 {
		t.Errorf("it was answered: %+v", got)
	}
	l.Add(1, refused(10))
	l.Add(1, refused(20))
	l.Answered(1, lamp, "publish", noon.Add(21*time.Second))
	if got := l.Newest(1, noon); len(got) != 1 || got[0].Times != 1 || !got[0].At.Equal(noon.Add(10*time.Second)) {
		t.Errorf("only the last was answered: %+v", got)
	}
	l.Answered(1, netip.MustParseAddr("10.0.0.8"), "publish", noon.Add(11*time.Second))
	l.Answered(1, lamp, "sse", noon.Add(11*time.Second))
	l.Answered(1, lamp, "publish", noon.Add(20*time.Second))
	l.Answered(2, lamp, "publish", noon.Add(11*time.Second))
	other := refused(30)
	other.Reason = auth.Expired
	l.Add(1, other)
	l.Answered(1, lamp, "publish", noon.Add(31*time.Second))
	if got := l.Newest(1, noon); len(got) != 2 {
		t.Errorf("another place, another way, too late, another topic or another reason answers nothing: %+v", got)
	}
}

func TestCountOf(t *testing.T) {
	l := refusals.New()
	r := refused(0)
	r.TokenID = "token_a"
	l.Add(1, r)
	l.Add(1, r)
	l.Add(2, r)
	l.Add(refusals.Nowhere, r)
	l.Add(1, refused(0))
	if got := l.CountOf("token_a", noon); got != 3 {
		t.Errorf("CountOf = %d, want 3", got)
	}
	if got := l.CountOf("token_a", noon.Add(24*time.Hour)); got != 0 {
		t.Errorf("a day later CountOf = %d, want 0", got)
	}
}

func TestLogOfMany(t *testing.T) {
	l := refusals.New()
	var all sync.WaitGroup
	for topic := range int64(8) {
		all.Go(func() {
			for i := range 200 {
				l.Add(topic%3, refused(i))
				l.Newest(topic%3, noon)
				l.CountOf("", noon)
				l.Answered(topic%3, lamp, "publish", noon.Add(time.Second))
			}
		})
	}
	all.Wait()
}
