package account

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"time"
)

// tokenBytes of randomness cannot be guessed: 256 bits.
const tokenBytes = 32

// Token is a secret that is given out once. Only its hash is stored, but for
// mails that still wait to be sent.
type Token struct {
	Raw       string // 43 characters of base64url
	Hash      []byte // SHA-256 of the raw bytes
	CodeHash  []byte // of WithCode; nil if it has no code
	ExpiresAt time.Time
}

// How long what was mailed is good (ASVS 5.0, 6.6).
const (
	SignUpLife  = 24 * time.Hour
	ContactLife = 7 * 24 * time.Hour
	ResetLife   = 30 * time.Minute
	AddressLife = 24 * time.Hour // of a new sign-in address
)

// ErrToken says that a text cannot be a token.
var ErrToken = errors.New("not a token")

// NewToken makes a random token that is good until expires.
func NewToken(expires time.Time) Token {
	var b [tokenBytes]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
	hash := sha256.Sum256(b[:])
	return Token{Raw: base64.RawURLEncoding.EncodeToString(b[:]), Hash: hash[:], ExpiresAt: expires}
}

// NextToken makes the token that follows another one: always the same for the
// same key and token, so that whoever did not get the answer gets it again, and
// not to be guessed without the key.
func NextToken(key []byte, raw string, expires time.Time) Token {
	mac := hmac.New(sha256.New, key)
	_, _ = mac.Write([]byte("hinomi refresh " + raw)) // never fails
	b := mac.Sum(nil)
	hash := sha256.Sum256(b)
	return Token{Raw: base64.RawURLEncoding.EncodeToString(b), Hash: hash[:], ExpiresAt: expires}
}

// HashToken gives the hash under which a raw token is stored.
func HashToken(raw string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(raw)
	if err != nil || len(b) != tokenBytes {
		return nil, ErrToken
	}
	hash := sha256.Sum256(b)
	return hash[:], nil
}

// NewID makes a random UUID (RFC 9562, version 4).
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[0:4], b[4:6], b[6:8], b[8:10], b[10:])
}

var idForm = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// IsID tells whether a text can come from NewID.
func IsID(s string) bool { return idForm.MatchString(s) }
