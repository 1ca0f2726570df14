package account

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"time"
)

// Scope is what an API token may do.
type Scope string

// The scopes. "read" and "write" stand for those of all areas; to write does
// not include to read.
const (
	ScopeRead          Scope = "read"
	ScopeWrite         Scope = "write"
	ScopeTargetsRead   Scope = "targets:read"
	ScopeTargetsWrite  Scope = "targets:write" // targets, monitors, probe now
	ScopeContactsRead  Scope = "contacts:read"
	ScopeContactsWrite Scope = "contacts:write"
	ScopeResultsRead   Scope = "results:read" // status, results, reports, incidents, downloads, lines
)

// Scopes are all there are, in the order in which people read them.
func Scopes() []Scope {
	return []Scope{
		ScopeRead, ScopeWrite, ScopeTargetsRead, ScopeTargetsWrite, ScopeContactsRead, ScopeContactsWrite, ScopeResultsRead,
	}
}

// ErrScope says that a text is no scope.
var ErrScope = errors.New("not a scope")

// ParseScope reads a scope.
func ParseScope(text string) (Scope, error) {
	if s := Scope(text); slices.Contains(Scopes(), s) {
		return s, nil
	}
	return "", ErrScope
}

// MaxAPITokens bounds an account's API tokens, expired ones too.
const MaxAPITokens = 20

// APIToken lets a script act for an account.
type APIToken struct {
	ID         int64
	AccountID  int64
	Name       string
	Prefix     string // the beginning of the token, to tell it from others
	Scopes     []Scope
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero if it does not expire
	LastUsedAt time.Time // to the minute; zero if it was not used
}

// Allows tells whether the token has a scope, by itself or by that of all areas.
func (t APIToken) Allows(need Scope) bool {
	_, kind, ofArea := strings.Cut(string(need), ":")
	return need != "" && (slices.Contains(t.Scopes, need) || ofArea && slices.Contains(t.Scopes, Scope(kind)))
}

// ExpiredAt tells whether the token is good no more.
func (t APIToken) ExpiredAt(now time.Time) bool {
	return !t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)
}

// NewAPIToken is an API token to be made.
type NewAPIToken struct {
	AccountID int64
	Name      string
	Prefix    string // of APISecret
	Hash      []byte // of APISecret
	Scopes    []Scope
	ExpiresAt time.Time // zero: never
}

// APISecret is what a script holds. It is shown once.
type APISecret struct {
	Raw    string // "hnm_" and 43 characters of base64url: 256 bits
	Prefix string // the first of them; the rest is still 232 bits
	Hash   []byte // SHA-256 of Raw
}

const (
	// APITokenMark begins every API token, so that it is known where it turns up.
	APITokenMark = "hnm_"

	shownOfToken = len(APITokenMark) + 4
)

// NewAPISecret makes a random one.
func NewAPISecret() APISecret {
	var b [tokenBytes]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
	raw := APITokenMark + base64.RawURLEncoding.EncodeToString(b[:])
	return APISecret{Raw: raw, Prefix: raw[:shownOfToken], Hash: hashText(raw)}
}

// HashAPIToken gives the hash under which an API token is stored. The hash is
// of 256 random bits, so that it needs neither salt nor work.
func HashAPIToken(raw string) ([]byte, error) {
	text, marked := strings.CutPrefix(raw, APITokenMark)
	b, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || !marked || len(b) != tokenBytes || strings.ContainsAny(text, "\r\n") {
		return nil, ErrToken
	}
	return hashText(raw), nil
}

func hashText(text string) []byte {
	hash := sha256.Sum256([]byte(text))
	return hash[:]
}
