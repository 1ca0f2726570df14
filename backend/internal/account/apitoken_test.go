package account

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestAPITokens(t *testing.T) {
	s, other := NewAPISecret(), NewAPISecret()
	if len(s.Raw) != 47 || !strings.HasPrefix(s.Raw, "hnm_") || !strings.HasPrefix(s.Raw, s.Prefix) || len(s.Prefix) != 8 {
		t.Errorf("%q, shown %q", s.Raw, s.Prefix)
	}
	hash, err := HashAPIToken(s.Raw)
	if err != nil || !bytes.Equal(hash, s.Hash) || bytes.Equal(hash, other.Hash) || len(hash) != 32 {
		t.Errorf("hash %x of %x, another's %x, %v", hash, s.Hash, other.Hash, err)
	}
	for _, raw := range []string{
		"", "hnm_", s.Raw[4:], s.Raw[:46], s.Raw + "A", s.Raw + "=", "HNM_" + s.Raw[4:], "hnm_" + strings.Repeat("!", 43),
		s.Raw[:20] + "\n" + s.Raw[20:], " " + s.Raw,
	} {
		if _, err := HashAPIToken(raw); !errors.Is(err, ErrToken) {
			t.Errorf("%q: %v", raw, err)
		}
	}
}

func TestAScopeAllowsItselfAndTheWideOneItsKind(t *testing.T) {
	allowed := map[Scope][]Scope{
		ScopeRead:          {ScopeRead, ScopeTargetsRead, ScopeContactsRead, ScopeResultsRead},
		ScopeWrite:         {ScopeWrite, ScopeTargetsWrite, ScopeContactsWrite},
		ScopeTargetsRead:   {ScopeTargetsRead},
		ScopeTargetsWrite:  {ScopeTargetsWrite},
		ScopeContactsRead:  {ScopeContactsRead},
		ScopeContactsWrite: {ScopeContactsWrite},
		ScopeResultsRead:   {ScopeResultsRead},
	}
	for _, held := range Scopes() {
		token := APIToken{Scopes: []Scope{held}}
		want := map[Scope]bool{}
		for _, s := range allowed[held] {
			want[s] = true
		}
		for _, need := range append(Scopes(), "", ":", "read:", "READ", "write ") {
			if token.Allows(need) != want[need] {
				t.Errorf("%q allows %q: %v", held, need, token.Allows(need))
			}
		}
	}
	if (APIToken{}).Allows(ScopeRead) {
		t.Error("no scope allows to read")
	}
	for _, text := range []string{"", "READ", "read ", "admin", "targets", "results:write", "read,write"} {
		if _, err := ParseScope(text); !errors.Is(err, ErrScope) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestAnAPITokenExpiresToTheMoment(t *testing.T) {
	end := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	token := APIToken{ExpiresAt: end}
	if token.ExpiredAt(end.Add(-time.Nanosecond)) || !token.ExpiredAt(end) || (APIToken{}).ExpiredAt(end) {
		t.Error("it expires at another time")
	}
}
