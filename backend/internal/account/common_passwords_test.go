package account

import (
	"errors"
	"strings"
	"testing"
)

func TestTheThreeThousandCommonestPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	known := commonPasswords()
	if len(known) < 3000 {
		t.Fatalf("%d different words, want at least 3,000", len(known))
	}
	for word := range known {
		for _, tried := range []string{word, strings.ToUpper(word)} {
			if err := CheckPassword(tried, "a@example.jp"); !errors.Is(err, ErrPasswordWeak) {
				t.Errorf("%q: %v", tried, err)
			}
		}
	}
}

func TestAPasswordIsComparedAsReceived(t *testing.T) {
	t.Parallel()
	h := NewHasher()
	const composed, decomposed = "pässword für mich", "pa\u0308ssword fu\u0308r mich"
	hash, err := h.Hash(t.Context(), composed)
	if err != nil {
		t.Fatal(err)
	}
	for tried, want := range map[string]bool{
		composed: true, decomposed: false, " " + composed: false, composed + " ": false, strings.ToUpper(composed): false,
	} {
		if got, err := h.Matches(t.Context(), tried, hash); err != nil || got != want {
			t.Errorf("%q: %v, %v", tried, got, err)
		}
	}
}
