package account

import (
	"testing"
	"time"
)

func TestTermsComeIntoForceOnTheirDay(t *testing.T) {
	t.Parallel()
	published := []TermsText{{Version: "2027-01-01"}, {Version: "2027-04-01"}}
	for at, want := range map[string]string{
		"2020-01-01T00:00:00Z": TermsVersion, "2026-12-31T23:59:59Z": TermsVersion, "2027-01-01T00:00:00Z": "2027-01-01",
		"2027-01-01T08:59:59+09:00": TermsVersion, "2027-03-31T23:59:59Z": "2027-01-01", "2027-04-01T00:00:00Z": "2027-04-01", "2030-01-01T00:00:00Z": "2027-04-01",
	} {
		now, err := time.Parse(time.RFC3339, at)
		if err != nil {
			t.Fatal(err)
		}
		if got := TermsAt(published, now).Version; got != want {
			t.Errorf("at %s: %s, want %s", at, got, want)
		}
	}
	standard := TermsAt(nil, time.Time{})
	if standard.Version != TermsVersion || standard.Ja == "" || standard.En == "" || standard.Ja == standard.En {
		t.Errorf("standard %.80v", standard)
	}
}
